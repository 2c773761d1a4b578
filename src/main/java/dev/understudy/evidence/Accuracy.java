package dev.understudy.evidence;

import org.jspecify.annotations.Nullable;

/**
 * What outcomes say of both versions; the names are those of {@code schemas/ReadinessSummary.avsc}. Null means undefined
 * for this model, this detail or no data.
 *
 * @param requests pairs of which an outcome is expected
 * @param labelled of them, those with an outcome
 * @param unknownLabels outcomes that named a class that the model does not have, left out
 */
public record Accuracy(
        long requests,
        long labelled,
        long unknownLabels,
        long bothRight,
        long productionRight,
        long candidateRight,
        long bothWrong,
        @Nullable Double accuracyProd,
        @Nullable Double accuracyCand,
        @Nullable Double brierProd,
        @Nullable Double brierCand,
        @Nullable Double logLossProd,
        @Nullable Double logLossCand,
        @Nullable Double eceProd,
        @Nullable Double eceCand,
        @Nullable Double aucProd,
        @Nullable Double aucProdBound,
        @Nullable Double aucCand,
        @Nullable Double aucCandBound,
        @Nullable Double rmseProd,
        @Nullable Double rmseCand,
        @Nullable Double maeProd,
        @Nullable Double maeCand) {
    /** labelled / requests; null without requests. */
    public @Nullable Double coverage() {
        return requests == 0 ? null : (Double) ((double) labelled / requests);
    }
}
