package dev.understudy.shadow;

/**
 * One observation of like-for-like latency: calls on the same rows and thread, in nanoseconds.
 *
 * @param rows rows in each of the calls
 * @param productionAgainNanos what production took in another call, to tell what the machine's noise does
 * @param productionFailed whether some call of production failed as a whole
 * @param candidateFailed whether some call of the candidate failed as a whole
 */
record BatchTimes(
        int rows,
        long productionNanos,
        long candidateNanos,
        long productionAgainNanos,
        boolean productionFailed,
        boolean candidateFailed) {}
