package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;

/**
 * Bounds of a mean that hold at all times at once, so that they may be looked at as often as one likes and acted upon at
 * any look: asymptotic confidence sequences (I. Waudby-Smith, D. Arbour, R. Sinha, E. H. Kennedy, A. Ramdas, "Time-uniform
 * central limit theory and asymptotic confidence sequences", Annals of Statistics 2024, arXiv 2103.06476), with a
 * cluster-robust variance V of the mean and a prior of w0 pseudo-users at the worst possible value, which keeps them
 * honest for sticky users and rare events.
 *
 * <pre>
 * prior at v:  U' = U·max(V_iid, V_B over users)/V: less than U only where time blocks rule the variance
 *              W = U' + w0   g = w0·U'/W·(x̄−v)²   m' = (U'·x̄ + w0·v)/W
 *              V' = V·(U'/W)² + g/W²    n' = (s²·U'/W + g/W)/V'
 * ρ² = (−2·ln 2α + ln(1 − 2·ln 2α)) / n*
 * B(n) = √( 2·(1 + 1/(nρ²))·ln(1 + √(nρ²+1)/(2α)) )
 * L = m' − √V'·B(n') with v = the least value,   U_b = m' + √V'·B(n') with v = the greatest; V' = 0 gives v
 * </pre>
 */
final class ConfidenceSequence {
    private final Moments low;
    private final Moments high;
    private final double least;
    private final double greatest;
    private final double alpha;
    private final double rho2;

    /**
     * @param least smallest value that an observation can take
     * @param greatest largest one
     * @param alpha chance that the lower bound is ever above the mean; the same for the upper bound
     * @param nStar where the bounds are tightest, in observations
     * @param w0 weight of the prior in users
     */
    ConfidenceSequence(GateStatistics seen, double least, double greatest, double alpha, double nStar, double w0) {
        this.low = Moments.withPrior(seen, least, w0);
        this.high = Moments.withPrior(seen, greatest, w0);
        this.least = least;
        this.greatest = greatest;
        this.alpha = alpha;
        this.rho2 = rho2(2 * alpha, nStar);
    }

    /** Lower bound of the mean. */
    double lower() {
        return low.variance == 0 ? least : clamp(low.mean - Math.sqrt(low.variance) * multiplier(low.n));
    }

    /** Upper bound of the mean. */
    double upper() {
        return high.variance == 0 ? greatest : clamp(high.mean + Math.sqrt(high.variance) * multiplier(high.n));
    }

    private double clamp(double bound) {
        return Math.max(least, Math.min(greatest, bound));
    }

    /** Natural logarithm of the evidence that the mean is above m0; at least ln(1/α) happens with chance α when it is not. */
    double logEvidenceAbove(double m0) {
        return logEvidence(low, low.mean - m0);
    }

    /** Natural logarithm of the evidence that the mean is below m0. */
    double logEvidenceBelow(double m0) {
        return logEvidence(high, m0 - high.mean);
    }

    /** z = distance/√V', t = n'ρ²: ln e = ln 2 − ½·ln(1+t) + z²·t/(2(1+t)) + ln Φ(z·√(t/(1+t))). */
    private double logEvidence(Moments moments, double distance) {
        if (moments.variance == 0) {
            return Double.NEGATIVE_INFINITY;
        }
        double z = distance / Math.sqrt(moments.variance);
        double t = moments.n * rho2;
        double shrunk = t / (1 + t);
        return StrictMath.log(2)
                - StrictMath.log1p(t) / 2
                + z * z * shrunk / 2
                + NormalTail.logCdf(z * Math.sqrt(shrunk));
    }

    private double multiplier(double n) {
        double t = n * rho2;
        return Math.sqrt(2 * (1 + 1 / t) * StrictMath.log1p(Math.sqrt(t + 1) / (2 * alpha)));
    }

    /** B2(n) = √( 2·(1 + 1/(nρ2²))·ln(√(nρ2²+1)/α) ): half-width of a two-sided band in standard errors, for charts. */
    static double twoSidedMultiplier(double n, double alpha, double nStar) {
        double t = n * rho2(alpha, nStar);
        return Math.sqrt(2 * (1 + 1 / t) * StrictMath.log(Math.sqrt(t + 1) / alpha));
    }

    /** ρ² for a chance a: 2α for one side, α for both. */
    static double rho2(double a, double nStar) {
        double log = -2 * StrictMath.log(a);
        return (log + StrictMath.log1p(log)) / nStar;
    }

    double rho2() {
        return rho2;
    }

    Moments withLowPrior() {
        return low;
    }

    Moments withHighPrior() {
        return high;
    }

    /**
     * Moments after the prior was added.
     *
     * @param mean m'
     * @param variance V', of the mean
     * @param n n', how many independent observations the evidence is worth
     */
    record Moments(double mean, double variance, double n) {
        /**
         * U, or less where time blocks rule the variance: requests of one burst then are as one, however many users made
         * them, and so few bursts weigh as few users against the pseudo-users: U·max(V_iid, V_B over users)/V.
         */
        private static double worthInUsers(GateStatistics seen) {
            double v = seen.v();
            return v == 0 ? seen.users() : seen.users() * Math.max(seen.vIid(), seen.vUsers()) / v;
        }

        static Moments withPrior(GateStatistics seen, double value, double w0) {
            double users = worthInUsers(seen);
            double weight = users + w0;
            double share = users / weight;
            double distance = seen.mean() - value;
            double spread = w0 * share * distance * distance;
            double variance = seen.v() * share * share + spread / (weight * weight);
            return new Moments(
                    (users * seen.mean() + w0 * value) / weight,
                    variance,
                    (seen.s2() * share + spread / weight) / variance);
        }
    }
}
