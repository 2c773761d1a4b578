package dev.understudy.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.DurationText;
import dev.understudy.readiness.Gate;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every key of {@code understudy.yaml}, for people and for editors. Types are those of {@link UnderstudyConfig}, defaults and
 * explanations those of {@code understudy-defaults.yaml}.
 */
public final class ConfigReference {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final String DURATION = "^\\s*(" + DurationText.SHORT_FORM + "|[Pp].+)\\s*$";

    private final ObjectNode defaults;
    private final Map<String, String> explanations;

    ConfigReference(ObjectNode defaults, String text) {
        this.defaults = defaults;
        this.explanations = explanations(text);
    }

    /** A key with all that is known of it. */
    private record Key(String name, Type type, JsonNode byDefault, String explanation) {}

    /** JSON Schema 2020-12, for editors that complete and check YAML. */
    public ObjectNode schema() {
        ObjectNode schema = JSON.objectNode()
                .put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "understudy.yaml");
        section(schema, UnderstudyConfig.class, defaults, "");
        return schema;
    }

    private void section(ObjectNode schema, Class<?> type, ObjectNode values, String prefix) {
        schema.put("type", "object").put("additionalProperties", false);
        ObjectNode properties = schema.putObject("properties");
        for (RecordComponent component : type.getRecordComponents()) {
            String name = kebab(component);
            JsonNode value = values.path(name);
            ObjectNode property = properties.putObject(name);
            String explanation = explanations.getOrDefault(prefix + name, "");
            if (!explanation.isEmpty()) {
                property.put("description", explanation);
            }
            if (isSection(component)) {
                section(property, component.getType(), (ObjectNode) value, prefix + name + ".");
                property.putArray("type").add("object").add("null"); // a section may be left empty
            } else {
                property.setAll(leaf(component.getGenericType(), prefix + name));
                if (value.isNull()) {
                    nullable(property);
                } else {
                    property.set("default", value);
                }
            }
        }
    }

    private static ObjectNode leaf(Type type, String key) {
        if (type instanceof ParameterizedType generic) {
            boolean isList = Collection.class.isAssignableFrom((Class<?>) generic.getRawType());
            Type[] arguments = generic.getActualTypeArguments();
            ObjectNode schema = JSON.objectNode().put("type", isList ? "array" : "object");
            schema.set(isList ? "items" : "additionalProperties", element(arguments[arguments.length - 1], key));
            if (key.equals("readiness.margins")) {
                schema.set("propertyNames", gates());
            }
            return schema;
        }
        Class<?> raw = (Class<?>) type;
        if (raw == Duration.class) {
            return JSON.objectNode().put("type", "string").put("pattern", DURATION);
        }
        if (raw == URI.class) {
            return JSON.objectNode().put("type", "string").put("format", "uri");
        }
        if (raw == boolean.class) {
            return JSON.objectNode().put("type", "boolean");
        }
        if (raw == int.class) {
            return JSON.objectNode().put("type", "integer");
        }
        if (raw == double.class || raw == Double.class) {
            return JSON.objectNode().put("type", "number");
        }
        if (raw.isEnum()) {
            ObjectNode schema = JSON.objectNode();
            ArrayNode names = schema.putArray("enum");
            for (Object constant : raw.getEnumConstants()) {
                names.add(ConfigValues.name((Enum<?>) constant));
            }
            return schema;
        }
        return JSON.objectNode().put("type", "string");
    }

    private static ObjectNode gates() {
        ObjectNode schema = JSON.objectNode();
        ArrayNode names = schema.putArray("enum");
        for (Gate gate : Gate.values()) {
            names.add(gate.key());
        }
        return schema;
    }

    /** Values of properties may be written as YAML writes numbers and truth. */
    private static ObjectNode element(Type type, String key) {
        if (key.equals("readiness.gates")) {
            return gates();
        }
        if (!key.endsWith(".properties")) {
            return leaf(type, key);
        }
        ObjectNode schema = JSON.objectNode();
        schema.putArray("type").add("string").add("number").add("boolean");
        return schema;
    }

    private static void nullable(ObjectNode property) {
        ArrayNode types = JSON.arrayNode().add(property.path("type")).add("null");
        property.set("type", types);
        property.putNull("default");
    }

    /** Markdown: a table for each section. */
    public String markdown() {
        StringBuilder text = new StringBuilder();
        tables(text, UnderstudyConfig.class, defaults, "");
        return text.toString();
    }

    private void tables(StringBuilder text, Class<?> type, ObjectNode values, String prefix) {
        List<Key> keys = new ArrayList<>();
        List<RecordComponent> sections = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            String name = prefix + kebab(component);
            if (isSection(component)) {
                sections.add(component);
            } else {
                keys.add(new Key(
                        name,
                        component.getGenericType(),
                        values.path(kebab(component)),
                        explanations.getOrDefault(name, "")));
            }
        }
        if (!keys.isEmpty()) {
            text.append("\n## ").append(prefix, 0, prefix.length() - 1).append("\n\n");
            String about = explanations.getOrDefault(prefix.substring(0, prefix.length() - 1), "");
            if (!about.isEmpty()) {
                text.append(about).append("\n\n");
            }
            text.append("| key | type | default | |\n|---|---|---|---|\n");
            keys.forEach(key -> row(text, key));
        }
        for (RecordComponent section : sections) {
            tables(text, section.getType(), (ObjectNode) values.path(kebab(section)), prefix + kebab(section) + ".");
        }
    }

    private static void row(StringBuilder text, Key key) {
        text.append("| `")
                .append(key.name())
                .append("` | ")
                .append(typeName(key))
                .append(" | ")
                .append(shown(key.byDefault()))
                .append(" | ")
                .append(key.explanation().replace("|", "\\|").replace("<", "&lt;"))
                .append(" |\n");
    }

    private static String shown(JsonNode value) {
        if (value.isNull()) {
            return "none";
        }
        return "`" + (value.isTextual() && !value.textValue().isEmpty() ? value.textValue() : value.toString()) + "`";
    }

    private static String typeName(Key key) {
        if (key.type() instanceof ParameterizedType generic) {
            return Collection.class.isAssignableFrom((Class<?>) generic.getRawType()) ? "list" : "mapping";
        }
        Class<?> type = (Class<?>) key.type();
        if (type.isEnum()) {
            List<String> names = new ArrayList<>();
            for (Object constant : type.getEnumConstants()) {
                names.add("`" + ConfigValues.name((Enum<?>) constant) + "`");
            }
            return String.join(", ", names);
        }
        Map<Class<?>, String> names = Map.of(
                Duration.class,
                "duration",
                URI.class,
                "URL",
                boolean.class,
                "`true`, `false`",
                int.class,
                "whole number",
                double.class,
                "number",
                Double.class,
                "number",
                Path.class,
                "path");
        return names.getOrDefault(type, "text");
    }

    private static boolean isSection(RecordComponent component) {
        return component.getType().isRecord();
    }

    private static String kebab(RecordComponent component) {
        return new PropertyNamingStrategies.KebabCaseStrategy().translate(component.getName());
    }

    /** The comment above each key of the defaults, in one line; the file has two spaces a level and one key a line. */
    private static Map<String, String> explanations(String text) {
        Map<String, String> found = new LinkedHashMap<>();
        List<String> path = new ArrayList<>();
        StringBuilder comment = new StringBuilder();
        for (String line : text.lines().toList()) {
            String content = line.strip();
            if (content.startsWith("#")) {
                comment.append(comment.isEmpty() ? "" : " ")
                        .append(content.substring(1).strip());
            } else if (content.isEmpty()) {
                comment.setLength(0);
            } else if (content.contains(":")) {
                int depth = (line.length() - line.stripLeading().length()) / 2;
                while (path.size() > depth) {
                    path.remove(path.size() - 1);
                }
                path.add(content.substring(0, content.indexOf(':')));
                if (!comment.isEmpty()) {
                    found.put(String.join(".", path), comment.toString());
                }
                comment.setLength(0);
            }
        }
        return found;
    }
}
