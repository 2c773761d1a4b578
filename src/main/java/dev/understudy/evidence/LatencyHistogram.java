package dev.understudy.evidence;

import org.jspecify.annotations.Nullable;

/** A histogram of latencies in nanoseconds among packed counters: {@link LogHist} with a chunk to each power of two. */
final class LatencyHistogram {
    /** Chunks of a histogram of all positive longs. */
    static final int OCTAVES = 57;

    private LatencyHistogram() {}

    static int index(long nanos) {
        return LogHist.index(nanos, LogHist.LATENCY_BITS);
    }

    static LatencyPercentiles read(Chunks chunks, int first) {
        long n = chunks.total(first, OCTAVES);
        return new LatencyPercentiles(
                n,
                percentile(chunks, first, n, 0.5),
                percentile(chunks, first, n, 0.9),
                percentile(chunks, first, n, 0.95),
                percentile(chunks, first, n, 0.99),
                percentile(chunks, first, n, 0.999),
                LogHist.LATENCY_ERROR);
    }

    private static @Nullable Double percentile(Chunks chunks, int first, long n, double q) {
        return n == 0
                ? null
                : (Double) LogHist.middle(chunks.indexOfRank(first, OCTAVES, LogHist.rank(q, n)), LogHist.LATENCY_BITS);
    }
}
