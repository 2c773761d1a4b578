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

    /** A field is not what it should be; the message names it and what is expected, never its value. */
    public static final class BadFieldException extends Exception {
        private static final long serialVersionUID = 1;

        public BadFieldException(String message) {
            super(message, null, false, false);
        }
    }

    /** @param known all names that may stand in it */
    public JsonFields(JsonNode object, List<String> known) throws BadFieldException {
        this.object = object;
        for (var names = object.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!known.contains(name)) {
                throw new BadFieldException("unknown key '" + name + "'" + Suggestion.didYouMean(name, known)
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
            throw new BadFieldException("\"" + name + "\" must be a text");
        }
        return node.asText();
    }

    public @Nullable Double number(String name) throws BadFieldException {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
            throw new BadFieldException("\"" + name + "\" must be a finite number");
        }
        return node.doubleValue();
    }

    /** ISO-8601 or milliseconds since 1970, as milliseconds. */
    public @Nullable Long millis(String name) throws BadFieldException {
        JsonNode node = node(name);
        if (node == null) {
            return null;
        }
        return node.isIntegralNumber() ? (Long) node.longValue() : (Long) millisOf(name, node.asText());
    }

    /** ISO-8601 or milliseconds since 1970, as milliseconds. */
    public static long millisOf(String name, String text) throws BadFieldException {
        try {
            return text.matches("-?\\d{1,18}")
                    ? Long.parseLong(text)
                    : Instant.parse(text).toEpochMilli();
        } catch (DateTimeException e) {
            throw new BadFieldException(
                    "\"" + name + "\" must be a time such as 2026-11-22T10:00:00Z, or milliseconds since 1970");
        }
    }

    /** Texts by name; empty where the field is missing. */
    public Map<String, String> texts(String name) throws BadFieldException {
        Map<String, String> texts = new LinkedHashMap<>();
        JsonNode node = node(name);
        if (node != null && !node.isObject()) {
            throw new BadFieldException("\"" + name + "\" must be an object of texts by name");
        }
        if (node != null) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
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
            throw new BadFieldException("\"" + name + "\" must be an object of numbers by name");
        }
        if (node != null) {
            for (Map.Entry<String, JsonNode> entry : node.properties()) {
                if (!entry.getValue().isNumber()) {
                    throw new BadFieldException("\"" + name + "\" must be an object of numbers by name");
                }
                numbers.put(entry.getKey(), entry.getValue().doubleValue());
            }
        }
        return numbers;
    }
}
