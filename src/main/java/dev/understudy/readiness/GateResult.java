package dev.understudy.readiness;

import org.jspecify.annotations.Nullable;

/**
 * How one gate stands.
 *
 * @param observed mean of d, positive when the candidate is better; null without observations
 * @param bound lower bound of that mean, valid at all times at once; null without observations
 * @param margin m0: the bound must lie above it
 * @param requests observations
 * @param entities distinct entities among them, a lower bound
 * @param reason code where the status needs one: TOO_FEW_REQUESTS, TOO_FEW_ENTITIES, TOO_CONCENTRATED,
 *     NO_REFERENCE, LABELS_IMMATURE, OBSERVED_BELOW_MARGIN, BOUND_BELOW_MARGIN, HARM_PROVEN, CENSORED
 * @param requestsNeeded estimate of the further requests needed to pass; null unless undecided and within reach
 */
public record GateResult(
        Gate gate,
        GateStatus status,
        @Nullable Double observed,
        @Nullable Double bound,
        double margin,
        long requests,
        long entities,
        @Nullable String reason,
        @Nullable Long requestsNeeded) {
    /** The same numbers with another conclusion. */
    GateResult with(GateStatus other, String why) {
        return new GateResult(gate, other, observed, bound, margin, requests, entities, why, null);
    }

    /** Name in topics and reports. */
    public String name() {
        return gate.key();
    }
}
