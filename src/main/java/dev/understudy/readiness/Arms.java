package dev.understudy.readiness;

import org.jspecify.annotations.Nullable;

/**
 * Business values by the version that served, in their own unit, clamped to the declared bound.
 *
 * @param productionN values where production served
 * @param candidateN values where the candidate served
 * @param difference candidate minus production; null while an arm has no values
 * @param bound lower bound of the difference, valid at all times at once; null while an arm has no values
 */
public record Arms(
        long productionN,
        long candidateN,
        @Nullable Double productionMean,
        @Nullable Double candidateMean,
        @Nullable Double difference,
        @Nullable Double bound) {}
