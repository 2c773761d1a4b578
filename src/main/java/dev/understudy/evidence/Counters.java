package dev.understudy.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * All histograms and the confusion of full evidence, unpacked: what {@link PairEvidence} keeps packed behind its
 * directory. Unpacking happens when the bytes must grow (a first value in a power of two, a counter that outgrows its
 * width, a new label), when evidence is merged and when it is read; adding an observation otherwise increments in place.
 */
final class Counters {
    /** Counters in a chunk; the bins of one power of two of a latency. */
    static final int CHUNK = 128;

    private static final int OCTAVES = 57;
    static final int LATENCY_PROD = 0;
    static final int LATENCY_CAND = OCTAVES;
    static final int SCORES_PROD = 2 * OCTAVES;
    static final int SCORES_CAND = SCORES_PROD + 1;
    /** 20 score bins of production at 0, of the candidate at 20; deciles of production at 40, of the candidate at 50. */
    static final int COARSE = SCORES_CAND + 1;

    static final int CONFUSION = COARSE + 1;
    static final int SIDE = Labels.MAX + 1;
    static final int CHUNKS = CONFUSION + 3;

    static final int FINE_BINS = 100;
    static final int SCORE_BINS = 20;
    static final int DECILES_AT = 40;
    static final int DECILES = 10;

    private List<String> labels;
    /** Null where a chunk has no counts. */
    private final long[][] chunks;

    private Counters(List<String> labels, long[][] chunks) {
        this.labels = labels;
        this.chunks = chunks;
    }

    static Counters read(byte[] bytes) {
        long[][] chunks = new long[CHUNKS][];
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            int entry = Flat.getInt(bytes, Layout.DIRECTORY + 4 * chunk);
            if (entry != 0) {
                chunks[chunk] = new long[CHUNK];
                for (int slot = 0; slot < CHUNK; slot++) {
                    chunks[chunk][slot] = get(bytes, entry, slot);
                }
            }
        }
        return new Counters(Labels.read(bytes), chunks);
    }

    /** The bytes before the labels, then labels and chunks packed anew. */
    byte[] write(byte[] fixed) {
        int[] widths = new int[CHUNKS];
        int size = Layout.LABELS + Labels.size(labels);
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            widths[chunk] = -1;
            if (chunks[chunk] != null) {
                long largest = Arrays.stream(chunks[chunk]).max().orElse(0);
                if (largest > 0) {
                    widths[chunk] = largest < 1L << 8 ? 0 : largest < 1L << 16 ? 1 : largest < 1L << 32 ? 2 : 3;
                    size += CHUNK << widths[chunk];
                }
            }
        }
        byte[] bytes = Arrays.copyOf(Arrays.copyOf(fixed, Layout.LABELS), size);
        Labels.write(bytes, labels);
        int at = Layout.LABELS + Labels.size(labels);
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
            int entry = widths[chunk] < 0 ? 0 : at << 2 | widths[chunk];
            Flat.putInt(bytes, Layout.DIRECTORY + 4 * chunk, entry);
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
    static boolean increment(byte[] bytes, int chunk, int slot) {
        int entry = Flat.getInt(bytes, Layout.DIRECTORY + 4 * chunk);
        if (entry == 0) {
            return false;
        }
        int at = entry >>> 2;
        switch (entry & 3) {
            case 0 -> {
                return ++bytes[at + slot] != 0 || undo(bytes, at + slot);
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

    private static boolean undo(byte[] bytes, int at) {
        bytes[at] = (byte) 0xFF;
        return false;
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
        chunk(chunk)[slot] += count;
    }

    /** Sets counters of a chunk to 0. */
    void clear(int chunk, int from, int length) {
        long[] counters = chunks[chunk];
        if (counters != null) {
            Arrays.fill(counters, from, from + length, 0);
        }
    }

    private long[] chunk(int chunk) {
        long[] counters = chunks[chunk];
        if (counters == null) {
            counters = new long[CHUNK];
            chunks[chunk] = counters;
        }
        return counters;
    }

    List<String> labels() {
        return labels;
    }

    /** {@code length} counters of a chunk. */
    long[] slice(int chunk, int from, int length) {
        long[] counters = chunks[chunk];
        return counters == null ? new long[length] : Arrays.copyOfRange(counters, from, from + length);
    }

    /** Production's labels in rows, the candidate's in columns. */
    long[][] confusion() {
        long[][] table = new long[SIDE][SIDE];
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            long[] counters = chunks[CONFUSION + cell / CHUNK];
            table[cell / SIDE][cell % SIDE] = counters == null ? 0 : counters[cell % CHUNK];
        }
        return table;
    }

    private void setConfusion(long[][] table) {
        for (int chunk = CONFUSION; chunk < CHUNKS; chunk++) {
            chunks[chunk] = null;
        }
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            long count = table[cell / SIDE][cell % SIDE];
            if (count != 0) {
                add(CONFUSION + cell / CHUNK, cell % CHUNK, count);
            }
        }
    }

    /**
     * Makes room for more labels; those that are pushed out of the table go to `other`.
     *
     * @return per index of the old table its index in the new one
     */
    int[] insertLabels(List<String> more) {
        TreeSet<String> all = new TreeSet<>(labels);
        all.addAll(more);
        List<String> smallest = new ArrayList<>(all).subList(0, Math.min(all.size(), Labels.MAX));
        int[] moved = indexesIn(smallest);
        setConfusion(move(confusion(), moved));
        labels = List.copyOf(smallest);
        return moved;
    }

    private int[] indexesIn(List<String> table) {
        int[] indexes = new int[labels.size()];
        for (int i = 0; i < indexes.length; i++) {
            int index = table.indexOf(labels.get(i));
            indexes[i] = index < 0 ? Labels.OTHER : index;
        }
        return indexes;
    }

    private static long[][] move(long[][] table, int[] moved) {
        long[][] result = new long[SIDE][SIDE];
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                int newRow = row < moved.length ? moved[row] : Labels.OTHER;
                int newColumn = column < moved.length ? moved[column] : Labels.OTHER;
                result[newRow][newColumn] += table[row][column];
            }
        }
        return result;
    }

    /**
     * Adds all of another's counters.
     *
     * @return per index of this table, then of the other's, the index in the merged table
     */
    int[][] merge(Counters other) {
        int[] mine = insertLabels(other.labels);
        int[] theirs = other.indexesIn(labels);
        long[][] table = confusion();
        long[][] more = move(other.confusion(), theirs);
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                table[row][column] += more[row][column];
            }
        }
        setConfusion(table);
        for (int chunk = 0; chunk < CONFUSION; chunk++) {
            long[] counters = other.chunks[chunk];
            if (counters != null) {
                for (int slot = 0; slot < CHUNK; slot++) {
                    add(chunk, slot, counters[slot]);
                }
            }
        }
        return new int[][] {mine, theirs};
    }

    /** Values in the latency histogram that starts at chunk {@code first}. */
    long latencyCount(int first) {
        long count = 0;
        for (int chunk = first; chunk < first + OCTAVES; chunk++) {
            count += chunks[chunk] == null ? 0 : Bins.total(chunks[chunk]);
        }
        return count;
    }

    /** Bin that holds the value of a rank, 1 being the smallest; the rank must not exceed the count. */
    int latencyBin(int first, long rank) {
        long seen = 0;
        for (int chunk = first; chunk < first + OCTAVES; chunk++) {
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
