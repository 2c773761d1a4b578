package dev.understudy.evidence;

import org.jspecify.annotations.Nullable;

/**
 * How the candidate's answers differ from production's; differences are candidate minus production. Null means undefined
 * for this model or this little data. The names are those of {@code schemas/Divergence.avsc}; {@code docs/readiness.md}
 * gives every formula.
 */
public record Divergence(
        long n,
        long invalidProd,
        long invalidCand,
        long clamped,
        @Nullable Double meanProd,
        @Nullable Double meanCand,
        @Nullable Double meanDiff,
        @Nullable Double meanAbsDiff,
        @Nullable Double rmse,
        @Nullable Double maxAbsDiff,
        @Nullable Double nrmse,
        @Nullable Double pearson,
        @Nullable Double ccc,
        @Nullable Double flipRate,
        @Nullable Double flip01,
        @Nullable Double flip10,
        @Nullable Double kappa,
        @Nullable Double psi20,
        @Nullable Double js20bits,
        @Nullable Double ks100,
        @Nullable Double w1_100,
        @Nullable Double psi10,
        @Nullable Double js10bits,
        @Nullable Double meanTv,
        @Nullable Double meanJsBits) {}
