package dev.understudy.evaluate;

import java.nio.ByteBuffer;

/**
 * What became of the outcomes that were read, over all pairs.
 *
 * @param joined found their request; each outcome counts once, however many candidates the request had
 * @param early of them, those observed before the request was made
 * @param late of them, those observed after the maturity
 * @param tooLate observed after the retention; left out
 * @param duplicate said again what was known; left out
 * @param conflicting contradicted what was known; left out
 * @param unmatched no comparison of their request has come
 */
public record OutcomeCounts(
        long joined, long early, long late, long tooLate, long duplicate, long conflicting, long unmatched) {
    /** Nothing was read. */
    public static final OutcomeCounts NONE = new OutcomeCounts(0, 0, 0, 0, 0, 0, 0);

    static final int SIZE = 7 * Long.BYTES;

    OutcomeCounts plus(OutcomeCounts other) {
        return new OutcomeCounts(
                joined + other.joined,
                early + other.early,
                late + other.late,
                tooLate + other.tooLate,
                duplicate + other.duplicate,
                conflicting + other.conflicting,
                unmatched + other.unmatched);
    }

    boolean isNone() {
        return equals(NONE);
    }

    byte[] encode() {
        return ByteBuffer.allocate(SIZE)
                .putLong(joined)
                .putLong(early)
                .putLong(late)
                .putLong(tooLate)
                .putLong(duplicate)
                .putLong(conflicting)
                .putLong(unmatched)
                .array();
    }

    static OutcomeCounts decode(ByteBuffer bytes) {
        return new OutcomeCounts(
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong(),
                bytes.getLong());
    }
}
