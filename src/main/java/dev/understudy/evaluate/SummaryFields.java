package dev.understudy.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.evaluate.Verified.Difference;
import dev.understudy.kafka.avro.AvroJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Compares summaries field by field, for people. */
final class SummaryFields {
    private static final String NONE = "nothing";

    /** What goes back to when the evaluation began, whatever the stage; no gate and no verdict looks at it. */
    private static final List<String> BEYOND_STAGE = List.of(
            "outcomes", "provenance.replaysDropped", "provenance.lateDropped", "provenance.undeclaredSegmentValues");

    private SummaryFields() {}

    static List<Difference> differences(ReadinessSummary published, ReadinessSummary recomputed) {
        Map<String, String> before = fields(published);
        Map<String, String> after = fields(recomputed);
        Map<String, String> all = new TreeMap<>(before);
        all.putAll(after);
        List<Difference> differences = new ArrayList<>();
        for (String field : all.keySet()) {
            String was = before.getOrDefault(field, NONE);
            String is = after.getOrDefault(field, NONE);
            if (!was.equals(is)) {
                differences.add(new Difference(field, was, is));
            }
        }
        return differences;
    }

    /** Whether the field counts more than the records of the stage. */
    static boolean isBeyondStage(Difference difference) {
        return BEYOND_STAGE.stream()
                .anyMatch(field ->
                        difference.field().equals(field) || difference.field().startsWith(field + "."));
    }

    private static Map<String, String> fields(ReadinessSummary summary) {
        Map<String, String> fields = new TreeMap<>();
        collect("", AvroJson.of(summary), fields);
        return fields;
    }

    private static void collect(String path, JsonNode node, Map<String, String> fields) {
        if (node.isObject()) {
            node.properties().forEach(field -> collect(below(path, field.getKey()), field.getValue(), fields));
        } else if (node.isArray()) {
            for (int i = 0; i < node.size(); i++) {
                collect(below(path, Integer.toString(i)), node.get(i), fields);
            }
        } else if (!node.isNull()) {
            fields.put(path, node.asText());
        }
    }

    private static String below(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }
}
