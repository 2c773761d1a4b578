package dev.understudy.rows;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Suggestion;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the fields of a JSON object that people wrote. */
public final class JsonFields {
    private final JsonNode object;
    private final String prefix;

    /** A field is not what it should be; the message names it, its value and what is expected. */
    public static final class BadFieldException extends Exception {
        private static final long serialVersionUID = 1;

        public BadFieldException(String message) {
            super(message, null, false, false);
        }
    }

    /** @param known all names that may stand in it */
    public JsonFields(JsonNode object, List<String> known) throws BadFieldException {
        this(object, known, "");
    }

    /**
     * An object within another one.
     *
     * @param known all names that may stand in it
     * @param prefix what messages put before the names, such as {@code production.}
     */
    public JsonFields(JsonNode object, List<String> known, String prefix) throws BadFieldException {
        this.object = object;
        this.prefix = prefix;
        for (var names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new BadFieldException("unknown key '" + prefix + name + "'" + Suggestion.orFullStop(name, known)
                        + " Known keys: " + String.join(", ", known));
            }
        }
    }

    /** The node, or null where the field is missing or null. */
    public @Nullable JsonNode node(String name) {
        JsonNode node = object.get(name);
        return node == null || node.isNull() ? null : node;
    }

    /** A text, number or boolean as text. */
    public @Nullable String text(String name) throws BadFieldException {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isValueNode()) {
            throw wrong(name, "a text", node);
        }
        return node.asText();
    }

    public @Nullable Double number(String name) throws BadFieldException {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw wrong(name, "a finite number", node);
        }
        return node.doubleValue();
    }

    /** ISO-8601 or milliseconds since 1970, as milliseconds. */
    public @Nullable Long millis(String name) throws BadFieldException {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        return node.isIntegralNumber() && node.canConvertToLong()
                ? (Long) node.longValue()
                : (Long) millisOf(prefix + name, node.isTextual() ? node.textValue() : node.toString());
    }

    /** ISO-8601 or milliseconds since 1970, as milliseconds. */
    public static long millisOf(String name, String text) throws BadFieldException {
        try {
            return text.matches("-?\\d{1,18}")
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeException e) {
            throw new BadFieldException("\"" + name
                    + "\" must be a time such as 2026-11-22T10:00:00Z, or milliseconds since 1970, was '" + text + "'");
        }
    }

    /** The field is to be something else than it is. */
    public BadFieldException wrong(String name, String right, @Nullable JsonNode value) {
        return new BadFieldException("\"" + prefix + name + "\" must be " + right
                + (value == null ? ", but is missing" : ", was " + JsonProblem.shown(value)));
    }

    /** Texts by name; empty where the field is missing. */
    public Map<String, String> texts(String name) throws BadFieldException {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonNode node = node(name);
        if (node != null && !node.isObject()) {
            throw wrong(name, "an object of texts by name", node);
        }
        if (node != null) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                if (!entry.getValue().isValueNode()) {
                    throw wrong(name + "." + entry.getKey(), "a text", entry.getValue());
                }
                texts.put(entry.getKey(), entry.getValue().asText());
            }
        }
        return texts;
    }

    /** Numbers by name; empty where the field is missing. */
    public Map<String, Double> numbers(String name) throws BadFieldException {
        Map<String, Double> numbers = new LinkedHashMap<>();
        JsonNode node = node(name);
        if (node != null && !node.isObject()) {
            throw wrong(name, "an object of numbers by name", node);
        }
        if (node != null) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                if (!entry.getValue().isNumber()) {
                    throw wrong(name + "." + entry.getKey(), "a number", entry.getValue());
                }
                numbers.put(entry.getKey(), entry.getValue().doubleValue());
            }
        }
        return numbers;
    }
}
