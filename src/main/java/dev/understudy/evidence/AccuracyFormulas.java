package dev.understudy.evidence;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Reads {@link Accuracy} from evidence. */
final class AccuracyFormulas {
    private AccuracyFormulas() {}

    static Accuracy read(byte[] bytes) {
        boolean full = Header.detail(bytes) == Detail.FULL;
        long bothRight = Flat.getLong(bytes, OutcomeLayout.BOTH_RIGHT);
        long productionRight = Flat.getLong(bytes, OutcomeLayout.PRODUCTION_RIGHT);
        long candidateRight = Flat.getLong(bytes, OutcomeLayout.CANDIDATE_RIGHT);
        long bothWrong = Flat.getLong(bytes, OutcomeLayout.BOTH_WRONG);
        long compared = bothRight + productionRight + candidateRight + bothWrong;
        long probabilities = full ? OutcomeLayout.BRIER.n(bytes) : 0;
        long values = full ? Flat.getLong(bytes, OutcomeLayout.VALUES) : 0;
        int unitBits = Header.unitBits(bytes);
        ScoreBins.@Nullable Auc aucProd = full ? auc(bytes, OutcomeLayout.SCORES_PROD) : null;
        ScoreBins.@Nullable Auc aucCand = full ? auc(bytes, OutcomeLayout.SCORES_CAND) : null;
        return new Accuracy(
                Flat.getLong(bytes, OutcomeLayout.REQUESTS),
                Flat.getLong(bytes, OutcomeLayout.LABELLED),
                Flat.getLong(bytes, OutcomeLayout.UNKNOWN),
                bothRight,
                productionRight,
                candidateRight,
                bothWrong,
                share(bothRight + productionRight, compared),
                share(bothRight + candidateRight, compared),
                mean(bytes, OutcomeLayout.BRIER_PROD, probabilities, Quantised.BITS),
                mean(bytes, OutcomeLayout.BRIER_CAND, probabilities, Quantised.BITS),
                mean(bytes, OutcomeLayout.LOG_LOSS_PROD, probabilities, Quantised.BITS),
                mean(bytes, OutcomeLayout.LOG_LOSS_CAND, probabilities, Quantised.BITS),
                full ? Calibration.error(bytes, OutcomeLayout.CALIBRATION_PROD) : null,
                full ? Calibration.error(bytes, OutcomeLayout.CALIBRATION_CAND) : null,
                aucProd == null ? null : aucProd.value(),
                aucProd == null ? null : aucProd.bound(),
                aucCand == null ? null : aucCand.value(),
                aucCand == null ? null : aucCand.bound(),
                root(mean(bytes, OutcomeLayout.SQUARED_PROD, values, 2 * unitBits)),
                root(mean(bytes, OutcomeLayout.SQUARED_CAND, values, 2 * unitBits)),
                mean(bytes, OutcomeLayout.ABSOLUTE_PROD, values, unitBits),
                mean(bytes, OutcomeLayout.ABSOLUTE_CAND, values, unitBits));
    }

    private static ScoreBins.@Nullable Auc auc(byte[] bytes, int first) {
        return ScoreBins.Auc.read(OutcomeLayout.COUNTERS.read(bytes), first);
    }

    private static @Nullable Double share(long right, long n) {
        return n == 0 ? null : (Double) Exact.ratio(right, n);
    }

    /** A 128-bit sum in units of 2^-bits over n; null when n is 0. */
    private static @Nullable Double mean(byte[] bytes, int sum, long n, int bits) {
        return n == 0
                ? null
                : (Double) Exact.ratio(
                        Flat.get128(bytes, sum), BigInteger.valueOf(n).shiftLeft(bits));
    }

    private static @Nullable Double root(@Nullable Double square) {
        return square == null ? null : (Double) Math.sqrt(square);
    }
}
