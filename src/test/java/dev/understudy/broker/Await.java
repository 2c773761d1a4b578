package dev.understudy.broker;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Waits in tests for a condition, never for a time: polls it, and fails with what was awaited once the bound is over. */
public final class Await {
    private static final Duration POLL = Duration.ofMillis(20);

    private Await() {}

    /** Returns once the condition holds; what the condition throws is thrown at once. */
    public static void until(String description, Duration bound, BooleanSupplier condition) {
        until(description, bound, condition, () -> null);
    }

    /** As {@link #until(String, Duration, BooleanSupplier)}; {@code seen} is asked for the failure message only. */
    public static void until(
            String description, Duration bound, BooleanSupplier condition, Supplier<@Nullable Object> seen) {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > bound.toNanos()) {
                Object last = seen.get();
                throw new AssertionError(
                        "not within " + bound + ": " + description + (last == null ? "" : "; last seen: " + last));
            }
            LockSupport.parkNanos(POLL.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new AssertionError("interrupted while waiting for: " + description);
            }
        }
    }

    /** Returns once the assertions pass; fails with the last of their failures as the cause. */
    public static void untilAsserted(String description, Duration bound, Runnable assertions) {
        long start = System.nanoTime();
        while (true) {
            try {
                assertions.run();
                return;
            } catch (AssertionError e) {
                if (System.nanoTime() - start > bound.toNanos()) {
                    throw new AssertionError(
                            "not within " + bound + ": " + description + "; last: " + e.getMessage(), e);
                }
            }
            LockSupport.parkNanos(POLL.toNanos());
        }
    }
}
