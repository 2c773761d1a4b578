package dev.understudy.evidence;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Reads {@link Divergence} from evidence. */
final class DivergenceFormulas {
    /** PSI needs this many pairs to a bin: below, its own noise is of the size that people take for drift. */
    private static final int PSI_PAIRS_PER_BIN = 100;

    private DivergenceFormulas() {}

    static Divergence read(byte[] bytes, Counters counters, PairEvidence evidence) {
        boolean binary = Moments.count(bytes, PairLayout.PROBABILITIES) > 0;
        boolean regression = !binary && Moments.count(bytes, PairLayout.VALUES) > 0;
        Moments.@Nullable Sums sums = binary
                ? Moments.read(bytes, PairLayout.PROBABILITIES, Quantised.BITS)
                : regression ? Moments.read(bytes, PairLayout.VALUES, Header.unitBits(bytes)) : null;
        long[] fineProd = counters.slice(Counters.SCORES_PROD, 0, Counters.FINE_BINS);
        long[] fineCand = counters.slice(Counters.SCORES_CAND, 0, Counters.FINE_BINS);
        long[] coarseProd = counters.slice(Counters.COARSE, 0, Counters.SCORE_BINS);
        long[] coarseCand = counters.slice(Counters.COARSE, Counters.SCORE_BINS, Counters.SCORE_BINS);
        long[] decilesProd = counters.slice(Counters.COARSE, Counters.DECILES_AT, Counters.DECILES);
        long[] decilesCand = counters.slice(Counters.COARSE, Counters.DECILES_AT + Counters.DECILES, Counters.DECILES);
        boolean deciles = regression && Bins.total(decilesProd) > 0;
        BigInteger distributions = BigInteger.valueOf(Flat.getLong(bytes, PairLayout.DISTRIBUTIONS));
        return new Divergence(
                evidence.pairs(),
                evidence.invalidProd(),
                evidence.invalidCand(),
                evidence.clamped(),
                sums == null ? null : sums.mean(sums.p()),
                sums == null ? null : sums.mean(sums.c()),
                sums == null ? null : sums.mean(sums.diff()),
                sums == null ? null : sums.mean(sums.abs()),
                sums == null ? null : sums.rmse(),
                sums == null ? null : sums.largest(),
                sums == null || binary ? null : sums.nrmse(),
                sums == null ? null : sums.pearson(),
                sums == null ? null : sums.ccc(),
                PairLayout.FLIPS
                        .read(bytes, PairLayout.PAIR_ENTITIES)
                        .map(flips -> -flips.mean() + 0.0)
                        .orElse(null),
                directed(bytes, PairLayout.FLIPS_UP),
                directed(bytes, PairLayout.FLIPS_DOWN),
                kappa(counters.confusion()),
                binary ? psi(coarseProd, coarseCand) : null,
                binary ? (Double) Bins.jensenShannonBits(coarseProd, coarseCand) : null,
                binary ? (Double) Bins.kolmogorovSmirnov(fineProd, fineCand) : null,
                binary ? (Double) Bins.wasserstein(fineProd, fineCand) : null,
                deciles ? psi(decilesProd, decilesCand) : null,
                deciles ? (Double) Bins.jensenShannonBits(decilesProd, decilesCand) : null,
                mean(Flat.get128(bytes, PairLayout.DISTANCES), distributions, Quantised.BITS + 1),
                mean(Flat.get128(bytes, PairLayout.JENSEN_SHANNON), distributions, Quantised.BITS));
    }

    private static @Nullable Double mean(BigInteger sum, BigInteger n, int bits) {
        return n.signum() == 0 ? null : (Double) Exact.ratio(sum, n.shiftLeft(bits));
    }

    /** Share of flips in one direction among the pairs of which the positive class is known; null without any. */
    private static @Nullable Double directed(byte[] bytes, int flips) {
        long n = Flat.getLong(bytes, PairLayout.DIRECTED);
        return n == 0 ? null : (Double) Exact.ratio(Flat.getLong(bytes, flips), n);
    }

    private static @Nullable Double psi(long[] production, long[] candidate) {
        return Bins.total(production) < (long) PSI_PAIRS_PER_BIN * production.length
                ? null
                : (Double) Bins.psi(production, candidate);
    }

    /**
     * Cohen's kappa (p_o − p_e)/(1 − p_e) of the confusion, with all labels beyond the table taken as one class; null iff
     * the expected agreement is 1 or there are no labels.
     */
    static @Nullable Double kappa(long[][] confusion) {
        double n = 0;
        double agreed = 0;
        double[] rows = new double[confusion.length];
        double[] columns = new double[confusion.length];
        for (int row = 0; row < confusion.length; row++) {
            for (int column = 0; column < confusion.length; column++) {
                long count = confusion[row][column];
                n += count;
                rows[row] += count;
                columns[column] += count;
                agreed += row == column ? count : 0;
            }
        }
        double byChance = 0;
        for (int k = 0; k < confusion.length; k++) {
            byChance += rows[k] * columns[k];
        }
        return n == 0 || byChance == n * n ? null : (Double) ((n * agreed - byChance) / (n * n - byChance));
    }
}
