package dev.understudy.evaluate;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;

/**
 * What the predictions of a partition say of the flags.
 *
 * @param throughMillis highest event time of those predictions, or {@link Long#MIN_VALUE} before the first
 * @param staleSince when the flags were last known to be fresh; empty while they are
 */
record FlagState(long throughMillis, Optional<Instant> staleSince) {
    static final FlagState NONE = new FlagState(Long.MIN_VALUE, Optional.empty());

    static final int SIZE = 2 * Long.BYTES;

    void encode(ByteBuffer out) {
        out.putLong(throughMillis).putLong(millis(staleSince));
    }

    static FlagState decode(ByteBuffer in) {
        return new FlagState(in.getLong(), instant(in.getLong()));
    }

    /** {@link Long#MIN_VALUE} for none. */
    static long millis(Optional<Instant> staleSince) {
        return staleSince.map(Instant::toEpochMilli).orElse(Long.MIN_VALUE);
    }

    /** The inverse of {@link #millis}. */
    static Optional<Instant> instant(long millis) {
        return millis == Long.MIN_VALUE ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }
}
