package dev.understudy.readiness;

/**
 * Ranks between whose order statistics a quantile lies at all times at once (S. R. Howard, A. Ramdas, "Sequential
 * estimation of quantiles with applications to A/B testing and best-arm identification", Bernoulli 2022, arXiv
 * 1906.09712, beta-binomial mixture). For display.
 *
 * <pre>
 * ρ = n_opt·p(1−p) / (2·ln(1/α) + ln(1 + 2·ln(1/α)))   r = max(ρ − p(1−p), 10^-3·p(1−p))   a = r/(1−p)   b = r/p
 * rank k is accepted iff ln B(a+k, b+n−k) − ln B(a, b) − k·ln p − (n−k)·ln(1−p) &lt; ln(1/α)
 * interval = [x_(kmin), x_(kmax+1)]
 * </pre>
 *
 * @param lowRank kmin; 0 means that there is no lower bound yet
 * @param highRank kmax + 1; n + 1 means that there is no upper bound yet
 */
record QuantileInterval(long lowRank, long highRank) {
    static QuantileInterval of(long n, double p, double alpha, double nOpt) {
        Mixture mixture = Mixture.of(n, p, alpha, nOpt);
        // Convex in k with its least value at the least k >= p(n−1): as a(1−p) = bp = r, the first difference
        // ln((a+k)/(b+n−k−1)) − ln(p/(1−p)) changes its sign there.
        long least = Math.min(n, (long) Math.ceil(p * (n - 1)));
        long low = 0;
        long high = least;
        while (low < high) {
            long middle = (low + high) >>> 1;
            if (mixture.accepts(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        long first = low;
        low = least;
        high = n;
        while (low < high) {
            long middle = (low + high + 1) >>> 1;
            if (mixture.accepts(middle)) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return new QuantileInterval(first, low + 1);
    }

    /** The beta-binomial martingale's parameters. */
    record Mixture(long n, double p, double a, double b, double threshold) {
        static Mixture of(long n, double p, double alpha, double nOpt) {
            double spread = p * (1 - p);
            double log = 2 * StrictMath.log(1 / alpha);
            double rho = nOpt * spread / (log + StrictMath.log1p(log));
            double r = Math.max(rho - spread, 1e-3 * spread);
            return new Mixture(n, p, r / (1 - p), r / p, StrictMath.log(1 / alpha));
        }

        boolean accepts(long k) {
            return LogBeta.of(a + k, b + n - k)
                            - LogBeta.of(a, b)
                            - k * StrictMath.log(p)
                            - (n - k) * StrictMath.log1p(-p)
                    < threshold;
        }
    }
}
