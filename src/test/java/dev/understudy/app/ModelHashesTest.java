package dev.understudy.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Hashes of models that are there, are not, or will be. */
final class ModelHashesTest {
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final Path MODEL = Path.of("src/test/resources/models/wine/tensor/model.onnx");

    @TempDir
    Path models;

    private final List<Runnable> waiting = new ArrayList<>();
    private long nanos;

    private ModelHashes hashes() {
        return new ModelHashes(new UnderstudyConfig.Model("wine", models, "v1"), waiting::add, () -> nanos);
    }

    private void work() {
        List<Runnable> tasks = List.copyOf(waiting);
        waiting.clear();
        tasks.forEach(Runnable::run);
    }

    @Test
    void nothing_is_known_until_the_file_was_read_and_then_it_is_not_read_again() throws IOException {
        Files.copy(MODEL, Files.createDirectories(models.resolve("wine/v1")).resolve("model.onnx"));
        ModelHashes hashes = hashes();

        assertThat(hashes.apply(V1)).isEmpty();
        assertThat(hashes.apply(V1)).isEmpty();
        assertThat(waiting).hasSize(1);
        work();

        assertThat(hashes.apply(V1)).hasValueSatisfying(hash -> assertThat(hash).hasSize(64));
        assertThat(waiting).isEmpty();
    }

    @Test
    void what_cannot_be_read_is_tried_again_after_a_while_and_not_before() throws IOException {
        Path folder = Files.createDirectories(models.resolve("wine/v1"));
        ModelHashes hashes = hashes();
        hashes.apply(V1);
        work();
        Files.copy(MODEL, folder.resolve("model.onnx"));

        assertThat(hashes.apply(V1)).isEmpty();
        assertThat(waiting).isEmpty();
        nanos += Duration.ofMinutes(1).toNanos();
        hashes.apply(V1);
        work();
        assertThat(hashes.apply(V1)).isPresent();
    }
}
