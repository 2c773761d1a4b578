package dev.understudy.evidence;

import java.math.BigInteger;

/** Numbers in [-1, 1], and somewhat beyond, as integers in units of 2^-32: q = floor(x·2^32 + ½). */
final class Quantised {
    static final BigInteger UNIT = BigInteger.ONE.shiftLeft(32);

    private static final double SCALE = 0x1p32;

    private Quantised() {}

    static long of(double x) {
        return (long) Math.floor(x * SCALE + 0.5);
    }

    /** Σq/(n·2^32). */
    static double mean(BigInteger sum, long n) {
        return Exact.ratio(sum, BigInteger.valueOf(n).multiply(UNIT));
    }
}
