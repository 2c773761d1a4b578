package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;

class SchemaHistoryTest {
    private final ObjectMapper json = new ObjectMapper();

    @Test
    void records_of_every_release_stay_readable_in_both_directions() {
        assertThat(SchemaHistory.violations(SchemaHistory.current(), SchemaHistory.released()))
                .isEmpty();
    }

    @Test
    void the_first_release_holds_every_record_of_a_topic() {
        assertThat(release("0.1").keySet()).isEqualTo(SchemaHistory.current().keySet());
    }

    @Test
    void a_record_that_is_removed_is_found() {
        Map<String, Schema> current = new TreeMap<>(SchemaHistory.current());
        current.remove("Outcome");

        assertThat(SchemaHistory.violations(current, SchemaHistory.released()))
                .containsExactly("Outcome of release 0.1 is gone: topics still hold such records");
    }

    @Test
    void a_new_field_without_a_default_is_found() {
        assertThat(violationsAfter(outcome ->
                        fields(outcome).addObject().put("name", "unit").put("type", "string")))
                .singleElement()
                .asString()
                .contains("cannot read what release 0.1 wrote", "READER_FIELD_MISSING_DEFAULT_VALUE", "unit");
    }

    @Test
    void a_removed_field_without_a_default_is_found() {
        assertThat(violationsAfter(outcome -> remove(fields(outcome), "observedAt")))
                .singleElement()
                .asString()
                .contains("readers of release 0.1 cannot read what is written now", "observedAt");
    }

    @Test
    void a_changed_type_is_found_in_both_directions() {
        assertThat(violationsAfter(outcome -> field(outcome, "observedAt").put("type", "string")))
                .hasSize(2)
                .allMatch(violation -> violation.contains("TYPE_MISMATCH"));
    }

    @Test
    void a_new_field_with_a_default_is_no_violation() {
        assertThat(violationsAfter(outcome -> fields(outcome)
                        .addObject()
                        .put("name", "unit")
                        .put("type", "string")
                        .put("default", "EUR")))
                .isEmpty();
    }

    @Test
    void every_field_and_every_record_is_documented() throws IOException {
        List<String> undocumented = new ArrayList<>();
        try (Stream<Path> files = Files.list(Path.of("schemas"))) {
            List<Path> schemas =
                    files.filter(file -> file.toString().endsWith(".avsc")).toList();
            assertThat(schemas).hasSizeGreaterThanOrEqualTo(14);
            for (Path file : schemas) {
                collectUndocumented(
                        json.readTree(file.toFile()), file.getFileName().toString(), undocumented);
            }
        }
        assertThat(undocumented).isEmpty();
    }

    @Test
    void generated_classes_are_registered_without_what_the_generator_adds() {
        assertThat(SchemaHistory.current().values())
                .allSatisfy(schema -> assertThat(schema.toString()).doesNotContain("avro.java.string"));
    }

    private static void collectUndocumented(JsonNode node, String place, List<String> undocumented) {
        if (node.has("fields")) {
            if (node.path("doc").asText().isBlank()) {
                undocumented.add(place + ": record " + node.path("name").asText());
            }
            for (JsonNode field : node.path("fields")) {
                if (field.path("doc").asText().isBlank()) {
                    undocumented.add(place + ": " + node.path("name").asText() + "."
                            + field.path("name").asText());
                }
            }
        }
        node.forEach(child -> collectUndocumented(child, place, undocumented));
    }

    private List<String> violationsAfter(Consumer<ObjectNode> change) {
        Map<String, Schema> current = new TreeMap<>(SchemaHistory.current());
        try {
            ObjectNode outcome = (ObjectNode)
                    json.readTree(Objects.requireNonNull(current.get("Outcome")).toString());
            change.accept(outcome);
            current.put("Outcome", PlainSchema.parse(outcome.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return SchemaHistory.violations(current, Map.of("0.1", release("0.1")));
    }

    private static Map<String, Schema> release(String name) {
        return Objects.requireNonNull(SchemaHistory.released().get(name), "no release " + name);
    }

    private static ArrayNode fields(ObjectNode record) {
        return (ArrayNode) record.get("fields");
    }

    private static ObjectNode field(ObjectNode record, String name) {
        for (JsonNode field : fields(record)) {
            if (field.path("name").asText().equals(name)) {
                return (ObjectNode) field;
            }
        }
        throw new AssertionError("no field " + name);
    }

    private static void remove(ArrayNode fields, String name) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).path("name").asText().equals(name)) {
                fields.remove(i);
                return;
            }
        }
        throw new AssertionError("no field " + name);
    }
}
