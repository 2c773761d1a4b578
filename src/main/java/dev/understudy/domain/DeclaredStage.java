package dev.understudy.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * A rollout stage as it was declared: an epoch of evidence with its margins and references.
 *
 * @param epoch increases over all pairs, starting with 1
 * @param percent declared share of entities that the candidate serves, 0 (shadow only) to 100
 * @param hold how long the stage lasts at least, in event time
 * @param margins by gate name, where they differ from the configured ones
 * @param references what evidence is measured against
 * @param candidates how many candidates are compared with production at once: each is judged at alpha / candidates
 */
public record DeclaredStage(
        ModelPair pair,
        long epoch,
        int percent,
        Instant since,
        Duration hold,
        Map<String, Double> margins,
        References references,
        int candidates) {
    /** Beyond it the end of a stage could not be reckoned. */
    private static final Duration LONGEST_HOLD = Duration.ofDays(36_500);

    public DeclaredStage {
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch must be at least 1, was " + epoch);
        }
        if (percent < 0 || percent > 100) {
            throw new IllegalArgumentException("percent must be 0 to 100, was " + percent);
        }
        if (hold.isNegative() || hold.compareTo(LONGEST_HOLD) > 0) {
            throw new IllegalArgumentException(
                    "hold must be between 0 and " + LONGEST_HOLD.toDays() + " days, was " + hold);
        }
        margins = Map.copyOf(margins);
        if (candidates < 1) {
            throw new IllegalArgumentException("candidates must be at least 1, was " + candidates);
        }
    }
}
