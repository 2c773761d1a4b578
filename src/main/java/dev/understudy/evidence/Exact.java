package dev.understudy.evidence;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;

/** Reads of integer state that round once, at the end. */
final class Exact {
    private static final MathContext FORTY_DIGITS = new MathContext(40);

    private Exact() {}

    /** The double nearest to a/b; b must not be 0. */
    static double ratio(BigInteger a, BigInteger b) {
        return new BigDecimal(a).divide(new BigDecimal(b), FORTY_DIGITS).doubleValue();
    }

    static double ratio(long a, long b) {
        return (double) a / b;
    }

    /** √(a/b) for a/b >= 0. */
    static double rootOfRatio(BigInteger a, BigInteger b) {
        return Math.sqrt(ratio(a, b));
    }
}
