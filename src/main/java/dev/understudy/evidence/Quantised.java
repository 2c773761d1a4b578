package dev.understudy.evidence;

/** Doubles as integers: floor(x·2^bits + ½). Only integers enter state, because their sums do not depend on the order. */
final class Quantised {
    /** Bits of probabilities, of gate metrics and of logarithms. */
    static final int BITS = 32;

    private static final double UNIT = 0x1p32;

    private Quantised() {}

    /** Where regression values are clamped, in their units. */
    static final long LARGEST_VALUE = 1L << 47;

    /** A regression value in units of 2^-bits, not yet clamped. */
    static double units(double value, int bits) {
        return Math.floor(value * (1L << bits) + 0.5);
    }

    /** Units within ±2^47. */
    static long clamped(double units) {
        return (long) Math.max(-LARGEST_VALUE, Math.min(LARGEST_VALUE, units));
    }

    /** x in units of 2^-32; |x| must be below 2^30. */
    static long of(double x) {
        return (long) Math.floor(x * UNIT + 0.5);
    }
}
