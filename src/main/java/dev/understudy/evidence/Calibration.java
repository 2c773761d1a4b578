package dev.understudy.evidence;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Fifteen bins of a probability in a byte array, each with n, Σy and Σp: how often what was predicted came true. */
final class Calibration {
    private static final int BINS = 15;
    private static final int STRIDE = 24;
    /** Bytes of a section. */
    static final int SIZE = BINS * STRIDE;

    private Calibration() {}

    static void add(byte[] bytes, int at, double p, boolean positive) {
        int bin = at + STRIDE * Bins.of(p, BINS);
        Flat.addLong(bytes, bin, 1);
        Flat.addLong(bytes, bin + 8, positive ? 1 : 0);
        Flat.addLong(bytes, bin + 16, Quantised.of(p));
    }

    /**
     * Expected calibration error Σ_b |Σp − Σy|/n over bins [lo, hi) of the positive class's probability, the last one
     * closed (Naeini, Cooper, Hauskrecht 2015); null without data.
     */
    static @Nullable Double error(byte[] bytes, int at) {
        BigInteger n = BigInteger.ZERO;
        BigInteger sum = BigInteger.ZERO;
        for (int bin = at; bin < at + SIZE; bin += STRIDE) {
            n = n.add(BigInteger.valueOf(Flat.getLong(bytes, bin)));
            BigInteger positives = BigInteger.valueOf(Flat.getLong(bytes, bin + 8));
            BigInteger predicted = BigInteger.valueOf(Flat.getLong(bytes, bin + 16));
            sum = sum.add(
                    predicted.subtract(positives.shiftLeft(Quantised.BITS)).abs());
        }
        return n.signum() == 0 ? null : (Double) Exact.ratio(sum, n.shiftLeft(Quantised.BITS));
    }
}
