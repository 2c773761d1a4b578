package dev.understudy.evidence;

import java.time.Duration;
import java.util.List;

/**
 * What must be fixed before the first observation and be equal for all evidence that is merged.
 *
 * @param regressionUnitBits regression values are counted in units of 2^-bits, 0 to 32
 * @param timeBlock length of the blocks of event time within which errors are taken to come in bursts
 * @param deciles the nine edges of production's deciles (regression), ascending; empty where none were declared
 */
public record EvidenceShape(int regressionUnitBits, Duration timeBlock, List<Double> deciles) {
    static final int EDGES = 9;

    public EvidenceShape {
        if (regressionUnitBits < 0 || regressionUnitBits > 32) {
            throw new IllegalArgumentException(
                    "evaluate.regression-unit-bits must be 0 to 32, was " + regressionUnitBits);
        }
        if (timeBlock.toMillis() < 1 || timeBlock.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("evaluate.time-block must be 1 ms to 24 days, was " + timeBlock);
        }
        deciles = List.copyOf(deciles);
        if (!deciles.isEmpty() && deciles.size() != EDGES) {
            throw new IllegalArgumentException(
                    "deciles must be nine ascending values or none, were " + deciles.size() + " values");
        }
        for (int i = 0; i < deciles.size(); i++) {
            if (!Double.isFinite(deciles.get(i)) || (i > 0 && deciles.get(i) < deciles.get(i - 1))) {
                throw new IllegalArgumentException("deciles must be finite and ascending, were " + deciles);
            }
        }
    }

    /** Units of 2^-16, blocks of ten seconds, no deciles. */
    public static EvidenceShape standard() {
        return new EvidenceShape(16, Duration.ofSeconds(10), List.of());
    }

    /** The same with production's deciles as bins for regression. */
    public EvidenceShape withDeciles(List<Double> edges) {
        return new EvidenceShape(regressionUnitBits, timeBlock, edges);
    }
}
