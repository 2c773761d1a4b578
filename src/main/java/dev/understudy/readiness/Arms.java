package dev.understudy.readiness;

import org.jspecify.annotations.Nullable;

/**
 * Business values of outcomes by the version that served, in their own unit.
 *
 * @param difference candidate minus production; null while an arm has none
 * @param bound lower bound of the difference, valid at all times at once
 */
public record Arms(
        long productionN,
        long candidateN,
        @Nullable Double productionMean,
        @Nullable Double candidateMean,
        @Nullable Double difference,
        @Nullable Double bound) {}
