package dev.understudy.flags.file;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Tells when what is seen has stayed the same for long enough to be meant. */
final class Settling {
    private final long settleNanos;
    private @Nullable Sighting last;
    private long sinceNanos;

    Settling(Duration settle) {
        this.settleNanos = settle.toNanos();
    }

    /** Whether this was also seen at least the settling time ago, and nothing else in between. */
    boolean isSettled(Sighting seen, long nowNanos) {
        if (!seen.equals(last)) {
            last = seen;
            sinceNanos = nowNanos;
        }
        return nowNanos - sinceNanos >= settleNanos;
    }
}
