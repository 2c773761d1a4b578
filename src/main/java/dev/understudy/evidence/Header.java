package dev.understudy.evidence;

import java.util.Arrays;

/**
 * What all evidence begins with. Two pieces can be merged if and only if these bytes are equal.
 *
 * <pre>
 * version, kind, detail, regression unit bits: a byte each; time block in ms: 32 bits
 * </pre>
 */
final class Header {
    static final byte VERSION = 2;

    static final byte PAIRS = 1;
    static final byte BATCHES = 2;
    static final byte OUTCOMES = 3;
    static final byte EXPOSURE = 4;

    /** Bytes of the header. */
    static final int SIZE = 8;

    private static final int AT_VERSION = 0;
    private static final int AT_KIND = 1;
    private static final int AT_DETAIL = 2;
    private static final int AT_UNIT_BITS = 3;
    private static final int AT_BLOCK_MILLIS = 4;

    private Header() {}

    /** Zeros behind a header. */
    static byte[] create(int size, byte kind, Detail detail, int unitBits, long blockMillis) {
        byte[] bytes = new byte[size];
        bytes[AT_VERSION] = VERSION;
        bytes[AT_KIND] = kind;
        bytes[AT_DETAIL] = detail.code;
        bytes[AT_UNIT_BITS] = (byte) unitBits;
        Flat.putInt(bytes, AT_BLOCK_MILLIS, (int) blockMillis);
        return bytes;
    }

    static byte kind(byte[] bytes) {
        if (bytes.length < SIZE || bytes[AT_VERSION] != VERSION) {
            throw new IllegalArgumentException("evidence must have version " + VERSION + " and at least " + SIZE
                    + " bytes, had "
                    + (bytes.length == 0
                            ? "none"
                            : "version " + bytes[AT_VERSION] + " and " + bytes.length + " bytes"));
        }
        return bytes[AT_KIND];
    }

    /** The bytes, if they are of the kind and of at least the size that their detail needs. */
    static byte[] require(byte[] bytes, byte kind, int gatesSize, int fullSize) {
        if (kind(bytes) != kind) {
            throw new IllegalArgumentException(
                    "evidence must be of " + name(kind) + ", was of " + name(bytes[AT_KIND]));
        }
        int size = detail(bytes) == Detail.FULL ? fullSize : gatesSize;
        if (bytes.length < size) {
            throw new IllegalArgumentException((detail(bytes) == Detail.FULL ? "full" : "gates") + " evidence of "
                    + name(kind) + " must have at least " + size + " bytes, had " + bytes.length);
        }
        return bytes;
    }

    static void requireMergeable(byte[] into, byte[] from) {
        if (!Arrays.equals(into, 0, SIZE, from, 0, SIZE)) {
            throw new IllegalArgumentException("evidence must have the same kind, detail and shape to be merged, was "
                    + describe(into) + " and " + describe(from));
        }
    }

    static Detail detail(byte[] bytes) {
        return bytes[AT_DETAIL] == Detail.FULL.code ? Detail.FULL : Detail.GATES;
    }

    static int unitBits(byte[] bytes) {
        return bytes[AT_UNIT_BITS];
    }

    static int blockMillis(byte[] bytes) {
        return Flat.getInt(bytes, AT_BLOCK_MILLIS);
    }

    /** Hash of the time block in which an event falls. */
    static long blockHash(byte[] bytes, long eventTimeMillis) {
        return EntityHash.mix(Math.floorDiv(eventTimeMillis, blockMillis(bytes)));
    }

    private static String describe(byte[] bytes) {
        return name(bytes[AT_KIND]) + " with " + detail(bytes) + ", units of 2^-" + unitBits(bytes) + ", blocks of "
                + blockMillis(bytes) + " ms";
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
