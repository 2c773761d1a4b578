package dev.understudy.evidence;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/**
 * 832 bins of a probability, fine towards 0 and towards 1: {@link LogHist} with m = 4 of floor(x·2^30) below ½, mirrored
 * above. Uniform bins would put nearly all scores of a rare class into one of them. Among packed counters, the negatives
 * come first and the positives behind them.
 */
final class ScoreBins {
    static final int COUNT = 832;
    private static final int BITS = 4;
    private static final int HALF = 1 << 29;
    private static final int LARGEST = (1 << 30) - 1;
    /** Chunks of one histogram of negatives and one of positives. */
    static final int CHUNKS = 2 * COUNT / Chunks.CHUNK;

    private ScoreBins() {}

    /** Bin of a probability. */
    static int of(double x) {
        int value = Math.min(LARGEST, (int) (x * 0x1p30));
        return value < HALF ? LogHist.index(value, BITS) : COUNT - 1 - LogHist.index(LARGEST - value, BITS);
    }

    /**
     * Area under the ROC curve: the share of pairs of a positive and a negative in which the positive has the higher bin,
     * those in the same bin counting half. At most {@code bound} = ½·Σ pos_b·neg_b/(P·N) from that of the exact scores.
     */
    record Auc(double value, double bound) {
        /** Null unless there are both positives and negatives. */
        static @Nullable Auc read(Chunks chunks, int first) {
            long[] negatives = chunks.slice(first, 0, COUNT);
            long[] positives = chunks.slice(first, COUNT, COUNT);
            BigInteger below = BigInteger.ZERO;
            BigInteger twiceAbove = BigInteger.ZERO;
            BigInteger ties = BigInteger.ZERO;
            for (int bin = 0; bin < COUNT; bin++) {
                BigInteger positive = BigInteger.valueOf(positives[bin]);
                BigInteger negative = BigInteger.valueOf(negatives[bin]);
                twiceAbove = twiceAbove.add(positive.multiply(below.shiftLeft(1).add(negative)));
                ties = ties.add(positive.multiply(negative));
                below = below.add(negative);
            }
            BigInteger twicePairs = below.multiply(Buckets.total(positives)).shiftLeft(1);
            return twicePairs.signum() == 0
                    ? null
                    : new Auc(Exact.ratio(twiceAbove, twicePairs), Exact.ratio(ties, twicePairs));
        }
    }
}
