package dev.understudy.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SchemaStoreTest {
    private static final Schema ONE =
            SchemaBuilder.record("One").fields().requiredLong("a").endRecord();
    private static final Schema TWO =
            SchemaBuilder.record("Two").fields().requiredLong("a").endRecord();

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void name_the_file() {
        file = directory.resolve("schemas.jsonl");
    }

    @Test
    void schemas_and_ids_are_there_after_reopening() throws Exception {
        try (SchemaStore store = SchemaStore.open(file)) {
            register(store, "s", ONE);
            register(store, "s", TWO);
            register(store, "t", TWO);
        }
        try (SchemaStore store = SchemaStore.open(file)) {
            assertThat(store.subjects()).containsExactly("s", "t");
            assertThat(store.versions("s"))
                    .containsExactly(new SchemaStore.Version("s", 1, 1, ONE), new SchemaStore.Version("s", 2, 2, TWO));
            assertThat(store.versions("t")).containsExactly(new SchemaStore.Version("t", 1, 2, TWO));
            assertThat(register(store, "t", ONE).id()).isEqualTo(1);
        }
    }

    @Test
    void registering_again_changes_nothing() throws Exception {
        try (SchemaStore store = SchemaStore.open(file)) {
            SchemaStore.Version first = register(store, "s", ONE);
            long size = Files.size(file);

            assertThat(register(store, "s", new Schema.Parser().parse(ONE.toString())))
                    .isEqualTo(first);
            assertThat(Files.size(file)).isEqualTo(size);
        }
    }

    @Test
    void refused_schema_is_not_kept() throws Exception {
        try (SchemaStore store = SchemaStore.open(file)) {
            assertThatThrownBy(() -> store.register("s", ONE, (schema, earlier) -> {
                        throw new RegistryException(409, 409, "no");
                    }))
                    .hasMessage("no");
        }
        try (SchemaStore store = SchemaStore.open(file)) {
            assertThat(store.subjects()).isEmpty();
        }
    }

    @Test
    void line_that_a_kill_cut_short_is_dropped_and_its_id_given_anew() throws Exception {
        try (SchemaStore store = SchemaStore.open(file)) {
            register(store, "s", ONE);
            register(store, "s", TWO);
        }
        byte[] whole = Files.readAllBytes(file);
        int firstLine = Files.readString(file).indexOf('\n') + 1;
        for (int length : List.of(firstLine + 1, (firstLine + whole.length) / 2, whole.length - 1)) {
            Files.write(file, Arrays.copyOf(whole, length));
            try (SchemaStore store = SchemaStore.open(file)) {
                assertThat(store.versions("s")).as("cut at byte %d", length).hasSize(1);
                assertThat(register(store, "s", TWO).id()).isEqualTo(2);
            }
            assertThat(Files.readAllBytes(file)).isEqualTo(whole);
        }
    }

    @Test
    void damage_in_the_middle_stops_the_start_and_names_the_line() throws Exception {
        try (SchemaStore store = SchemaStore.open(file)) {
            register(store, "s", ONE);
        }
        Files.writeString(file, "{\"subject\":\"s\",\"version\":7,\"id\":2}\n", StandardOpenOption.APPEND);

        assertThatThrownBy(() -> SchemaStore.open(file))
                .isInstanceOf(StartRefusedException.class)
                .hasMessageStartingWith("line 2 of the registry's schemas " + file + " is damaged");
    }

    private static SchemaStore.Version register(SchemaStore store, String subject, Schema schema) throws Exception {
        return store.register(subject, schema, (candidate, earlier) -> {});
    }
}
