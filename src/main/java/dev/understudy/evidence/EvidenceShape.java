package dev.understudy.evidence;

import dev.understudy.domain.References;
import java.time.Duration;

/**
 * What must be fixed before the first observation and be equal for all evidence that is merged.
 *
 * @param regressionUnitBits regression values are counted in units of 2^-bits, 0 to 32
 * @param timeBlock length of the blocks of event time within which errors and latencies are taken to come in bursts
 * @param references what evidence is measured against
 */
public record EvidenceShape(int regressionUnitBits, Duration timeBlock, References references) {
    public EvidenceShape {
        if (regressionUnitBits < 0 || regressionUnitBits > 32) {
            throw new IllegalArgumentException(
                    "evaluate.regression-unit-bits must be 0 to 32, was " + regressionUnitBits);
        }
        if (timeBlock.toMillis() < 1 || timeBlock.toMillis() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("evaluate.time-block must be 1 ms to 24 days, was " + timeBlock);
        }
    }

    /** Units of 2^-16, blocks of ten seconds, no references. */
    public static EvidenceShape standard() {
        return new EvidenceShape(16, Duration.ofSeconds(10), References.none());
    }

    /** The same with other references. */
    public EvidenceShape withReferences(References others) {
        return new EvidenceShape(regressionUnitBits, timeBlock, others);
    }
}
