package dev.understudy.evidence;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * Paired moments of two quantised values p and c: n, Σp, Σc, Σp², Σc², Σpc, Σ|c−p| and max|c−p|, all exact. The sums have
 * 128 bits: 64 would overflow after 2^31 scores near 1; these hold 2^62 scores, or 2^33 regression values that are all at
 * the clamp. Each value is quantised once, and all differences are taken of
 * the quantised values, so every identity between the moments holds exactly.
 */
final class Moments {
    private static final int SUM_P = 8;
    private static final int SUM_C = 24;
    private static final int SUM_PP = 40;
    private static final int SUM_CC = 56;
    private static final int SUM_PC = 72;
    private static final int SUM_ABS = 88;
    private static final int MAX_ABS = 104;
    /** Bytes of a section. */
    static final int SIZE = 112;

    private Moments() {}

    static void add(byte[] bytes, int at, long p, long c) {
        Flat.addLong(bytes, at, 1);
        Flat.add128(bytes, at + SUM_P, p);
        Flat.add128(bytes, at + SUM_C, c);
        Flat.addProduct128(bytes, at + SUM_PP, p, p);
        Flat.addProduct128(bytes, at + SUM_CC, c, c);
        Flat.addProduct128(bytes, at + SUM_PC, p, c);
        long distance = Math.abs(c - p);
        Flat.add128(bytes, at + SUM_ABS, distance);
        Flat.maxLong(bytes, at + MAX_ABS, distance);
    }

    static void merge(byte[] into, byte[] from, int at) {
        Flat.addLong(into, at, Flat.getLong(from, at));
        for (int sum = SUM_P; sum < MAX_ABS; sum += 16) {
            Flat.merge128(into, from, at + sum);
        }
        Flat.maxLong(into, at + MAX_ABS, Flat.getLong(from, at + MAX_ABS));
    }

    static long count(byte[] bytes, int at) {
        return Flat.getLong(bytes, at);
    }

    /** The moments, with values in units of 2^-bits. */
    static Sums read(byte[] bytes, int at, int bits) {
        return new Sums(
                BigInteger.valueOf(count(bytes, at)),
                Flat.get128(bytes, at + SUM_P),
                Flat.get128(bytes, at + SUM_C),
                Flat.get128(bytes, at + SUM_PP),
                Flat.get128(bytes, at + SUM_CC),
                Flat.get128(bytes, at + SUM_PC),
                Flat.get128(bytes, at + SUM_ABS),
                BigInteger.valueOf(Flat.getLong(bytes, at + MAX_ABS)),
                BigInteger.ONE.shiftLeft(bits));
    }

    /** Sums of integer values; the unit is 1/{@code unit}. n must be at least 1 for what is computed from them. */
    record Sums(
            BigInteger n,
            BigInteger p,
            BigInteger c,
            BigInteger pp,
            BigInteger cc,
            BigInteger pc,
            BigInteger abs,
            BigInteger maxAbs,
            BigInteger unit) {

        /** Σ(c−p). */
        BigInteger diff() {
            return c.subtract(p);
        }

        /** Σ(c−p)². */
        BigInteger squaredDiff() {
            return pp.add(cc).subtract(pc.shiftLeft(1));
        }

        double mean(BigInteger sum) {
            return Exact.ratio(sum, n.multiply(unit));
        }

        double rmse() {
            return Exact.rootOfRatio(squaredDiff(), n.multiply(unit).multiply(unit));
        }

        double largest() {
            return Exact.ratio(maxAbs, unit);
        }

        /** n²·variance of production in squared units. */
        private BigInteger spreadP() {
            return n.multiply(pp).subtract(p.multiply(p));
        }

        private BigInteger spreadC() {
            return n.multiply(cc).subtract(c.multiply(c));
        }

        private BigInteger spreadPc() {
            return n.multiply(pc).subtract(p.multiply(c));
        }

        /** RMSE over production's standard deviation (1/n); null when production is constant. */
        @Nullable
        Double nrmse() {
            return spreadP().signum() == 0 ? null : Exact.rootOfRatio(n.multiply(squaredDiff()), spreadP());
        }

        /** cov/√(v_p·v_c); null when either side is constant. */
        @Nullable
        Double pearson() {
            if (spreadP().signum() == 0 || spreadC().signum() == 0) {
                return null;
            }
            double magnitude =
                    Exact.rootOfRatio(spreadPc().multiply(spreadPc()), spreadP().multiply(spreadC()));
            return spreadPc().signum() < 0 ? -magnitude : magnitude;
        }

        /** 2·cov/(v_p + v_c + (mean difference)²); null when the denominator is 0. */
        @Nullable
        Double ccc() {
            BigInteger denominator = spreadP().add(spreadC()).add(diff().multiply(diff()));
            return denominator.signum() == 0 ? null : Exact.ratio(spreadPc().shiftLeft(1), denominator);
        }
    }
}
