package dev.understudy.readiness;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fresh and how complete the evidence is.
 *
 * @param idle how long ago, by the wall clock, the last comparison of the pair arrived; null when none did
 * @param lag how far the reader is behind: age of what it reads; null when it is not behind or not known
 * @param flagsStale for how long the flags that decide who is served may have been out of date; null while they are fresh
 * @param ledgerGap comparisons that were due and never came, or came and were not due
 */
public record InputHealth(
        @Nullable Duration idle,
        @Nullable Duration lag,
        @Nullable Duration flagsStale,
        long ledgerGap) {
    /** Comparisons arrive, all are read and all are accounted for. */
    public static InputHealth fresh() {
        return new InputHealth(Duration.ZERO, null, null, 0);
    }
}
