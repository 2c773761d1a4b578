package dev.understudy.evidence;

import java.util.Map;

/**
 * Probabilities of more than two classes. Maps iterate in any order, so every term of a sum over classes is an integer
 * before it is added; a class that one map lacks has probability 0 there.
 */
final class Distributions {
    /** Terms have 48 bits, so that the rounding of many classes does not show in the 32 bits of a sum. */
    private static final double TERM = 0x1p48;

    private static final double LN_2 = StrictMath.log(2);
    private static final int TERM_BITS = 48 - Quantised.BITS;

    private Distributions() {}

    /** Whether each is in [0, 1]; NaN is not. */
    static boolean valid(Map<String, Double> probabilities) {
        for (double probability : probabilities.values()) {
            if (!(probability >= 0 && probability <= 1)) {
                return false;
            }
        }
        return true;
    }

    /** Σ|c_k − p_k| of quantised probabilities: twice the total variation in units of 2^-32. */
    static long distance(Map<String, Double> production, Map<String, Double> candidate) {
        long sum = 0;
        for (Map.Entry<String, Double> entry : production.entrySet()) {
            double other = candidate.getOrDefault(entry.getKey(), 0.0);
            sum += Math.abs(Quantised.of(other) - Quantised.of(entry.getValue()));
        }
        for (Map.Entry<String, Double> entry : candidate.entrySet()) {
            if (!production.containsKey(entry.getKey())) {
                sum += Quantised.of(entry.getValue());
            }
        }
        return sum;
    }

    /** Jensen-Shannon divergence ½Σ p·log2(p/m) + c·log2(c/m), m = (p+c)/2, in units of 2^-32 bits. */
    static long jensenShannon(Map<String, Double> production, Map<String, Double> candidate) {
        long sum = 0;
        for (Map.Entry<String, Double> entry : production.entrySet()) {
            sum += term(entry.getValue(), candidate.getOrDefault(entry.getKey(), 0.0));
        }
        for (Map.Entry<String, Double> entry : candidate.entrySet()) {
            if (!production.containsKey(entry.getKey())) {
                sum += term(0, entry.getValue());
            }
        }
        return rounded(sum, TERM_BITS);
    }

    private static long term(double p, double c) {
        double middle = (p + c) / 2;
        double bits = (ofMiddle(p, middle) + ofMiddle(c, middle)) / (2 * LN_2);
        return (long) Math.floor(Math.max(0, bits) * TERM + 0.5);
    }

    private static double ofMiddle(double p, double middle) {
        return p == 0 ? 0 : p * StrictMath.log(p / middle);
    }

    /** Σ(p_k − 1{y=k})² in units of 2^-48: twice the Brier score. */
    static long squaredError(Map<String, Double> probabilities, String truth) {
        long sum = probabilities.containsKey(truth) ? 0 : (long) TERM;
        for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
            double error = entry.getValue() - (entry.getKey().equals(truth) ? 1 : 0);
            sum += (long) Math.floor(error * error * TERM + 0.5);
        }
        return sum;
    }

    /** Half of a {@link #squaredError}, or of a difference of two, in units of 2^-32. */
    static long half(long squaredError) {
        return rounded(squaredError, TERM_BITS + 1);
    }

    private static long rounded(long value, int bits) {
        return (value + (1L << (bits - 1))) >> bits;
    }
}
