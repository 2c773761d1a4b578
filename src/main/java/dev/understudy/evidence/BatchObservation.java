package dev.understudy.evidence;

/**
 * One like-for-like batch: both versions on the same rows and the same thread, production once more.
 *
 * @param eventTimeMillis of the batch's first request, milliseconds since the epoch; chooses the time block
 * @param rows rows in each call
 * @param productionFailed some call of production failed as a whole
 * @param candidateFailed some call of the candidate failed as a whole
 */
public record BatchObservation(
        long eventTimeMillis,
        int rows,
        long productionNanos,
        long candidateNanos,
        long productionAgainNanos,
        boolean productionFailed,
        boolean candidateFailed) {}
