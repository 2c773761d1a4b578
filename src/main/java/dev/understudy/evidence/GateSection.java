package dev.understudy.evidence;

import java.math.BigInteger;
import java.util.Optional;

/**
 * What evidence keeps of one gate metric d: Σd² in 128 bits, and (n_k, S_k) of {@link Buckets} by entity, on demand also
 * by time block. Σd and n are sums over the buckets. Distinct entities stand elsewhere, because metrics share them.
 *
 * @param at where the section starts
 * @param unitBits d is counted in units of 2^-unitBits
 * @param blocks whether bursts in time are watched too
 */
record GateSection(int at, int unitBits, boolean blocks) {
    private static final int USERS = 16;
    private static final int BLOCKS = USERS + Buckets.SIZE;
    private static final int BUCKET_MASK = Buckets.K - 1;

    /** Bytes of a section without time blocks. */
    static final int SIZE = BLOCKS;
    /** Bytes of a section with time blocks. */
    static final int SIZE_WITH_BLOCKS = BLOCKS + Buckets.SIZE;

    /** Bucket of an entity or of a time block. */
    static int bucket(long hash) {
        return (int) hash & BUCKET_MASK;
    }

    /** Number by which distinct entities are told apart. */
    static int fingerprint(long hash) {
        return (int) (hash >>> 32);
    }

    int end() {
        return at + (blocks ? SIZE_WITH_BLOCKS : SIZE);
    }

    /** Counts d, in units, of an entity. */
    void add(byte[] bytes, int bucket, long d) {
        Flat.addProduct128(bytes, at, d, d);
        Buckets.add(bytes, at + USERS, bucket, d);
    }

    /** Counts d, in units, of an entity in a time block. */
    void add(byte[] bytes, int bucket, int block, long d) {
        add(bytes, bucket, d);
        Buckets.add(bytes, at + BLOCKS, block, d);
    }

    void merge(byte[] into, byte[] from) {
        Flat.merge128(into, from, at);
        Flat.addLongs(into, from, at + USERS, end());
    }

    long n(byte[] bytes) {
        return Buckets.total(Buckets.counts(bytes, at + USERS)).longValueExact();
    }

    /** What inference needs; empty while nothing was counted. */
    Optional<GateStatistics> read(byte[] bytes, int entities) {
        BigInteger unit = BigInteger.ONE.shiftLeft(unitBits);
        return statistics(
                        Buckets.counts(bytes, at + USERS),
                        Buckets.exactSums(bytes, at + USERS),
                        Flat.get128(bytes, at),
                        unit,
                        DistinctCount.lowerBound(bytes, entities))
                .map(s -> blocks ? withBlocks(s, variance(bytes, at + BLOCKS, unit)) : s);
    }

    private static double variance(byte[] bytes, int buckets, BigInteger unit) {
        return Buckets.variance(Buckets.counts(bytes, buckets), Buckets.exactSums(bytes, buckets), unit);
    }

    private static GateStatistics withBlocks(GateStatistics s, double vBlocks) {
        return new GateStatistics(s.n(), s.mean(), s.s2(), s.vIid(), s.vUsers(), vBlocks, s.kEff(), s.users());
    }

    /**
     * mean = S/n, s² = (n·Σd² − S²)/n², the variances of the mean; all exact until the last division.
     *
     * @param unit d is sums/unit
     */
    static Optional<GateStatistics> statistics(
            long[] counts, BigInteger[] sums, BigInteger squares, BigInteger unit, long distinct) {
        BigInteger n = Buckets.total(counts);
        if (n.signum() == 0) {
            return Optional.empty();
        }
        BigInteger sum = Buckets.total(sums);
        double s2 = Exact.ratio(
                n.multiply(squares).subtract(sum.multiply(sum)),
                n.multiply(n).multiply(unit).multiply(unit));
        return Optional.of(new GateStatistics(
                n.longValueExact(),
                Exact.ratio(sum, n.multiply(unit)),
                s2,
                s2 / n.doubleValue(),
                Buckets.variance(counts, sums, unit),
                0,
                Buckets.effective(counts),
                Math.min(n.longValueExact(), distinct)));
    }
}
