package dev.understudy.readiness;

/**
 * One gate in one segment.
 *
 * @param observed mean of d, positive when the candidate is better
 * @param upperBound upper bound of that mean at alpha shared among candidates and slices
 * @param margin m0: harm means that the mean lies below it
 * @param entities distinct entities, a lower bound
 * @param flagged harm is proven by e-Benjamini-Hochberg over all slices
 */
public record Slice(
        String segment,
        Gate gate,
        double observed,
        double upperBound,
        double margin,
        long requests,
        long entities,
        boolean flagged) {
    /**
     * How far the upper bound lies above m0, in units of the margin or of the gate's usual one, the larger, so that gates
     * of different units can be compared: below 0 harm is certain; it tends to 1 for a candidate that differs in nothing.
     */
    double marginsAboveHarm() {
        return (upperBound - margin) / Math.max(Math.abs(margin), gate.defaultMargin());
    }
}
