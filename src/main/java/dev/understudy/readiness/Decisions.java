package dev.understudy.readiness;

import java.util.Map;

/**
 * The decisions on a candidate.
 *
 * @param all over all requests: the one that counts for the next stage
 * @param bySegment by {@code attribute=value}
 */
public record Decisions(Readiness all, Map<String, Readiness> bySegment) {
    public Decisions {
        bySegment = Map.copyOf(bySegment);
    }
}
