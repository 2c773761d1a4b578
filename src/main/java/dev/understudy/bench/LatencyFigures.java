package dev.understudy.bench;

/**
 * Latencies of one measurement.
 *
 * @param requests that were measured
 * @param repeats predictions of requests that had been answered before
 * @param missing requests without a prediction when the wait was over
 */
record LatencyFigures(
        long requests,
        long repeats,
        long missing,
        double p50Millis,
        double p99Millis,
        double p999Millis,
        double maxMillis) {}
