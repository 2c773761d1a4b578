package dev.understudy.readiness;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fresh and complete the evidence is.
 *
 * @param idle how long ago, by the wall clock, the last comparison of the pair arrived; null when none did
 * @param lag how far the reader is behind: age of the oldest comparison that is known to be unread; null when it is not
 *     behind or not known
 * @param flagsStale how long the flag source has not been heard of; null when it is current or not known
 * @param missing comparisons that were due and did not come
 * @param surplus comparisons that came although none was due
 */
public record InputHealth(
        @Nullable Duration idle,
        @Nullable Duration lag,
        @Nullable Duration flagsStale,
        long missing,
        long surplus) {
    /** Comparisons arrive and all are read. */
    public static InputHealth fresh() {
        return new InputHealth(Duration.ZERO, null, null, 0, 0);
    }
}
