package dev.understudy.domain;

import org.jspecify.annotations.Nullable;

/**
 * Which version serves an entity, and why.
 *
 * @param version the version that is to serve
 * @param variation what the flag answered, as text; null when it gave no answer
 */
public record RoutingDecision(
        ModelVersion version, String flagKey, @Nullable String variation, RoutingReason reason) {

    /** The same decision with another version serving in place of the one that was asked for. */
    public RoutingDecision fallenBackTo(ModelVersion other) {
        return new RoutingDecision(other, flagKey, variation, RoutingReason.FALLBACK);
    }
}
