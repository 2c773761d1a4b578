package dev.understudy.shadow;

/**
 * One observation of like-for-like latency: three calls on the same rows and thread, in nanoseconds.
 *
 * @param rows rows in each of the calls
 * @param productionFailed whether a call of production failed as a whole
 * @param candidateFailed whether the candidate's call failed as a whole
 */
record BatchTimes(
        int rows,
        long productionNanos,
        long candidateNanos,
        long productionAgainNanos,
        boolean productionFailed,
        boolean candidateFailed) {}
