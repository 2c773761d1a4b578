package dev.understudy.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Requests;
import dev.understudy.flags.FixedFlags;
import dev.understudy.model.FakeModels;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class HangWatchdogTest {
    private static final Duration LIMIT = Duration.ofMillis(200);

    @Test
    void model_call_that_hangs_halts_the_process_once() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch halted = new CountDownLatch(1);
        AtomicInteger halts = new AtomicInteger();
        FakeModels models = new FakeModels();
        models.serve("v1", rows -> {
            awaitQuietly(released);
            return List.of(FakeModels.broken());
        });
        try (HangWatchdog watchdog = new HangWatchdog(LIMIT, () -> {
            halts.incrementAndGet();
            halted.countDown();
        })) {
            RequestScorer scorer = new RequestScorer(
                    new FixedFlags("v1"),
                    models,
                    new DeclaredStages(),
                    watchdog,
                    System::nanoTime,
                    InstantSource.system());
            long start = System.nanoTime();
            Thread caller = new Thread(() -> scorer.apply(List.of(Requests.of("r", "a", 1)), System.nanoTime()));
            caller.start();

            assertThat(halted.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(LIMIT.toNanos());
            released.countDown();
            caller.join(20_000);
            assertThat(caller.isAlive()).isFalse();
            assertThat(halts).hasValue(1);
        }
    }

    @Test
    void many_calls_that_each_end_in_time_are_left_alone() {
        AtomicInteger halts = new AtomicInteger();
        Duration limit = Duration.ofSeconds(1);
        try (HangWatchdog watchdog = new HangWatchdog(limit, halts::incrementAndGet)) {
            long start = System.nanoTime();
            while (System.nanoTime() - start < limit.multipliedBy(2).toNanos()) {
                watchdog.watch(new ModelVersion("v1"), 1, () -> "answer");
            }

            assertThat(halts).hasValue(0);
        }
    }

    @Test
    void limit_that_is_not_positive_is_refused() {
        assertThatThrownBy(() -> new HangWatchdog(Duration.ZERO, () -> {}))
                .hasMessage("score.hang-limit must be positive, was PT0S");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
