package dev.understudy.evidence;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Reads {@link Accuracy} from evidence. */
final class OutcomeFormulas {
    private OutcomeFormulas() {}

    static Accuracy read(byte[] bytes) {
        long[] cells = new long[4];
        for (int cell = 0; cell < cells.length; cell++) {
            cells[cell] = Flat.getLong(bytes, OutcomeLayout.CELLS + 8 * cell);
        }
        long n = Bins.total(cells);
        boolean full = Header.detail(bytes) == Detail.FULL;
        ScoreBins.Area prod = full ? area(bytes, OutcomeLayout.PROD_POSITIVE) : new ScoreBins.Area(null, null);
        ScoreBins.Area cand = full ? area(bytes, OutcomeLayout.CAND_POSITIVE) : new ScoreBins.Area(null, null);
        return new Accuracy(
                Flat.getLong(bytes, OutcomeLayout.REQUESTS),
                Flat.getLong(bytes, OutcomeLayout.LABELLED),
                Flat.getLong(bytes, OutcomeLayout.UNKNOWN),
                cells[0],
                cells[1],
                cells[2],
                cells[3],
                n == 0 ? null : (Double) Exact.ratio(cells[0] + cells[1], n),
                n == 0 ? null : (Double) Exact.ratio(cells[0] + cells[2], n),
                full ? mean(bytes, OutcomeLayout.BRIER_N, OutcomeLayout.BRIER_PROD) : null,
                full ? mean(bytes, OutcomeLayout.BRIER_N, OutcomeLayout.BRIER_CAND) : null,
                full ? mean(bytes, OutcomeLayout.LOG_LOSS_N, OutcomeLayout.LOG_LOSS_PROD) : null,
                full ? mean(bytes, OutcomeLayout.LOG_LOSS_N, OutcomeLayout.LOG_LOSS_CAND) : null,
                full ? calibrationError(bytes, OutcomeLayout.CALIBRATION_PROD) : null,
                full ? calibrationError(bytes, OutcomeLayout.CALIBRATION_CAND) : null,
                prod.auc(),
                prod.bound(),
                cand.auc(),
                cand.bound(),
                full ? rootMeanSquare(bytes, OutcomeLayout.SQUARES_PROD) : null,
                full ? rootMeanSquare(bytes, OutcomeLayout.SQUARES_CAND) : null,
                full ? meanOfValues(bytes, OutcomeLayout.ABS_PROD) : null,
                full ? meanOfValues(bytes, OutcomeLayout.ABS_CAND) : null);
    }

    private static @Nullable Double mean(byte[] bytes, int count, int sum) {
        long n = Flat.getLong(bytes, count);
        return n == 0 ? null : (Double) Quantised.mean(Flat.get128(bytes, sum), n);
    }

    private static BigInteger unit(byte[] bytes) {
        return BigInteger.ONE.shiftLeft(Header.unitBits(bytes));
    }

    private static @Nullable Double meanOfValues(byte[] bytes, int sum) {
        long n = Flat.getLong(bytes, OutcomeLayout.VALUES);
        return n == 0
                ? null
                : (Double) Exact.ratio(
                        Flat.get128(bytes, sum), BigInteger.valueOf(n).multiply(unit(bytes)));
    }

    private static @Nullable Double rootMeanSquare(byte[] bytes, int sum) {
        long n = Flat.getLong(bytes, OutcomeLayout.VALUES);
        return n == 0
                ? null
                : (Double) Exact.rootOfRatio(
                        Flat.get128(bytes, sum),
                        BigInteger.valueOf(n).multiply(unit(bytes)).multiply(unit(bytes)));
    }

    /** Expected calibration error Σ (n_b/n)·|mean score − share of positives| over 15 bins; null without scores. */
    private static @Nullable Double calibrationError(byte[] bytes, int side) {
        long n = 0;
        BigInteger sum = BigInteger.ZERO;
        for (int bin = 0; bin < OutcomeLayout.CALIBRATION_BINS; bin++) {
            int at = side + OutcomeLayout.CALIBRATION_ENTRY * bin;
            n += Flat.getLong(bytes, at);
            BigInteger positives =
                    BigInteger.valueOf(Flat.getLong(bytes, at + 24)).multiply(Quantised.UNIT);
            sum = sum.add(Flat.get128(bytes, at + 8).subtract(positives).abs());
        }
        return n == 0 ? null : (Double) Quantised.mean(sum, n);
    }

    private static ScoreBins.Area area(byte[] bytes, int positives) {
        PackedCounters counters = PackedCounters.read(bytes, OutcomeLayout.DIRECTORY, OutcomeLayout.CHUNKS);
        return ScoreBins.Area.of(
                counters.slice(positives, 0, ScoreBins.COUNT),
                counters.slice(positives + OutcomeLayout.SCORE_CHUNKS, 0, ScoreBins.COUNT));
    }
}
