package dev.understudy.readiness;

import org.jspecify.annotations.Nullable;

/**
 * How one gate stands.
 *
 * @param observed mean of d, positive when the candidate is better; null without observations
 * @param bound lower bound of that mean, valid at all times at once; null without observations
 * @param upperBound upper bound of that mean at the level at which harm is proven; null without observations
 * @param margin m0: the bound must lie above it
 * @param requests observations: requests, batches for latencies, outcomes with a value for the arms
 * @param entities distinct entities among them, a lower bound; for latencies time blocks
 * @param reason code where the status needs one: NO_REFERENCE, REFERENCE_IMPLAUSIBLE, LABELS_IMMATURE,
 *     TOO_FEW_REQUESTS, TOO_FEW_ENTITIES, TOO_CONCENTRATED, OBSERVED_BELOW_MARGIN, BOUND_BELOW_MARGIN, HARM_PROVEN;
 *     CENSORED, whatever the status, where the gate is merely shown
 * @param requestsNeeded estimate of the further observations needed to pass; null unless undecided and within reach
 */
public record GateResult(
        Gate gate,
        GateStatus status,
        @Nullable Double observed,
        @Nullable Double bound,
        @Nullable Double upperBound,
        double margin,
        long requests,
        long entities,
        @Nullable String reason,
        @Nullable Long requestsNeeded) {
    /** Name in topics and reports. */
    public String name() {
        return gate.key();
    }

    /** Whether it takes part in the decision; otherwise it is merely shown. */
    boolean decides() {
        return !"CENSORED".equals(reason);
    }

    GateResult merelyShown() {
        return new GateResult(
                gate, status, observed, bound, upperBound, margin, requests, entities, "CENSORED", requestsNeeded);
    }
}
