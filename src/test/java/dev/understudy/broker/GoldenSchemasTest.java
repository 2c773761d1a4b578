package dev.understudy.broker;

import static dev.understudy.domain.GoldenBytes.assertWrittenAsBefore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.GoldenBytes;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The embedded registry's file as an earlier build left it. */
final class GoldenSchemasTest {
    private static final Schema NUMBER = new Schema.Parser()
            .parse("{\"type\": \"record\", \"name\": \"Number\", \"fields\": [{\"name\": \"n\", \"type\": \"long\"}]}");

    @TempDir
    Path folder;

    @Test
    void file_of_an_earlier_build_is_read_and_would_be_written_again() throws Exception {
        try (SchemaStore today = SchemaStore.open(folder.resolve("today"))) {
            today.register("predictions-value", NUMBER, (schema, earlier) -> {});
            today.register("comparisons-value", NUMBER, (schema, earlier) -> {});
            today.register("predictions-value", Schema.create(Schema.Type.STRING), (schema, earlier) -> {});
        }
        assertWrittenAsBefore("broker.schemas", Files.readAllBytes(folder.resolve("today")));

        Path before = Files.write(folder.resolve("before"), GoldenBytes.of("broker.schemas"));
        try (SchemaStore read = SchemaStore.open(before)) {
            assertThat(read.versions("predictions-value"))
                    .containsExactly(
                            new SchemaStore.Version("predictions-value", 1, 1, NUMBER),
                            new SchemaStore.Version("predictions-value", 2, 2, Schema.create(Schema.Type.STRING)));
            assertThat(read.versions("comparisons-value"))
                    .containsExactly(new SchemaStore.Version("comparisons-value", 1, 1, NUMBER));
        }
    }
}
