package dev.understudy.evidence;

import dev.understudy.domain.References;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Production's regression values in full {@link PairEvidence}: {@link LogHist} with m = 7 of the quantised value from 0
 * up, and another of the absolute value below 0. A decile read from it is at most 2^-8 of itself away from the exact one.
 */
final class ValueHistogram {
    /** Chunks of a histogram of integers up to the clamp of 2^47. */
    static final int OCTAVES = 42;

    /** Below, a decile would be known from fewer than a hundred values. */
    private static final long LEAST_VALUES = 1000;

    private ValueHistogram() {}

    static int first(long value) {
        return value < 0 ? Counters.NEGATIVE_VALUES : Counters.VALUES;
    }

    static int index(long value) {
        return LogHist.index(Math.abs(value), LogHist.LATENCY_BITS);
    }

    /** The values of rank max(1, ceil(n·k/10)) for k = 1 to 9. */
    static Optional<List<Double>> deciles(Chunks chunks, int unitBits) {
        long below = chunks.total(Counters.NEGATIVE_VALUES, OCTAVES);
        long n = below + chunks.total(Counters.VALUES, OCTAVES);
        if (n < LEAST_VALUES) {
            return Optional.empty();
        }
        List<Double> edges = new ArrayList<>(References.EDGES);
        for (int k = 1; k <= References.EDGES; k++) {
            long rank = (n * k + References.EDGES) / (References.EDGES + 1);
            // Counted from the least upwards, values below 0 come with their absolute values in descending order.
            double units = rank <= below
                    ? -middle(chunks, Counters.NEGATIVE_VALUES, below - rank + 1)
                    : middle(chunks, Counters.VALUES, rank - below);
            edges.add(units / (1L << unitBits));
        }
        return Optional.of(List.copyOf(edges));
    }

    private static double middle(Chunks chunks, int first, long rank) {
        return LogHist.middle(chunks.indexOfRank(first, OCTAVES, rank), LogHist.LATENCY_BITS);
    }
}
