package dev.understudy.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/**
 * All histograms and the confusion of full {@link PairEvidence}, unpacked. Unpacking happens when the bytes must grow (a
 * first value in a power of two, a counter that outgrows its width, a new label), when evidence is merged and when it is
 * read; adding an observation otherwise increments in place.
 */
final class Counters {
    static final int LATENCY_PROD = 0;
    static final int LATENCY_CAND = LatencyHistogram.OCTAVES;
    static final int SCORES_PROD = 2 * LatencyHistogram.OCTAVES;
    static final int SCORES_CAND = SCORES_PROD + 1;
    /** 20 score bins of production at 0, of the candidate at 20; deciles of production at 40, of the candidate at 50. */
    static final int COARSE = SCORES_CAND + 1;
    /** Production's regression values: from 0 up, and the absolute values of those below 0. */
    static final int VALUES = COARSE + 1;

    static final int NEGATIVE_VALUES = VALUES + ValueHistogram.OCTAVES;
    static final int CONFUSION = NEGATIVE_VALUES + ValueHistogram.OCTAVES;
    static final int SIDE = Labels.MAX + 1;
    static final int CHUNKS = CONFUSION + (SIDE * SIDE + Chunks.CHUNK - 1) / Chunks.CHUNK;

    static final int FINE_BINS = 100;
    static final int SCORE_BINS = 20;
    static final int DECILES_AT = 40;
    static final int DECILES = 10;

    private List<String> labels;
    private final Chunks chunks;

    private Counters(List<String> labels, Chunks chunks) {
        this.labels = labels;
        this.chunks = chunks;
    }

    static Counters read(byte[] bytes) {
        return new Counters(Labels.read(bytes), PairLayout.COUNTERS.read(bytes));
    }

    /** The bytes before the labels, then labels and chunks packed anew. */
    byte[] write(byte[] fixed) {
        byte[] bytes = Arrays.copyOf(fixed, PairLayout.LABELS + Labels.size(labels));
        Labels.write(bytes, labels);
        return PairLayout.COUNTERS.write(bytes, bytes.length, chunks);
    }

    Chunks chunks() {
        return chunks;
    }

    List<String> labels() {
        return labels;
    }

    long[] slice(int first, int from, int length) {
        return chunks.slice(first, from, length);
    }

    /** Production's labels in rows, the candidate's in columns. */
    long[][] confusion() {
        long[][] table = new long[SIDE][];
        for (int row = 0; row < SIDE; row++) {
            table[row] = chunks.slice(CONFUSION, row * SIDE, SIDE);
        }
        return table;
    }

    /**
     * Makes room for more labels; those that are pushed out of the table go to `other`.
     *
     * @param more labels that are not yet there
     */
    void insertLabels(List<String> more) {
        TreeSet<String> all = new TreeSet<>(labels);
        all.addAll(more);
        List<String> smallest = List.copyOf(new ArrayList<>(all).subList(0, Math.min(all.size(), Labels.MAX)));
        long[][] table = moved(smallest);
        chunks.clear(CONFUSION, 0, SIDE * SIDE);
        addConfusion(table);
        labels = smallest;
    }

    /** The confusion in the order of another table of labels. */
    private long[][] moved(List<String> order) {
        long[][] table = confusion();
        long[][] result = new long[SIDE][SIDE];
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                result[place(order, row)][place(order, column)] += table[row][column];
            }
        }
        return result;
    }

    private int place(List<String> order, int index) {
        int place = index < labels.size() ? order.indexOf(labels.get(index)) : -1;
        return place < 0 ? Labels.OTHER : place;
    }

    private void addConfusion(long[][] table) {
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            chunks.add(CONFUSION, cell, table[cell / SIDE][cell % SIDE]);
        }
    }

    /** Adds all of another's counters, which it may change. */
    void merge(Counters other) {
        insertLabels(other.labels);
        long[][] table = other.moved(labels);
        other.chunks.clear(CONFUSION, 0, SIDE * SIDE);
        chunks.merge(other.chunks);
        addConfusion(table);
    }
}
