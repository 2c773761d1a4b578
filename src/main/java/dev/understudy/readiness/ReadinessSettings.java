package dev.understudy.readiness;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the policy is told once.
 *
 * @param alpha chance of a wrong PASS of a gate, however often it is read
 * @param harmAlpha chance that any gate of a harmless candidate ever says FAIL
 * @param nStar requests at which the bounds are tightest
 * @param priorUsers w0, pseudo-users at the worst value
 * @param minimumRequests below, a gate is INSUFFICIENT
 * @param minimumEntities below, a gate is INSUFFICIENT
 * @param minimumBuckets below this many effective buckets of entities a gate is INSUFFICIENT
 * @param required gates that READY needs; those that do not apply to the models' task are passed over
 * @param margins by gate name; others have their default
 * @param holds how long each rollout stage lasts at least, by percent; 0 is shadow, and after the last comes 100
 * @param requestBudget requests after which an undecided stage is INCONCLUSIVE; 0 for no budget
 * @param validFor a verdict expires after this
 * @param idleAfter without comparisons for this long the verdict is HOLD, NO_TRAFFIC
 * @param staleAfter with a reader that is further behind than this the verdict is HOLD, STALE_INPUT
 * @param invalidLimit HOLD, INVALID_RATE, when a larger share of answers is invalid
 * @param sampleRatioTolerance how far the served share may lie from the declared one, as a share
 */
public record ReadinessSettings(
        double alpha,
        double harmAlpha,
        double nStar,
        double priorUsers,
        long minimumRequests,
        long minimumEntities,
        double minimumBuckets,
        List<Gate> required,
        Map<String, Double> margins,
        NavigableMap<Integer, Duration> holds,
        long requestBudget,
        Duration validFor,
        Duration idleAfter,
        Duration staleAfter,
        double invalidLimit,
        double sampleRatioTolerance) {
    public ReadinessSettings {
        check(alpha > 0 && alpha < 0.5, "alpha", "above 0 and below 0.5", alpha);
        check(harmAlpha > 0 && harmAlpha < 0.5, "harm-alpha", "above 0 and below 0.5", harmAlpha);
        check(nStar >= 1 && Double.isFinite(nStar), "tightest-at", "at least 1", nStar);
        check(priorUsers > 0 && Double.isFinite(priorUsers), "prior-users", "positive", priorUsers);
        check(minimumRequests >= 1, "minimum-requests", "at least 1", minimumRequests);
        check(minimumEntities >= 1, "minimum-entities", "at least 1", minimumEntities);
        check(minimumBuckets >= 1 && minimumBuckets <= 64, "minimum-buckets", "1 to 64", minimumBuckets);
        check(!required.isEmpty(), "gates", "at least one gate", required);
        check(requestBudget >= 0, "request-budget", "0 or more", requestBudget);
        check(positive(validFor), "valid-for", "positive", validFor);
        check(positive(idleAfter), "idle-after", "positive", idleAfter);
        check(positive(staleAfter), "stale-after", "positive", staleAfter);
        check(invalidLimit >= 0 && invalidLimit <= 1, "invalid-limit", "0 to 1", invalidLimit);
        check(
                sampleRatioTolerance >= 0 && sampleRatioTolerance < 1,
                "sample-ratio-tolerance",
                "0 or more and below 1",
                sampleRatioTolerance);
        required = List.copyOf(required);
        // Sorted, so that the text of the settings, whose hash is published, is the same in every process.
        margins = Collections.unmodifiableMap(new TreeMap<>(margins));
        margins.forEach(ReadinessSettings::checkMargin);
        NavigableMap<Integer, Duration> sorted = new TreeMap<>(holds);
        sorted.forEach((percent, hold) -> {
            check(percent >= 0 && percent < 100, "holds", "keyed by a percent of 0 to 99", percent);
            check(!hold.isNegative(), "holds." + percent, "0s or more", hold);
        });
        holds = Collections.unmodifiableNavigableMap(sorted);
    }

    /** What holds where nothing was configured: every gate that is known, the stages 5, 25, 50 and 100 %. */
    public static ReadinessSettings standard() {
        return new ReadinessSettings(
                0.05,
                0.05,
                5000,
                3,
                500,
                100,
                20,
                List.of(Gate.values()),
                Map.of(),
                new TreeMap<>(Map.of(
                        0, Duration.ofHours(24),
                        5, Duration.ofHours(24),
                        25, Duration.ofHours(48),
                        50, Duration.ofHours(48))),
                0,
                Duration.ofSeconds(30),
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                0.01,
                0.01);
    }

    public ReadinessSettings withAlpha(double value) {
        return copy(value, required, margins, holds, requestBudget, validFor, idleAfter);
    }

    public ReadinessSettings withRequired(List<Gate> value) {
        return copy(alpha, value, margins, holds, requestBudget, validFor, idleAfter);
    }

    public ReadinessSettings withMargins(Map<String, Double> value) {
        return copy(alpha, required, value, holds, requestBudget, validFor, idleAfter);
    }

    public ReadinessSettings withHolds(NavigableMap<Integer, Duration> value) {
        return copy(alpha, required, margins, value, requestBudget, validFor, idleAfter);
    }

    public ReadinessSettings withRequestBudget(long value) {
        return copy(alpha, required, margins, holds, value, validFor, idleAfter);
    }

    public ReadinessSettings withValidFor(Duration value) {
        return copy(alpha, required, margins, holds, requestBudget, value, idleAfter);
    }

    public ReadinessSettings withIdleAfter(Duration value) {
        return copy(alpha, required, margins, holds, requestBudget, validFor, value);
    }

    private ReadinessSettings copy(
            double newAlpha,
            List<Gate> newRequired,
            Map<String, Double> newMargins,
            NavigableMap<Integer, Duration> newHolds,
            long newBudget,
            Duration newValidFor,
            Duration newIdleAfter) {
        return new ReadinessSettings(
                newAlpha,
                harmAlpha,
                nStar,
                priorUsers,
                minimumRequests,
                minimumEntities,
                minimumBuckets,
                newRequired,
                newMargins,
                newHolds,
                newBudget,
                newValidFor,
                newIdleAfter,
                staleAfter,
                invalidLimit,
                sampleRatioTolerance);
    }

    static void checkMargin(String gate, double margin) {
        Gate.of(gate);
        check(margin >= 0 && margin <= 1, "margins." + gate, "0 to 1", margin);
    }

    private static boolean positive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    private static void check(boolean right, String key, String expected, Object value) {
        if (!right) {
            throw new IllegalArgumentException("readiness." + key + " must be " + expected + ", was " + value);
        }
    }
}
