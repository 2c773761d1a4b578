package dev.understudy.evidence;

import java.util.Arrays;

/**
 * Counters at the end of a byte array: a directory with an entry per chunk of 128 counters (0, or where the chunk starts
 * and how wide its counters are), and the chunks in the order of the directory. A chunk exists once one of its counters
 * is not 0, and its counters are 1, 2, 4 or 8 bytes wide, as its largest needs: both depend on the counters alone, so
 * equal counters have equal bytes. Counting increments in place and allocates only when the array must grow.
 *
 * @param directory where the directory starts
 * @param count chunks in the directory
 */
record PackedCounters(int directory, int count) {
    /** Bytes of the directory. */
    static int directorySize(int count) {
        return 4 * count;
    }

    /** Adds 1 in place; false when the counter's chunk does not exist or its width does not suffice. */
    boolean increment(byte[] bytes, int first, int index) {
        int slot = index % Chunks.CHUNK;
        int entry = Flat.getInt(bytes, directory + 4 * (first + index / Chunks.CHUNK));
        if (entry == 0) {
            return false;
        }
        int at = entry >>> 2;
        switch (entry & 3) {
            case 0 -> {
                int next = (bytes[at + slot] & 0xFF) + 1;
                if (next > 0xFF) {
                    return false;
                }
                bytes[at + slot] = (byte) next;
            }
            case 1 -> {
                int next = Flat.getUnsignedShort(bytes, at + 2 * slot) + 1;
                if (next > 0xFFFF) {
                    return false;
                }
                Flat.putShort(bytes, at + 2 * slot, next);
            }
            case 2 -> {
                int next = Flat.getInt(bytes, at + 4 * slot) + 1;
                if (next == 0) {
                    return false;
                }
                Flat.putInt(bytes, at + 4 * slot, next);
            }
            default -> Flat.addLong(bytes, at + 8 * slot, 1);
        }
        return true;
    }

    /** Adds 1 to a counter for which there was no room. The bytes before {@code begin}, where chunks start, stay. */
    byte[] grow(byte[] bytes, int begin, int first, int index) {
        Chunks chunks = read(bytes);
        chunks.add(first, index, 1);
        return write(bytes, begin, chunks);
    }

    /** The bytes of {@code into} with the counters of both; where both have their chunks start at {@code begin}. */
    byte[] merge(byte[] into, byte[] from, int begin) {
        Chunks chunks = read(into);
        chunks.merge(read(from));
        return write(into, begin, chunks);
    }

    Chunks read(byte[] bytes) {
        Chunks chunks = new Chunks(count);
        for (int chunk = 0; chunk < count; chunk++) {
            int entry = Flat.getInt(bytes, directory + 4 * chunk);
            if (entry != 0) {
                for (int slot = 0; slot < Chunks.CHUNK; slot++) {
                    chunks.add(chunk, slot, get(bytes, entry, slot));
                }
            }
        }
        return chunks;
    }

    /** The first {@code begin} bytes with the directory made anew, then the chunks. */
    byte[] write(byte[] bytes, int begin, Chunks chunks) {
        int[] widths = new int[count];
        int size = begin;
        for (int chunk = 0; chunk < count; chunk++) {
            long[] counters = chunks.get(chunk);
            long largest = counters == null ? 0 : Arrays.stream(counters).max().orElse(0);
            widths[chunk] =
                    largest == 0 ? -1 : largest < 1L << 8 ? 0 : largest < 1L << 16 ? 1 : largest < 1L << 32 ? 2 : 3;
            size += widths[chunk] < 0 ? 0 : Chunks.CHUNK << widths[chunk];
        }
        byte[] packed = new byte[size];
        System.arraycopy(bytes, 0, packed, 0, begin);
        int at = begin;
        for (int chunk = 0; chunk < count; chunk++) {
            long[] counters = chunks.get(chunk);
            int entry = counters == null || widths[chunk] < 0 ? 0 : at << 2 | widths[chunk];
            Flat.putInt(packed, directory + 4 * chunk, entry);
            if (counters != null && entry != 0) {
                for (int slot = 0; slot < Chunks.CHUNK; slot++) {
                    put(packed, entry, slot, counters[slot]);
                }
                at += Chunks.CHUNK << widths[chunk];
            }
        }
        return packed;
    }

    private static long get(byte[] bytes, int entry, int slot) {
        int at = entry >>> 2;
        return switch (entry & 3) {
            case 0 -> bytes[at + slot] & 0xFF;
            case 1 -> Flat.getUnsignedShort(bytes, at + 2 * slot);
            case 2 -> Integer.toUnsignedLong(Flat.getInt(bytes, at + 4 * slot));
            default -> Flat.getLong(bytes, at + 8 * slot);
        };
    }

    private static void put(byte[] bytes, int entry, int slot, long value) {
        int at = entry >>> 2;
        switch (entry & 3) {
            case 0 -> bytes[at + slot] = (byte) value;
            case 1 -> Flat.putShort(bytes, at + 2 * slot, (int) value);
            case 2 -> Flat.putInt(bytes, at + 4 * slot, (int) value);
            default -> Flat.putLong(bytes, at + 8 * slot, value);
        }
    }
}
