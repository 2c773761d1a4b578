package dev.understudy.evidence;

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
