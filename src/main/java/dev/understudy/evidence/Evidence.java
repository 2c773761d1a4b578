package dev.understudy.evidence;

/**
 * A flat array of integers that observations update in place and that merges by addition: associative and commutative to
 * the byte. The same observations give the same bytes, whatever their order, the parts in which they were counted and the
 * order in which the parts were merged; so evidence can be kept per partition, replayed and recomputed.
 */
public sealed interface Evidence permits PairEvidence, BatchEvidence, OutcomeEvidence, ExposureEvidence {
    /** The live array, not a copy. Adding and merging may replace it by a larger one. */
    byte[] bytes();

    /**
     * Adds all that other evidence of the same kind has counted. Where references differ, or one side has none, the sum
     * has none, and what was measured against them is gone.
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
        if (bytes.length < Header.SIZE) {
            throw new IllegalArgumentException("evidence must have a header, had " + bytes.length + " bytes");
        }
        return switch (Header.kind(bytes)) {
            case Header.BATCHES -> BatchEvidence.wrap(bytes);
            case Header.OUTCOMES -> OutcomeEvidence.wrap(bytes);
            case Header.EXPOSURE -> ExposureEvidence.wrap(bytes);
            default -> PairEvidence.wrap(bytes);
        };
    }
}
