package dev.understudy.evidence;

import java.time.Duration;

/**
 * The first bytes of every kind of evidence: version, kind, detail, regression unit bits, then the length of a time block
 * in milliseconds as an int. Evidence whose headers differ cannot be merged.
 */
final class Header {
    static final byte VERSION = 2;
    static final int SIZE = 8;

    static final byte PAIRS = 1;
    static final byte BATCHES = 2;
    static final byte OUTCOMES = 3;
    static final byte EXPOSURE = 4;

    private static final int AT_KIND = 1;
    private static final int AT_DETAIL = 2;
    private static final int AT_UNIT_BITS = 3;
    private static final int AT_BLOCK_MILLIS = 4;

    private Header() {}

    static void write(byte[] bytes, byte kind, Detail detail, int unitBits, Duration timeBlock) {
        bytes[0] = VERSION;
        bytes[AT_KIND] = kind;
        bytes[AT_DETAIL] = detail.code;
        bytes[AT_UNIT_BITS] = (byte) unitBits;
        Flat.putInt(bytes, AT_BLOCK_MILLIS, (int) timeBlock.toMillis());
    }

    static byte kind(byte[] bytes) {
        return bytes[AT_KIND];
    }

    static Detail detail(byte[] bytes) {
        return bytes[AT_DETAIL] == Detail.FULL.code ? Detail.FULL : Detail.GATES;
    }

    static int unitBits(byte[] bytes) {
        return bytes[AT_UNIT_BITS];
    }

    /** Bucket of the time block in which an event is. */
    static int blockBucket(byte[] bytes, long eventTimeMillis) {
        return (int) blockHash(bytes, eventTimeMillis) & (Buckets.K - 1);
    }

    static long blockHash(byte[] bytes, long eventTimeMillis) {
        return EntityHash.mix(Math.floorDiv(eventTimeMillis, Flat.getInt(bytes, AT_BLOCK_MILLIS)));
    }

    /**
     * Refuses bytes that are not evidence of the kind.
     *
     * @param gatesSize least size with {@link Detail#GATES}
     * @param fullSize least size with {@link Detail#FULL}
     */
    static byte[] check(byte[] bytes, byte kind, int gatesSize, int fullSize) {
        if (bytes.length < SIZE || bytes[0] != VERSION) {
            throw new IllegalArgumentException("evidence must have version " + VERSION + ", had "
                    + (bytes.length == 0 ? "no bytes" : "version " + bytes[0] + " and " + bytes.length + " bytes"));
        }
        if (bytes[AT_KIND] != kind) {
            throw new IllegalArgumentException(
                    "evidence must be of " + name(kind) + ", was of " + name(bytes[AT_KIND]));
        }
        int least = detail(bytes) == Detail.FULL ? fullSize : gatesSize;
        if (bytes.length < least) {
            throw new IllegalArgumentException(detail(bytes) + " evidence of " + name(kind) + " must have at least "
                    + least + " bytes, had " + bytes.length);
        }
        return bytes;
    }

    /** Refuses to merge what was counted differently. */
    static void requireSame(byte[] bytes, byte[] others) {
        for (int at = 0; at < SIZE; at++) {
            if (bytes[at] != others[at]) {
                throw new IllegalArgumentException(
                        "evidence must have the same kind, detail and shape to be merged, was " + describe(bytes)
                                + " and " + describe(others));
            }
        }
    }

    private static String describe(byte[] bytes) {
        return detail(bytes) + " evidence of " + name(bytes[AT_KIND]) + " with units of 2^-" + bytes[AT_UNIT_BITS]
                + ", blocks of " + Flat.getInt(bytes, AT_BLOCK_MILLIS) + " ms";
    }

    private static String name(byte kind) {
        return switch (kind) {
            case PAIRS -> "pairs";
            case BATCHES -> "batches";
            case OUTCOMES -> "outcomes";
            case EXPOSURE -> "exposure";
            default -> "unknown kind " + kind;
        };
    }
}
