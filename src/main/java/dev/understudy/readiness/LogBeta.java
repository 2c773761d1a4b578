package dev.understudy.readiness;

/**
 * ln B(x, y) for x, y &gt; 0 without the cancellation of three large log-gammas: Stirling's leading terms are combined
 * first and only the small remainders Δ(x) = ln Γ(x) − [(x−½)·ln x − x + ½·ln 2π] are added (as TOMS algorithm 708,
 * DiDonato and Morris 1992, does).
 */
final class LogBeta {
    private static final double HALF_LOG_TWO_PI = 0.9189385332046727;
    /** B_2k / (2k·(2k−1)): coefficients of Stirling's series. */
    private static final double[] STIRLING = {
        1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156
    };

    private static final double LARGE = 15;

    private LogBeta() {}

    static double of(double x, double y) {
        double sum = x + y;
        return HALF_LOG_TWO_PI
                + (x - 0.5) * logShare(x, y)
                + y * logShare(y, x)
                - 0.5 * StrictMath.log(y)
                + remainder(x)
                + remainder(y)
                - remainder(sum);
    }

    /** ln(part/(part + other)), accurate also when the share is near 1. */
    private static double logShare(double part, double other) {
        return part > other ? -StrictMath.log1p(other / part) : StrictMath.log(part / (part + other));
    }

    /** Δ(x); below 15 by the recurrence Δ(x) = Δ(x+1) + (x+½)·ln(1+1/x) − 1. */
    static double remainder(double x) {
        double shifted = 0;
        double at = x;
        while (at < LARGE) {
            shifted += (at + 0.5) * StrictMath.log1p(1 / at) - 1;
            at++;
        }
        double inverseSquare = 1 / (at * at);
        double series = 0;
        for (int k = STIRLING.length - 1; k >= 0; k--) {
            series = series * inverseSquare + STIRLING[k];
        }
        return shifted + series / at;
    }
}
