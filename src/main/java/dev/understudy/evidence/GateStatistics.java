package dev.understudy.evidence;

/**
 * What inference needs to know of one {@link GateMetric}.
 *
 * @param n observations, at least 1
 * @param mean mean of d
 * @param s2 population variance of d
 * @param vIid s2/n, the variance of the mean were all observations independent
 * @param vUsers cluster-robust variance of the mean over 64 buckets of entities: K/(K−1)·Σ(S_k − n_k·mean)²/n²
 * @param vBlocks the same over time blocks; 0 where bursts are not watched
 * @param kEff n²/Σn_k², how many buckets of entities the evidence is worth
 * @param users distinct entities, a lower bound, at most n
 */
public record GateStatistics(
        long n, double mean, double s2, double vIid, double vUsers, double vBlocks, double kEff, long users) {
    /** So many distinct users are counted exactly; more are estimated, and then {@code users} is a lower bound. */
    public static final int EXACT_USERS = DistinctCount.EXACT_UP_TO;

    /** Variance of the mean: the largest of the three. */
    public double v() {
        return Math.max(vIid, Math.max(vUsers, vBlocks));
    }
}
