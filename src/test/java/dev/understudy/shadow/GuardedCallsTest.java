package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.broker.Await;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.FakeModels;
import dev.understudy.model.FakeModels.FakeScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ScoredBatch;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Calls of real models under the guard. */
final class GuardedCallsTest {
    private static final ModelVersion LOOPS = new ModelVersion("loops");
    private static final ModelVersion HANGS = new ModelVersion("hangs");
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final Features FITTING = row(1.0 / 3);

    @TempDir
    Path folder;

    @Test
    void model_that_loops_is_ended_at_the_time_limit_and_its_next_call_is_not() throws Exception {
        try (CallGuard guard = guard(Duration.ofMillis(200), Duration.ofMinutes(1), () -> {});
                OnnxModelRepository models = models(guard)) {
            BatchScorer loops = models.load(LOOPS);
            GuardedScorer first = guard.guard(loops);

            List<VersionAnswer> answers = ModelCalls.score(first, List.of(row(0.5), row(0.25), row(0.125)));

            assertThat(answers)
                    .extracting(VersionAnswer::result)
                    .allSatisfy(result -> assertThat(result)
                            .isEqualTo(new RowResult.Failed(
                                    "TIMED_OUT",
                                    "version loops took longer for a batch than shadow.time-limit=200ms")));
            assertThat(first.outcome()).isEqualTo(Quarantine.Outcome.TIMED_OUT);
            GuardedScorer second = guard.guard(loops);
            assertThat(ModelCalls.score(second, List.of(row(1.0 / 3))).get(0).result())
                    .isInstanceOf(RowResult.Scored.class);
            assertThat(second.outcome()).isEqualTo(Quarantine.Outcome.ANSWERED);
        }
    }

    @Test
    void call_that_does_not_end_halts_the_process_and_the_next_one_refuses_the_version() throws Exception {
        CountDownLatch halted = new CountDownLatch(1);
        // The model needs some tenths of a second to reach the operator that hangs, and until then can be ended.
        CallGuard guard = guard(Duration.ofSeconds(3), Duration.ofSeconds(4), halted::countDown);
        OnnxModelRepository models = models(guard);
        BatchScorer hangs = models.load(HANGS);
        // It goes on for hours, and ends with this JVM.
        Thread caller = new Thread(() -> ModelCalls.score(guard.guard(hangs), List.of(row(0.5))));
        caller.setDaemon(true);
        caller.start();

        assertThat(halted.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(caller.isAlive()).isTrue();
        guard.close();
        try (CallGuard next = guard(Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {})) {
            assertThat(next.refusal(HANGS))
                    .hasValueSatisfying(why -> assertThat(why).contains("a call hung for"));
            assertThat(next.refusal(V1)).isEmpty();
        }
    }

    @Test
    void version_that_is_being_loaded_when_the_process_dies_is_remembered() throws Exception {
        for (int start = 0; start < 2; start++) {
            try (CallGuard guard = guard(Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {})) {
                assertThat(guard.refusal(V1)).isEmpty();
                // The marks as they stand in mid-load are what a process that dies there leaves behind.
                guard.load(V1, () -> copyMarks(folder.resolve("calls-in-flight"), folder.resolve("copy")));
            }
            Files.copy(folder.resolve("copy"), folder.resolve("calls-in-flight"), StandardCopyOption.REPLACE_EXISTING);
        }

        try (CallGuard guard = guard(Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {})) {
            assertThat(guard.refusal(V1))
                    .hasValueSatisfying(
                            why -> assertThat(why).endsWith("the shadow process died again while it was being called"));
        }
    }

    @Test
    void version_whose_call_ends_in_an_error_twice_is_refused_by_the_next_process() {
        FakeScorer greedy = new FakeModels().serve("v1", rows -> {
            throw new OutOfMemoryError("made by the test");
        });
        for (int start = 0; start < 2; start++) {
            try (CallGuard guard = guard(Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {})) {
                assertThat(guard.refusal(V1)).isEmpty();
                assertThatThrownBy(() -> ModelCalls.score(guard.guard(greedy), List.of(row(0.5))))
                        .isInstanceOf(OutOfMemoryError.class);
            }
        }

        try (CallGuard guard = guard(Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {})) {
            assertThat(guard.refusal(V1))
                    .hasValueSatisfying(
                            why -> assertThat(why).endsWith("the shadow process died again while it was being called"));
        }
    }

    @Test
    void version_does_not_time_out_by_being_measured() {
        Duration limit = Duration.ofSeconds(1);
        FakeScorer slow = new FakeModels().serve("v1", 0.5);
        slow.onCall(() -> {
            long end = System.nanoTime() + limit.toNanos() * 2 / 5;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        });
        try (CallGuard guard = guard(limit, Duration.ofSeconds(30), () -> {})) {
            GuardedScorer scorer = guard.guard(slow);
            List<Features> rows = List.of(row(0.5));

            scorer.first(rows);
            scorer.again(rows);
            ScoredBatch third = scorer.again(rows);

            assertThat(third.results()).singleElement().isInstanceOf(RowResult.Scored.class);
            assertThat(scorer.outcome()).isEqualTo(Quarantine.Outcome.ANSWERED);
        }
    }

    @Test
    void rows_that_do_not_fit_say_nothing_about_a_version_that_fails_every_call() {
        FakeScorer broken = new FakeModels().serveBroken("v1").takesOnly(row -> row == FITTING);
        try (CallGuard guard = guard(Duration.ofSeconds(1), Duration.ofSeconds(2), () -> {})) {
            GuardedScorer mixed = guard.guard(broken);
            ModelCalls.score(mixed, List.of(row(0.5), FITTING));
            assertThat(mixed.outcome()).isEqualTo(Quarantine.Outcome.FAILED);

            GuardedScorer unfit = guard.guard(broken);
            ModelCalls.score(unfit, List.of(row(0.5)));
            assertThat(unfit.outcome()).isEqualTo(Quarantine.Outcome.NOT_CALLED);
        }
    }

    @Test
    void version_that_is_suspected_of_a_death_is_called_while_no_other_is() throws Exception {
        Files.writeString(folder.resolve("calls-in-flight"), "v2\n");
        FakeModels models = new FakeModels();
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        FakeScorer innocent = models.serve("v1", 0.1).onCall(() -> {
            inside.countDown();
            awaitQuietly(leave);
        });
        AtomicBoolean innocentIsOver = new AtomicBoolean();
        AtomicBoolean calledAlone = new AtomicBoolean();
        FakeScorer suspect = models.serve("v2", 0.2).onCall(() -> calledAlone.set(innocentIsOver.get()));
        try (CallGuard guard = guard(Duration.ofMinutes(1), Duration.ofMinutes(2), () -> {})) {
            Thread first = new Thread(() -> {
                ModelCalls.score(guard.guard(innocent), List.of(row(0.5)));
            });
            Thread second = new Thread(() -> ModelCalls.score(guard.guard(suspect), List.of(row(0.5))));
            first.start();
            assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
            second.start();
            Await.until(
                    "the suspect waits for its turn",
                    Duration.ofSeconds(30),
                    () -> second.getState() == Thread.State.WAITING);
            innocentIsOver.set(true);
            leave.countDown();
            first.join();
            second.join();
        }

        assertThat(suspect.calls).hasSize(1);
        assertThat(calledAlone).isTrue();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void copyMarks(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CallGuard guard(Duration timeLimit, Duration hangLimit, Runnable halt) {
        ShadowSettings standard = ShadowSettings.standard();
        ShadowSettings settings = new ShadowSettings(
                standard.loadTimeout(),
                timeLimit,
                hangLimit,
                standard.quarantine(),
                standard.lagBudget(),
                0,
                List.of());
        return CallGuard.open(folder, settings, InstantSource.system(), halt);
    }

    private static OnnxModelRepository models(CallGuard guard) throws Exception {
        return OnnxModelRepository.open(
                Path.of("models"), "bench-linear", OnnxSettings.pipeline(), Clock.systemUTC(), guard);
    }

    /** All features alike; a multiple of 1/1024 makes the unruly models misbehave. */
    private static Features row(double value) {
        Map<String, FeatureValue> features = new LinkedHashMap<>();
        for (int feature = 0; feature < 30; feature++) {
            features.put("feature_%02d".formatted(feature), new FeatureValue.Real(value));
        }
        return new FeatureMap(features);
    }
}
