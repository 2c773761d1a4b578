package dev.understudy.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.DurationText;
import dev.understudy.kafka.ClientProperties;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How values of the configuration are read, and in which words one is refused. */
final class ConfigValues {
    private static final int SHOWN = 80;
    private static final String MASK = "(not shown)";

    private ConfigValues() {}

    /** What the mapper has to know of values that are more than it knows itself. */
    static SimpleModule module() {
        return new SimpleModule()
                .addDeserializer(Duration.class, new DurationDeserializer())
                .addDeserializer(boolean.class, new BooleanDeserializer());
    }

    /** The key that an exception is about, such as {@code registry.urls[0]}. */
    static String key(JsonMappingException e) {
        String key = e.getPath().stream()
                .map(reference -> reference.getFieldName() == null
                        ? "[" + reference.getIndex() + "]"
                        : "." + reference.getFieldName())
                .collect(Collectors.joining());
        return key.startsWith(".") ? key.substring(1) : key;
    }

    /** What the value would have to be, and what it is: the end of a sentence that begins with the key. */
    static String expectation(JsonMappingException e, JsonNode tree) {
        JsonNode value = tree;
        for (JsonMappingException.Reference reference : e.getPath()) {
            value = reference.getFieldName() == null
                    ? value.path(reference.getIndex())
                    : value.path(reference.getFieldName());
        }
        String was = value instanceof MissingNode ? "" : ", was " + shown(key(e), value);
        return right(type(e), value) + was;
    }

    private static @Nullable Class<?> type(JsonMappingException e) {
        if (e instanceof MismatchedInputException mismatch) {
            return mismatch.getTargetType();
        }
        return e.getCause() instanceof InputCoercionException coercion ? coercion.getTargetType() : null;
    }

    private static String right(@Nullable Class<?> type, JsonNode value) {
        if (type == null) {
            return "is not of the form shown in understudy-defaults.yaml";
        }
        if (type == int.class || type == Integer.class) {
            return value.isIntegralNumber()
                    ? "must be at most " + Integer.MAX_VALUE
                    : "must be a whole number" + withoutQuotes(value);
        }
        if (type == double.class || type == Double.class) {
            return "must be a number" + withoutQuotes(value);
        }
        if (type == boolean.class) {
            return "must be true or false";
        }
        if (type == String.class) {
            return "must be a text";
        }
        if (type == Duration.class) {
            return "must be " + DurationText.FORM;
        }
        if (type == URI.class) {
            return "must be a URL such as http://localhost:8081";
        }
        if (Path.class.isAssignableFrom(type)) {
            return "must be a path";
        }
        if (type.isEnum()) {
            return "must be one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(Locale.ROOT);
        }
        if (Collection.class.isAssignableFrom(type)) {
            return "must be a list such as [a, b]";
        }
        return Map.class.isAssignableFrom(type) || type.isRecord()
                ? "must be a mapping"
                : "is not of the form shown in understudy-defaults.yaml";
    }

    /** A text that looks like a number was written in quotes. */
    private static String withoutQuotes(JsonNode value) {
        return value.isTextual() && value.textValue().matches("[-+]?\\d[\\d.]*") ? " without quotes" : "";
    }

    /** A constant as people write it, such as {@code last-known}. */
    static String name(Enum<?> constant) {
        String shown = constant.toString();
        return shown.equals(constant.name()) ? shown.toLowerCase(Locale.ROOT) : shown;
    }

    /** A value as messages show it; those of properties, among which are passwords, are not shown. */
    static String shown(String key, JsonNode value) {
        if (key.startsWith("kafka.properties") || key.startsWith("registry.properties")) {
            return kind(value);
        }
        String text = withoutUser(value.isTextual() ? "'" + value.textValue() + "'" : value.toString());
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
    }

    /** A value for people to look at, in YAML's short form, without what may be a secret. */
    static String masked(String key, JsonNode value) {
        if (key.endsWith(".properties") && value instanceof ObjectNode properties) {
            ObjectNode shown = JsonNodeFactory.instance.objectNode();
            for (Map.Entry<String, JsonNode> property : properties.properties()) {
                boolean isPublic = key.equals("kafka.properties") && ClientProperties.isPublic(property.getKey());
                shown.put(
                        property.getKey(),
                        isPublic ? withoutUser(property.getValue().asText()) : MASK);
            }
            return shown.toString();
        }
        return withoutUser(value.isTextual() && !value.textValue().isEmpty() ? value.textValue() : value.toString());
    }

    /** A URL may hold a user and a password. */
    static String withoutUser(String text) {
        return text.replaceAll("//[^/\\s\"]*@", "//" + MASK + "@");
    }

    /** What sort of value it is, for messages that cannot show it. */
    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT, POJO -> "a mapping";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            case STRING, BINARY -> "a text";
            case NULL, MISSING -> "nothing";
        };
    }

    private static final class DurationDeserializer extends StdScalarDeserializer<Duration> {
        private static final long serialVersionUID = 1;

        DurationDeserializer() {
            super(Duration.class);
        }

        @Override
        public @Nullable Duration deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = parser.getValueAsString();
            if (text == null) {
                return (Duration) context.handleUnexpectedToken(Duration.class, parser);
            }
            try {
                return DurationText.parse(text);
            } catch (IllegalArgumentException e) {
                throw context.weirdStringException(text, Duration.class, "no duration");
            }
        }
    }

    /** Beside true and false the words that YAML 1.1 takes for them, but only where a boolean is expected. */
    private static final class BooleanDeserializer extends StdScalarDeserializer<Boolean> {
        private static final long serialVersionUID = 1;

        BooleanDeserializer() {
            super(boolean.class);
        }

        @Override
        public @Nullable Boolean deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (parser.hasToken(JsonToken.VALUE_TRUE) || parser.hasToken(JsonToken.VALUE_FALSE)) {
                return parser.getBooleanValue();
            }
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                return (Boolean) context.handleUnexpectedToken(boolean.class, parser);
            }
            String text = parser.getText();
            return switch (text.toLowerCase(Locale.ROOT)) {
                case "true", "yes", "on" -> true;
                case "false", "no", "off" -> false;
                default -> throw context.weirdStringException(text, boolean.class, "no boolean");
            };
        }

        @Override
        public Boolean getNullValue(DeserializationContext context) throws JsonMappingException {
            throw MismatchedInputException.from(context.getParser(), boolean.class, "null");
        }
    }
}
