package dev.understudy.evidence;

/** All that is known of a pair in an epoch, over all requests. */
public record CandidateEvidence(
        PairEvidence pairs, BatchEvidence batches, OutcomeEvidence outcomes, ExposureEvidence exposure) {
    /** Nothing is known. */
    public static CandidateEvidence none(EvidenceShape shape) {
        return new CandidateEvidence(
                PairEvidence.create(Detail.FULL, shape),
                BatchEvidence.create(shape),
                OutcomeEvidence.create(Detail.FULL, shape),
                ExposureEvidence.create());
    }
}
