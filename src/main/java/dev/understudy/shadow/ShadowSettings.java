package dev.understudy.shadow;

import java.time.Duration;
import java.util.List;

/**
 * How candidates are scored in shadow.
 *
 * @param loadTimeout how long a version may take to load before its requests count as failed
 * @param timeLimit how long the calls of a version on one batch may take before its rows count as timed out, and each that
 *     only measures latency
 * @param hangLimit how long they may go on after all before the process is halted
 * @param quarantine how long a version that does harm is not called, the first time
 * @param lagBudget how long requests may wait before some are left out
 * @param likeForLikeShare share of batches, 0 to 1, tried with each candidate to compare latency
 * @param disagreementFeatures names of the features that comparisons carry as text; none by default
 */
public record ShadowSettings(
        Duration loadTimeout,
        Duration timeLimit,
        Duration hangLimit,
        Duration quarantine,
        Duration lagBudget,
        double likeForLikeShare,
        List<String> disagreementFeatures) {
    public ShadowSettings {
        requirePositive("shadow.load-timeout", loadTimeout);
        requirePositive("shadow.time-limit", timeLimit);
        requirePositive("shadow.quarantine", quarantine);
        requirePositive("shadow.lag-budget", lagBudget);
        if (hangLimit.compareTo(timeLimit) <= 0) {
            throw new IllegalArgumentException(
                    "shadow.hang-limit must be longer than shadow.time-limit=" + timeLimit + ", was " + hangLimit);
        }
        if (!(likeForLikeShare >= 0 && likeForLikeShare <= 1)) {
            throw new IllegalArgumentException("shadow.like-for-like-share must be 0 to 1, was " + likeForLikeShare);
        }
        disagreementFeatures = List.copyOf(disagreementFeatures);
    }

    /**
     * 30 s to load, 5 s for a batch, 30 s until a call counts as hanging, a first quarantine of a minute, 2 minutes of lag,
     * a tenth of the batches like for like, no features.
     */
    public static ShadowSettings standard() {
        return new ShadowSettings(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                Duration.ofMinutes(2),
                0.1,
                List.of());
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(key + " must be positive, was " + value);
        }
    }
}
