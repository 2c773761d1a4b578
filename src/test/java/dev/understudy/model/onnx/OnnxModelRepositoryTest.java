package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.model.BatchScorer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class OnnxModelRepositoryTest {
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final Path WINE = Expectations.MODELS.resolve("wine/tensor/model.onnx");

    @TempDir
    Path root;

    /** A clock that a test moves. */
    private static final class TestClock extends Clock {
        private volatile Instant now = Instant.parse("2026-01-01T00:00:00Z");

        @Override
        public ZoneId getZone() {
            return ZoneId.of("UTC");
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    @Test
    void version_becomes_ready_in_the_background() throws Exception {
        Files.createDirectories(root.resolve("wine/v1"));
        Files.copy(WINE, root.resolve("wine/v1/model.onnx"));
        try (OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), Clock.systemUTC())) {
            assertThat(repository.ifReady(V1)).isEmpty();
            await(() -> repository.ifReady(V1).isPresent());

            BatchScorer ready = repository.ifReady(V1).orElseThrow();
            assertThat(ready).isSameAs(repository.load(V1));
            assertThat(repository.failure(V1)).isEmpty();
        }
    }

    @Test
    void version_that_arrives_later_is_loaded_after_the_retry_time() throws Exception {
        Files.createDirectories(root.resolve("wine"));
        TestClock clock = new TestClock();
        OnnxSettings settings = new OnnxSettings(UnknownFeatures.IGNORE, Duration.ofSeconds(30));
        try (OnnxModelRepository repository = OnnxModelRepository.open(root, "wine", settings, clock)) {
            assertThat(repository.ifReady(V1)).isEmpty();
            await(() -> repository.failure(V1).isPresent());
            assertThat(repository.failure(V1).orElseThrow()).endsWith("wine has no version 'v1'; it has none");

            Files.createDirectories(root.resolve("wine/v1"));
            Files.copy(WINE, root.resolve("wine/v1/model.onnx"));
            clock.now = clock.now.plusSeconds(29);
            assertThat(repository.ifReady(V1)).isEmpty();
            assertThat(repository.failure(V1)).isPresent();
            clock.now = clock.now.plusSeconds(1);
            await(() -> repository.ifReady(V1).isPresent());
            assertThat(repository.failure(V1)).isEmpty();
        }
    }

    @Test
    void waiting_for_a_version_does_not_wait_for_the_retry_time() throws Exception {
        Files.createDirectories(root.resolve("wine"));
        try (OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), new TestClock())) {
            repository.ifReady(V1);
            await(() -> repository.failure(V1).isPresent());
            Files.createDirectories(root.resolve("wine/v1"));
            Files.copy(WINE, root.resolve("wine/v1/model.onnx"));

            assertThat(repository.load(V1).version()).isEqualTo(V1);
        }
    }

    @Test
    void loaded_version_stays_as_it_was_read() throws Exception {
        Files.createDirectories(root.resolve("wine/v1"));
        Path file = Files.copy(WINE, root.resolve("wine/v1/model.onnx"));
        try (OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), Clock.systemUTC())) {
            String before = repository.load(V1).sha256();
            Files.write(file, Files.readAllBytes(Expectations.MODELS.resolve("wine/softmax/model.onnx")));

            assertThat(repository.load(V1).sha256()).isEqualTo(before);
        }
    }

    @Test
    void versions_are_described_even_if_one_cannot_be_loaded() throws Exception {
        Files.createDirectories(root.resolve("wine/v1"));
        Files.copy(WINE, root.resolve("wine/v1/model.onnx"));
        Files.createDirectories(root.resolve("wine/v2"));
        Files.writeString(root.resolve("wine/v2/model.onnx"), "nonsense");
        Files.createDirectories(root.resolve("wine/.hidden"));
        Files.createDirectories(root.resolve("wine/notes"));
        try (OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), Clock.systemUTC())) {
            List<ModelDescription> described = repository.describe();

            assertThat(described).hasSize(2);
            assertThat(described.get(0).sha256()).hasSize(64);
            assertThat(described.get(0).sizeBytes()).isEqualTo(Files.size(WINE));
            assertThat(described.get(0).error()).isNull();
            assertThat(described.get(1).signature()).isNull();
            assertThat(described.get(1).error()).contains("v2/model.onnx cannot be loaded");
            assertThat(OnnxModelRepository.models(root)).containsExactly("wine");
        }
    }

    @Test
    void folders_that_hold_models_and_cannot_be_used_for_their_names_are_told_with_the_rule() throws Exception {
        for (String folder : List.of("wine/v1", "wine/v1.", "wine/.v2", "aux/v1", ".git/v1", "beer/com1")) {
            Files.createDirectories(root.resolve(folder));
            Files.copy(WINE, root.resolve(folder).resolve("model.onnx"));
        }
        Files.createDirectories(root.resolve("wine/notes of mine"));
        Files.createDirectories(root.resolve("lost+found"));

        assertThat(OnnxModelRepository.leftOut(root))
                .containsExactly(leftOut("aux"), leftOut("beer/com1"), leftOut("wine/v1."));
        try (OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), Clock.systemUTC())) {
            assertThat(repository.leftOut()).containsExactly(leftOut("wine/v1."));
            assertThat(repository.versions()).containsExactly(V1);
        }
    }

    private String leftOut(String folder) {
        return root.resolve(folder) + " is left out: its name must be " + ModelVersion.RULE;
    }

    @Test
    void one_session_gives_eight_threads_the_same_answers_as_one() throws Exception {
        var expected = Expectations.json("models.json").get("kinds/columns");
        List<Features> people = Expectations.rows(expected);
        List<Features> wines =
                Expectations.rows(Expectations.json("models.json").get("wine/tensor"));
        try (OnnxModel columns = Expectations.model("kinds/columns");
                OnnxModel wine = Expectations.model("wine/tensor")) {
            List<RowResult> people1 = columns.score(people).results();
            List<RowResult> wines1 = wine.score(wines).results();
            ExecutorService threads = Executors.newFixedThreadPool(8);
            try {
                List<Callable<Integer>> tasks = new ArrayList<>();
                for (int t = 0; t < 8; t++) {
                    int offset = t;
                    tasks.add(() -> {
                        int checked = 0;
                        for (int i = 0; i < 200; i++) {
                            int from = (i + offset) % (wines.size() - 1);
                            int to = from + 1 + (i % (wines.size() - from));
                            to = Math.min(to, wines.size());
                            assertThat(wine.score(wines.subList(from, to)).results())
                                    .isEqualTo(wines1.subList(from, to));
                            assertThat(columns.score(people).results()).isEqualTo(people1);
                            checked++;
                        }
                        return checked;
                    });
                }
                int checked = 0;
                for (Future<Integer> done : threads.invokeAll(tasks)) {
                    checked += done.get();
                }
                assertThat(checked).isEqualTo(1600);
            } finally {
                threads.shutdownNow();
            }
        }
    }

    @Test
    void closed_repository_loads_nothing_more() throws Exception {
        Files.createDirectories(root.resolve("wine/v1"));
        Files.copy(WINE, root.resolve("wine/v1/model.onnx"));
        OnnxModelRepository repository =
                OnnxModelRepository.open(root, "wine", OnnxSettings.pipeline(), Clock.systemUTC());
        BatchScorer loaded = repository.load(V1);

        repository.close();

        assertThat(repository.ifReady(V1)).isEqualTo(Optional.empty());
        assertThat(loaded.score(List.of(Expectations.row("{}"))).results().get(0))
                .isEqualTo(new RowResult.Failed("MODEL_FAILED", "version v1 is closed"));
    }

    private static void await(BooleanSupplier condition) {
        Instant end = Instant.now().plusSeconds(30);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("within 30 seconds").isBefore(end);
            Thread.onSpinWait();
        }
    }
}
