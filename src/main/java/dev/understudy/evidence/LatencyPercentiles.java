package dev.understudy.evidence;

import org.jspecify.annotations.Nullable;

/**
 * Percentiles of one version's latency in nanoseconds; null when nothing was counted.
 *
 * @param count requests counted
 * @param relativeError largest relative error of a percentile against the exact order statistic
 */
public record LatencyPercentiles(
        long count,
        @Nullable Double p50Nanos,
        @Nullable Double p90Nanos,
        @Nullable Double p95Nanos,
        @Nullable Double p99Nanos,
        @Nullable Double p999Nanos,
        double relativeError) {}
