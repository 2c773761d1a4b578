package dev.understudy.evidence;

/**
 * Production against itself on the same rows: what the latency comparison shows when there is nothing to see.
 *
 * @param batches observed, at least 1
 * @param ratio geometric mean of the second call's time over the first's
 * @param spread standard deviation of the logarithm of that ratio
 */
public record NoiseFloor(long batches, double ratio, double spread) {}
