package dev.understudy.evidence;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;

/** All histograms and the confusion of full {@link PairEvidence}, unpacked, with the labels that stand before them. */
final class Counters {
    static final int LATENCY_PROD = 0;
    static final int LATENCY_CAND = LATENCY_PROD + LogHist.CHUNKS;
    static final int SCORES_PROD = LATENCY_CAND + LogHist.CHUNKS;
    static final int SCORES_CAND = SCORES_PROD + 1;
    /** 20 score bins of production at 0, of the candidate at 20; deciles of production at 40, of the candidate at 50. */
    static final int COARSE = SCORES_CAND + 1;
    /** Magnitudes of production's regression values below 0, and of those from 0 up. */
    static final int VALUES_BELOW = COARSE + 1;

    static final int VALUES_ABOVE = VALUES_BELOW + LogHist.CHUNKS;
    static final int CONFUSION = VALUES_ABOVE + LogHist.CHUNKS;
    static final int SIDE = Labels.MAX + 1;
    static final int CHUNKS = CONFUSION + 3;

    static final int FINE_BINS = 100;
    static final int SCORE_BINS = 20;
    static final int DECILES_AT = 40;
    static final int DECILES = 10;

    private List<String> labels;
    private final PackedCounters packed;

    private Counters(List<String> labels, PackedCounters packed) {
        this.labels = labels;
        this.packed = packed;
    }

    static Counters read(byte[] bytes) {
        return new Counters(Labels.read(bytes), PackedCounters.read(bytes, Layout.DIRECTORY, CHUNKS));
    }

    /** The bytes before the labels, then labels and chunks packed anew. */
    byte[] write(byte[] fixed) {
        byte[] head = Arrays.copyOf(Arrays.copyOf(fixed, Layout.LABELS), Layout.LABELS + Labels.size(labels));
        Labels.write(head, labels);
        return packed.write(head, Layout.DIRECTORY);
    }

    void add(int chunk, int slot, long count) {
        packed.add(chunk, slot, count);
    }

    void clear(int chunk, int from, int length) {
        packed.clear(chunk, from, length);
    }

    PackedCounters packed() {
        return packed;
    }

    List<String> labels() {
        return labels;
    }

    long[] slice(int chunk, int from, int length) {
        return packed.slice(chunk, from, length);
    }

    /** Production's labels in rows, the candidate's in columns. */
    long[][] confusion() {
        long[] cells = packed.slice(CONFUSION, 0, SIDE * SIDE);
        long[][] table = new long[SIDE][SIDE];
        for (int cell = 0; cell < cells.length; cell++) {
            table[cell / SIDE][cell % SIDE] = cells[cell];
        }
        return table;
    }

    private void setConfusion(long[][] table) {
        for (int chunk = CONFUSION; chunk < CHUNKS; chunk++) {
            packed.clear(chunk, 0, PackedCounters.CHUNK);
        }
        for (int cell = 0; cell < SIDE * SIDE; cell++) {
            long count = table[cell / SIDE][cell % SIDE];
            if (count != 0) {
                add(CONFUSION + cell / PackedCounters.CHUNK, cell % PackedCounters.CHUNK, count);
            }
        }
    }

    /** Makes room for more labels; those that are pushed out of the table go to `other`. */
    void insertLabels(List<String> more) {
        TreeSet<String> all = new TreeSet<>(labels);
        all.addAll(more);
        List<String> smallest = new ArrayList<>(all).subList(0, Math.min(all.size(), Labels.MAX));
        setConfusion(move(confusion(), indexesIn(smallest)));
        labels = List.copyOf(smallest);
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

    /** Adds all of another's counters. */
    void merge(Counters other) {
        insertLabels(other.labels);
        long[][] table = confusion();
        long[][] more = move(other.confusion(), other.indexesIn(labels));
        for (int row = 0; row < SIDE; row++) {
            for (int column = 0; column < SIDE; column++) {
                table[row][column] += more[row][column];
            }
        }
        setConfusion(table);
        packed.add(other.packed, 0, CONFUSION);
    }
}
