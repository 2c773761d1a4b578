package dev.understudy.evidence;

import java.time.Duration;

/**
 * A flat array of integers that observations update in place and that merges by addition: associative and commutative to
 * the byte.
 */
public sealed interface Evidence permits PairEvidence, BatchEvidence, OutcomeEvidence, ExposureEvidence {
    /** The live array, not a copy. Adding and merging may replace it by a larger one. */
    byte[] bytes();

    /**
     * Adds all that other evidence of the same kind has counted.
     *
     * @throws IllegalArgumentException if the kind, detail, units or time blocks differ
     */
    void merge(Evidence other);

    /**
     * Requires that observations may go on to be added under that shape.
     *
     * @throws IllegalArgumentException if the evidence was begun with other units or time blocks
     */
    static void requireBegunWith(EvidenceShape shape, byte[] bytes) {
        if (Header.unitBits(bytes) != shape.regressionUnitBits()
                || Header.blockMillis(bytes) != shape.timeBlock().toMillis()) {
            throw new IllegalArgumentException(
                    "evidence was begun with units of 2^-" + Header.unitBits(bytes) + " and time blocks of "
                            + Duration.ofMillis(Header.blockMillis(bytes)) + ", and is to go on with units of 2^-"
                            + shape.regressionUnitBits() + " and time blocks of " + shape.timeBlock());
        }
    }

    /**
     * Takes over the bytes of earlier evidence of any kind without copying.
     *
     * @throws IllegalArgumentException if they are not evidence of this version
     */
    static Evidence wrap(byte[] bytes) {
        return switch (Header.kind(bytes)) {
            case Header.PAIRS -> PairEvidence.wrap(bytes);
            case Header.BATCHES -> BatchEvidence.wrap(bytes);
            case Header.OUTCOMES -> OutcomeEvidence.wrap(bytes);
            case Header.EXPOSURE -> ExposureEvidence.wrap(bytes);
            default -> throw new IllegalArgumentException("evidence must be of kind 1 to 4, was " + bytes[1]);
        };
    }
}
