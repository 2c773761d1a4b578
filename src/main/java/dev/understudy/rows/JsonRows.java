package dev.understudy.rows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Suggestion;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object a line: {@code {"features": {"age": 41}, "requestId": "r1", "entityId": "u7", "attributes": {"region":
 * "eu"}, "outcome": "1"}}, of which only {@code features} is required. Values keep their JSON types; arrays of numbers,
 * nested or not, are vectors.
 */
final class JsonRows implements RowParser {
    private static final List<String> KEYS = List.of("features", "requestId", "entityId", "attributes", "outcome");

    private final ObjectReader reader = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .reader();

    @Override
    public @Nullable Row next(LineSource lines, long number) throws IOException {
        String text = lines.nextWritten();
        return text == null ? null : parse(text, number, lines.number());
    }

    private Row parse(String text, long number, long line) {
        if (text.indexOf('\uFFFD') >= 0) {
            return new Row.Bad(number, line, "line " + line + ": not valid UTF-8");
        }
        try {
            JsonNode root = reader.readTree(text);
            if (!root.isObject()) {
                throw new BadRow((root.isArray() ? "a JSON array" : "not a JSON object")
                        + "; one object a line is expected, such as {\"features\": {\"age\": 41}}");
            }
            for (var names = root.fieldNames(); names.hasNext(); ) {
                String name = names.next();
                if (!KEYS.contains(name)) {
                    throw new BadRow("unknown key '" + name + "'" + Suggestion.orFullStop(name, KEYS) + " Known keys: "
                            + String.join(", ", KEYS) + "; features go under \"features\"");
                }
            }
            JsonNode features = root.get("features");
            if (features == null || !features.isObject()) {
                throw new BadRow("\"features\" must be an object of features by name");
            }
            Map<String, FeatureValue> values = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> feature : features.properties()) {
                values.put(feature.getKey(), value(feature.getKey(), feature.getValue()));
            }
            return new Row.Good(
                    number,
                    line,
                    new FeatureMap(values),
                    text(root, "requestId"),
                    text(root, "entityId"),
                    attributes(root.get("attributes")),
                    text(root, "outcome"));
        } catch (JsonProcessingException notJson) {
            return new Row.Bad(number, line, "line " + line + ": " + JsonProblem.of(notJson));
        } catch (BadRow bad) {
            return new Row.Bad(number, line, "line " + line + ": " + bad.getMessage());
        }
    }

    /** Why a line is not a row. */
    private static final class BadRow extends Exception {
        private static final long serialVersionUID = 1;

        BadRow(String message) {
            super(message, null, false, false);
        }
    }

    private static FeatureValue value(String name, JsonNode node) throws BadRow {
        if (node.isNull()) {
            return new FeatureValue.Missing();
        }
        if (node.isBoolean()) {
            return new FeatureValue.Bool(node.booleanValue());
        }
        if (node.isTextual()) {
            return new FeatureValue.Text(node.textValue());
        }
        if (node.isIntegralNumber() && node.canConvertToLong()) {
            return new FeatureValue.Whole(node.longValue());
        }
        if (node.isNumber()) {
            return new FeatureValue.Real(node.doubleValue());
        }
        if (node.isArray()) {
            DoubleStream.Builder numbers = DoubleStream.builder();
            flatten(name, node, numbers);
            return new FeatureValue.Vector(numbers.build().toArray());
        }
        throw new BadRow(
                "feature '" + name + "' is an object; a number, text, boolean, null or array of numbers is expected");
    }

    private static void flatten(String name, JsonNode array, DoubleStream.Builder into) throws BadRow {
        for (JsonNode element : array) {
            if (element.isArray()) {
                flatten(name, element, into);
            } else if (element.isNumber()) {
                into.add(element.doubleValue());
            } else if (element.isNull()) {
                into.add(Double.NaN);
            } else {
                throw new BadRow("feature '" + name + "' is an array that holds something other than numbers");
            }
        }
    }

    private static Optional<String> text(JsonNode root, String key) throws BadRow {
        JsonNode node = root.get(key);
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        if (!node.isValueNode()) {
            throw new BadRow("\"" + key + "\" must be a text");
        }
        return Optional.of(node.asText());
    }

    private static Map<String, String> attributes(@Nullable JsonNode node) throws BadRow {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (node == null || node.isNull()) {
            return attributes;
        }
        if (!node.isObject()) {
            throw new BadRow("\"attributes\" must be an object of texts by name");
        }
        for (Map.Entry<String, JsonNode> attribute : node.properties()) {
            if (!attribute.getValue().isValueNode() || attribute.getValue().isNull()) {
                throw new BadRow("attribute '" + attribute.getKey() + "' must be a text");
            }
            attributes.put(attribute.getKey(), attribute.getValue().asText());
        }
        return attributes;
    }
}
