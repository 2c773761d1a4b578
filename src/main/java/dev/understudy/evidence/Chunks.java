package dev.understudy.evidence;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Counters unpacked from {@link PackedCounters}: chunks of 128. A histogram has a first chunk and an index from there,
 * which may run on into the next chunks.
 */
final class Chunks {
    /** Counters in a chunk; the bins of one power of two of a {@link LogHist} with m = 7. */
    static final int CHUNK = 128;

    /** Null where a chunk has no counts. */
    private final long[][] chunks;

    Chunks(int count) {
        chunks = new long[count][];
    }

    /** Null where a chunk has no counts. */
    long @Nullable [] get(int chunk) {
        return chunks[chunk];
    }

    void add(int first, int index, long count) {
        int chunk = first + index / CHUNK;
        if (chunks[chunk] == null) {
            chunks[chunk] = new long[CHUNK];
        }
        chunks[chunk][index % CHUNK] += count;
    }

    void merge(Chunks other) {
        for (int chunk = 0; chunk < chunks.length; chunk++) {
            long[] more = other.chunks[chunk];
            if (more != null) {
                for (int slot = 0; slot < CHUNK; slot++) {
                    add(chunk, slot, more[slot]);
                }
            }
        }
    }

    void clear(int first, int from, int length) {
        for (int index = from; index < from + length; index++) {
            long[] counters = chunks[first + index / CHUNK];
            if (counters != null) {
                counters[index % CHUNK] = 0;
            }
        }
    }

    long[] slice(int first, int from, int length) {
        long[] slice = new long[length];
        for (int i = 0; i < length; i++) {
            long[] counters = chunks[first + (from + i) / CHUNK];
            slice[i] = counters == null ? 0 : counters[(from + i) % CHUNK];
        }
        return slice;
    }

    /** Sum of all counters of a number of chunks. */
    long total(int first, int count) {
        long total = 0;
        for (int chunk = first; chunk < first + count; chunk++) {
            total += chunks[chunk] == null ? 0 : Arrays.stream(chunks[chunk]).sum();
        }
        return total;
    }

    /** Index that holds the value of a rank, 1 being the smallest; the rank must not exceed the total. */
    int indexOfRank(int first, int count, long rank) {
        long seen = 0;
        for (int chunk = first; chunk < first + count; chunk++) {
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
