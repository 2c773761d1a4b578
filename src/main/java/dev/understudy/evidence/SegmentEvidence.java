package dev.understudy.evidence;

/** What is known of a pair in an epoch and one segment. */
public record SegmentEvidence(PairEvidence pairs, OutcomeEvidence outcomes) {}
