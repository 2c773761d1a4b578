package dev.understudy.evidence;

import java.util.Arrays;

/**
 * Many counters of which few are not 0, in chunks of {@link #CHUNK} behind a directory. A chunk exists once one of its
 * counters is not 0, and its counters are 1, 2, 4 or 8 bytes wide, as the largest needs: both depend on the counters
 * alone, so equal counters have equal bytes.
 *
 * <p>Incrementing happens in place. Only when bytes must grow (a first value in a chunk, a counter that outgrows its
 * width), when evidence is merged and when it is read, the counters are unpacked into an object of this class.
 */
final class PackedCounters {
    /** Counters in a chunk; the bins of one power of two of a histogram with seven bits. */
    static final int CHUNK = 128;

    /** Null where a chunk has no counts. */
    private final long[][] chunks;

    private PackedCounters(long[][] chunks) {
        this.chunks = chunks;
    }

    /** Unpacks {@code count} chunks whose directory, an int each, stands at {@code directory}. */
    static PackedCounters read(byte[] bytes, int directory, int count) {
        long[][] chunks = new long[count][];
        for (int chunk = 0; chunk < count; chunk++) {
            int entry = Flat.getInt(bytes, directory + 4 * chunk);
            if (entry != 0) {
                chunks[chunk] = new long[CHUNK];
                for (int slot = 0; slot < CHUNK; slot++) {
                    chunks[chunk][slot] = get(bytes, entry, slot);
                }
            }
        }
        return new PackedCounters(chunks);
    }

    /** The head, which holds the directory, and behind it the chunks packed anew. */
    byte[] write(byte[] head, int directory) {
        int[] widths = new int[chunks.length];
        int size = head.length;
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            widths[chunk] = -1;
            if (chunks[chunk] != null) {
                long largest = Arrays.stream(chunks[chunk]).max().orElse(0);
                if (largest > 0) {
                    widths[chunk] = largest < 1L << 8 ? 0 : largest < 1L << 16 ? 1 : largest < 1L << 32 ? 2 : 3;
                    size += CHUNK << widths[chunk];
                }
            }
        }
        byte[] bytes = Arrays.copyOf(head, size);
        int at = head.length;
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            int entry = widths[chunk] < 0 ? 0 : at << 2 | widths[chunk];
            Flat.putInt(bytes, directory + 4 * chunk, entry);
            if (entry != 0) {
                for (int slot = 0; slot < CHUNK; slot++) {
                    put(bytes, entry, slot, chunks[chunk][slot]);
                }
                at += CHUNK << widths[chunk];
            }
        }
        return bytes;
    }

    /** Adds 1 in place; false when the counter's chunk does not exist or its width does not suffice. */
    static boolean increment(byte[] bytes, int directory, int chunk, int slot) {
        int entry = Flat.getInt(bytes, directory + 4 * chunk);
        if (entry == 0) {
            return false;
        }
        int at = entry >>> 2;
        switch (entry & 3) {
            case 0 -> {
                if (bytes[at + slot] == (byte) 0xFF) {
                    return false;
                }
                bytes[at + slot]++;
                return true;
            }
            case 1 -> {
                int next = Flat.getUnsignedShort(bytes, at + 2 * slot) + 1;
                if (next > 0xFFFF) {
                    return false;
                }
                Flat.putShort(bytes, at + 2 * slot, next);
                return true;
            }
            case 2 -> {
                int next = Flat.getInt(bytes, at + 4 * slot) + 1;
                if (next == 0) {
                    return false;
                }
                Flat.putInt(bytes, at + 4 * slot, next);
                return true;
            }
            default -> {
                Flat.addLong(bytes, at + 8 * slot, 1);
                return true;
            }
        }
    }

    /** Adds 1 behind a head of fixed size; returns the same array, or a larger one where it had to grow. */
    static byte[] increment(byte[] bytes, int headSize, int directory, int count, int chunk, int slot) {
        if (increment(bytes, directory, chunk, slot)) {
            return bytes;
        }
        PackedCounters counters = read(bytes, directory, count);
        counters.add(chunk, slot, 1);
        return counters.write(Arrays.copyOf(bytes, headSize), directory);
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

    void add(int chunk, int slot, long count) {
        long[] counters = chunks[chunk];
        if (counters == null) {
            counters = new long[CHUNK];
            chunks[chunk] = counters;
        }
        counters[slot] += count;
    }

    /** Adds another's counters in the chunks from {@code first} to before {@code end}. */
    void add(PackedCounters other, int first, int end) {
        for (int chunk = first; chunk < end; chunk++) {
            long[] counters = other.chunks[chunk];
            if (counters != null) {
                for (int slot = 0; slot < CHUNK; slot++) {
                    add(chunk, slot, counters[slot]);
                }
            }
        }
    }

    /** Sets counters of a chunk to 0. */
    void clear(int chunk, int from, int length) {
        long[] counters = chunks[chunk];
        if (counters != null) {
            Arrays.fill(counters, from, from + length, 0);
        }
    }

    /** {@code length} counters that begin in a chunk and may go on in those behind it. */
    long[] slice(int chunk, int from, int length) {
        long[] slice = new long[length];
        for (int i = 0; i < length; i++) {
            long[] counters = chunks[chunk + (from + i) / CHUNK];
            slice[i] = counters == null ? 0 : counters[(from + i) % CHUNK];
        }
        return slice;
    }

    /** Sum of the counters from chunk {@code first} to before {@code end}. */
    long total(int first, int end) {
        long total = 0;
        for (int chunk = first; chunk < end; chunk++) {
            total += chunks[chunk] == null ? 0 : Bins.total(chunks[chunk]);
        }
        return total;
    }

    /**
     * Index, counted from chunk {@code first}, of the counter in which the value of a rank is, 1 being the smallest; the
     * rank must not exceed {@link #total}.
     */
    int indexOfRank(int first, int end, long rank) {
        long seen = 0;
        for (int chunk = first; chunk < end; chunk++) {
            long[] counters = chunks[chunk];
            if (counters != null) {
                for (int slot = 0; slot < CHUNK; slot++) {
                    seen += counters[slot];
                    if (seen >= rank) {
                        return (chunk - first) * CHUNK + slot;
                    }
                }
            }
        }
        throw new IllegalArgumentException("rank " + rank + " is beyond the " + seen + " values counted");
    }
}
