package dev.understudy.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A rollout stage as it was declared: an epoch of evidence with its margins and references.
 *
 * @param epoch increases over all pairs, starting with 1
 * @param percent declared share of entities that the candidate serves, 0 (shadow only) to 100
 * @param hold how long the stage lasts at least, in event time
 * @param margins by gate name, where they differ from the configured ones
 * @param tailNanos production's p99 batch time in nanoseconds, where it was given
 * @param deciles production's deciles for regression; empty where not given
 */
public record DeclaredStage(
        ModelPair pair,
        long epoch,
        int percent,
        Instant since,
        Duration hold,
        Map<String, Double> margins,
        OptionalLong tailNanos,
        List<Double> deciles) {
    public DeclaredStage {
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch must be at least 1, was " + epoch);
        }
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("percent must be 0 to 100, was " + percent);
        }
        if (hold.isNegative()) {
            throw new IllegalArgumentException("hold must not be negative, was " + hold);
        }
        margins = Map.copyOf(margins);
        deciles = List.copyOf(deciles);
    }
}
