package dev.understudy.flags;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import java.util.List;

/**
 * The answer of the flags for one request.
 *
 * @param served who serves, and why
 * @param candidates the versions to score in shadow, without repetition, in a stable order; it may hold the served
 *     version while a candidate serves a share
 */
public record Routing(RoutingDecision served, List<ModelVersion> candidates) {
    public Routing {
        candidates = List.copyOf(candidates);
    }
}
