package dev.understudy.evidence;

import java.math.BigInteger;
import java.util.Optional;

/** Reads the parts of flat evidence that a gate rests on: buckets of (n, Σd), Σd² and distinct entities. */
final class GateSections {
    private GateSections() {}

    /**
     * Statistics of d from its sections.
     *
     * @param buckets place of the buckets by entity, or by time block where nothing else is bucketed
     * @param blocks place of the buckets by time block; −1 where bursts are not watched
     * @param sumOfSquares Σd² in squared units
     * @param unit how many units are 1
     * @param distinct place of the distinct entities
     */
    static Optional<GateStatistics> read(
            byte[] bytes, int buckets, int blocks, BigInteger sumOfSquares, BigInteger unit, int distinct) {
        long[] counts = Buckets.counts(bytes, buckets);
        long[] sums = Buckets.sums(bytes, buckets);
        double vBlocks = blocks < 0
                ? 0
                : Buckets.total(counts).signum() == 0
                        ? 0
                        : Buckets.variance(Buckets.counts(bytes, blocks), Buckets.sums(bytes, blocks), unit);
        return of(counts, sums, vBlocks, sumOfSquares, unit, DistinctCount.lowerBound(bytes, distinct));
    }

    /** Statistics of d from counts and sums per bucket. */
    static Optional<GateStatistics> of(
            long[] counts, long[] sums, double vBlocks, BigInteger sumOfSquares, BigInteger unit, long distinct) {
        BigInteger n = Buckets.total(counts);
        if (n.signum() == 0) {
            return Optional.empty();
        }
        BigInteger sum = Buckets.total(sums);
        double s2 = Exact.ratio(
                n.multiply(sumOfSquares).subtract(sum.multiply(sum)),
                n.multiply(n).multiply(unit).multiply(unit));
        return Optional.of(new GateStatistics(
                n.longValueExact(),
                Exact.ratio(sum, n.multiply(unit)),
                s2,
                s2 / n.doubleValue(),
                Buckets.variance(counts, sums, unit),
                vBlocks,
                Buckets.effective(counts),
                Math.min(n.longValueExact(), distinct)));
    }
}
