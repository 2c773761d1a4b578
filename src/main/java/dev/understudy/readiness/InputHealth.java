package dev.understudy.readiness;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How fresh the evidence is.
 *
 * @param idle how long ago, by the wall clock, the last comparison of the pair arrived; null when none did
 * @param lag how far the reader is behind: age of the oldest comparison that is known to be unread; null when it is not
 *     behind or not known
 */
public record InputHealth(@Nullable Duration idle, @Nullable Duration lag) {
    /** Comparisons arrive and all are read. */
    public static InputHealth fresh() {
        return new InputHealth(Duration.ZERO, null);
    }
}
