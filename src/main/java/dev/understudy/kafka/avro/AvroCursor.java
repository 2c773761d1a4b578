package dev.understudy.kafka.avro;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reads Avro binary from a part of an array and checks every bound: whatever the bytes are, it either gives what they
 * say or throws {@link UnreadableRecordException}, and never allocates more than the bytes could hold.
 *
 * <p>Positions in messages count from the start of the array, which is the record's value.
 */
final class AvroCursor {
    private static final VarHandle DOUBLE =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] bytes;
    private final int end;
    private int position;
    private int blockEnd = -1;

    AvroCursor(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
    }

    byte[] bytes() {
        return bytes;
    }

    int position() {
        return position;
    }

    long readLong(String field) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position >= end) {
                throw ended(field);
            }
            byte next = bytes[position++];
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                if (shift == 63 && next > 1) {
                    break;
                }
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw malformed(field, "a number of more than 64 bits");
    }

    int readInt(String field) {
        long value = readLong(field);
        if (value != (int) value) {
            throw malformed(field, "the number " + value + ", which is not a 32-bit integer");
        }
        return (int) value;
    }

    double readDouble(String field) {
        int start = skip(Double.BYTES, field);
        return (double) DOUBLE.get(bytes, start);
    }

    boolean readBoolean(String field) {
        byte value = bytes[skip(1, field)];
        if (value != 0 && value != 1) {
            throw malformed(field, "the byte " + (value & 0xff) + " where a boolean is 0 or 1");
        }
        return value == 1;
    }

    String readString(String field) {
        int length = readLength(field);
        int start = skip(length, field);
        return new String(bytes, start, length, StandardCharsets.UTF_8);
    }

    /** Reads the branch of a union with that many branches. */
    int readBranch(int branches, String field) {
        long branch = readLong(field);
        if (branch < 0 || branch >= branches) {
            throw malformed(field, "the union branch " + branch + " of " + branches);
        }
        return (int) branch;
    }

    /** Reads the place of an enum's value among that many symbols. */
    int readSymbol(int symbols, String field) {
        int symbol = readInt(field);
        if (symbol < 0 || symbol >= symbols) {
            throw malformed(field, "the enum symbol " + symbol + " of " + symbols);
        }
        return symbol;
    }

    /** Reads a length in bytes that what is left can hold. */
    int readLength(String field) {
        long length = readLong(field);
        if (length < 0) {
            throw malformed(field, "the negative length " + length);
        }
        if (length > end - position) {
            throw ended(field);
        }
        return (int) length;
    }

    /** Steps over that many bytes and returns where they begin. */
    int skip(int length, String field) {
        if (length > end - position) {
            throw ended(field);
        }
        int start = position;
        position += length;
        return start;
    }

    /**
     * Begins the next block of an array or map and returns its number of items; 0 is the end. Take {@link #blockEnd}
     * next, and give it to {@link #endBlock} after the items.
     *
     * @param leastBytes that an item takes: what is left bounds the number of items before anything is allocated
     */
    int beginBlock(int leastBytes, String field) {
        long count = readLong(field);
        blockEnd = -1;
        if (count < 0) {
            long size = readLong(field);
            if (size < 0 || size > end - position) {
                throw malformed(field, "a block of " + size + " bytes where " + (end - position) + " are left");
            }
            blockEnd = position + (int) size;
            count = -count;
        }
        if (count < 0 || count > (end - position) / leastBytes) {
            throw malformed(
                    field,
                    Long.toUnsignedString(count) + " items, which the " + (end - position)
                            + " bytes that are left cannot hold");
        }
        return (int) count;
    }

    /** Where the block just begun said that it ends, or -1 where it did not say. */
    int blockEnd() {
        return blockEnd;
    }

    void endBlock(int announcedEnd, String field) {
        if (announcedEnd >= 0 && position != announcedEnd) {
            throw malformed(field, "a block that does not have the size that it announces");
        }
    }

    /** Checks that nothing is left over. */
    void end() {
        if (position != end) {
            throw new UnreadableRecordException((end - position) + " bytes are left over after the record, from byte "
                    + position + ": it was written with another schema than it says, or is garbled");
        }
    }

    private UnreadableRecordException ended(String field) {
        return new UnreadableRecordException(
                "the record ends at byte " + end + " in the middle of " + field + ": it is truncated or garbled");
    }

    private UnreadableRecordException malformed(String field, String found) {
        return new UnreadableRecordException(field + " has " + found + " before byte " + position
                + ": the record is garbled or was written with another schema than it says");
    }
}
