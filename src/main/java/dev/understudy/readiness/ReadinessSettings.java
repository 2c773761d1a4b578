package dev.understudy.readiness;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/**
 * What the policy is told once. Its text is part of the published hash of the configuration, so it is the same in every
 * process.
 *
 * @param alpha chance of a wrong PASS of a gate, however often it is read
 * @param harmAlpha chance that any gate of a harmless candidate ever says FAIL; the same again for slices
 * @param nStar requests at which the bounds are tightest
 * @param priorUsers w0, pseudo-users at the worst value
 * @param minimumRequests below, a gate is INSUFFICIENT
 * @param minimumEntities below, a gate is INSUFFICIENT
 * @param minimumBuckets below this many effective buckets of entities a gate is INSUFFICIENT
 * @param required gates that READY needs; those that do not apply to the models' task are passed over
 * @param margins by gate name; others have their default
 * @param better whether, and in which sense, accuracy must be better
 * @param labelPolicy whether outcomes depend on what was served
 * @param coverage share of matured requests whose outcome must be known, above 0 and up to 1
 * @param holds how long each rollout stage lasts at least, by percent; 0 is shadow, and after the last comes 100
 * @param requestBudget requests after which an undecided stage is INCONCLUSIVE; 0 for no budget
 * @param validFor a verdict expires after this
 * @param idleAfter without comparisons for this long the verdict is HOLD, NO_TRAFFIC
 * @param staleAfter with a reader that is further behind than this the verdict is HOLD, STALE_INPUT
 * @param flagsStaleAfter with a flag source silent for longer than this the verdict is HOLD, STALE_FLAGS
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
        Better better,
        LabelPolicy labelPolicy,
        double coverage,
        NavigableMap<Integer, Duration> holds,
        long requestBudget,
        Duration validFor,
        Duration idleAfter,
        Duration staleAfter,
        Duration flagsStaleAfter,
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
        check(coverage > 0 && coverage <= 1, "coverage", "above 0 and at most 1", coverage);
        check(requestBudget >= 0, "request-budget", "0 or more", requestBudget);
        check(positive(validFor), "valid-for", "positive", validFor);
        check(positive(idleAfter), "idle-after", "positive", idleAfter);
        check(positive(staleAfter), "stale-after", "positive", staleAfter);
        check(positive(flagsStaleAfter), "flags-stale-after", "positive", flagsStaleAfter);
        check(invalidLimit >= 0 && invalidLimit <= 1, "invalid-limit", "0 to 1", invalidLimit);
        check(
                sampleRatioTolerance >= 0 && sampleRatioTolerance < 1,
                "sample-ratio-tolerance",
                "0 or more and below 1",
                sampleRatioTolerance);
        required = List.copyOf(required);
        // Sorted, so that the text is the same in every process.
        margins = Collections.unmodifiableMap(new TreeMap<>(margins));
        margins.forEach(ReadinessSettings::checkMargin);
        NavigableMap<Integer, Duration> sorted = new TreeMap<>(holds);
        sorted.forEach((percent, hold) -> {
            check(percent >= 0 && percent < 100, "holds", "keyed by a percent of 0 to 99", percent);
            check(!hold.isNegative(), "holds." + percent, "0s or more", hold);
        });
        holds = Collections.unmodifiableNavigableMap(sorted);
    }

    /** What holds where nothing was configured: every gate, the stages 5, 25, 50 and 100 %. */
    public static ReadinessSettings standard() {
        return new Builder().build();
    }

    /** A builder that starts from these settings. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.alpha = alpha;
        builder.harmAlpha = harmAlpha;
        builder.nStar = nStar;
        builder.priorUsers = priorUsers;
        builder.minimumRequests = minimumRequests;
        builder.minimumEntities = minimumEntities;
        builder.minimumBuckets = minimumBuckets;
        builder.required = required;
        builder.margins = margins;
        builder.better = better;
        builder.labelPolicy = labelPolicy;
        builder.coverage = coverage;
        builder.holds = holds;
        builder.requestBudget = requestBudget;
        builder.validFor = validFor;
        builder.idleAfter = idleAfter;
        builder.staleAfter = staleAfter;
        builder.flagsStaleAfter = flagsStaleAfter;
        builder.invalidLimit = invalidLimit;
        builder.sampleRatioTolerance = sampleRatioTolerance;
        return builder;
    }

    /** The margin of a gate: the stage's, else the configured one, else the gate's own. */
    double margin(Gate gate, StageFacts stage) {
        Double declared = stage.margins().get(gate.key());
        Double configured = margins.get(gate.key());
        if (declared != null) {
            return declared;
        }
        if (configured != null) {
            return configured;
        }
        return gate == Gate.ACCURACY_BETTER ? better.by() : gate.defaultMargin();
    }

    /** How long a stage of this percent lasts at least. */
    public Duration hold(int percent) {
        Map.Entry<Integer, Duration> entry = holds.floorEntry(percent);
        return entry == null ? Duration.ZERO : entry.getValue();
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

    /** Settings under construction; starts from the standard ones. */
    public static final class Builder {
        private double alpha = 0.05;
        private double harmAlpha = 0.05;
        private double nStar = 5000;
        private double priorUsers = 3;
        private long minimumRequests = 500;
        private long minimumEntities = 100;
        private double minimumBuckets = 20;
        private List<Gate> required = List.of(Gate.values());
        private Map<String, Double> margins = Map.of();
        private Better better = Better.off();
        private LabelPolicy labelPolicy = LabelPolicy.INDEPENDENT;
        private double coverage = 0.90;
        private NavigableMap<Integer, Duration> holds = new TreeMap<>(Map.of(
                0, Duration.ofHours(24),
                5, Duration.ofHours(24),
                25, Duration.ofHours(48),
                50, Duration.ofHours(48)));
        private long requestBudget;
        private Duration validFor = Duration.ofSeconds(30);
        private Duration idleAfter = Duration.ofMinutes(1);
        private Duration staleAfter = Duration.ofMinutes(5);
        private Duration flagsStaleAfter = Duration.ofMinutes(5);
        private double invalidLimit = 0.01;
        private double sampleRatioTolerance = 0.01;

        private Builder() {}

        public Builder alpha(double value) {
            alpha = value;
            return this;
        }

        public Builder harmAlpha(double value) {
            harmAlpha = value;
            return this;
        }

        public Builder nStar(double value) {
            nStar = value;
            return this;
        }

        public Builder priorUsers(double value) {
            priorUsers = value;
            return this;
        }

        public Builder minimumRequests(long value) {
            minimumRequests = value;
            return this;
        }

        public Builder minimumEntities(long value) {
            minimumEntities = value;
            return this;
        }

        public Builder minimumBuckets(double value) {
            minimumBuckets = value;
            return this;
        }

        public Builder required(List<Gate> value) {
            required = value;
            return this;
        }

        public Builder margins(Map<String, Double> value) {
            margins = value;
            return this;
        }

        public Builder better(Better value) {
            better = value;
            return this;
        }

        public Builder labelPolicy(LabelPolicy value) {
            labelPolicy = value;
            return this;
        }

        public Builder coverage(double value) {
            coverage = value;
            return this;
        }

        public Builder holds(NavigableMap<Integer, Duration> value) {
            holds = value;
            return this;
        }

        public Builder requestBudget(long value) {
            requestBudget = value;
            return this;
        }

        public Builder validFor(Duration value) {
            validFor = value;
            return this;
        }

        public Builder idleAfter(Duration value) {
            idleAfter = value;
            return this;
        }

        public Builder staleAfter(Duration value) {
            staleAfter = value;
            return this;
        }

        public Builder flagsStaleAfter(Duration value) {
            flagsStaleAfter = value;
            return this;
        }

        public Builder invalidLimit(double value) {
            invalidLimit = value;
            return this;
        }

        public Builder sampleRatioTolerance(double value) {
            sampleRatioTolerance = value;
            return this;
        }

        /** The settings.
         *
         * @throws IllegalArgumentException naming the key, if a value is out of range
         */
        public ReadinessSettings build() {
            return new ReadinessSettings(
                    alpha,
                    harmAlpha,
                    nStar,
                    priorUsers,
                    minimumRequests,
                    minimumEntities,
                    minimumBuckets,
                    required,
                    margins,
                    better,
                    labelPolicy,
                    coverage,
                    holds,
                    requestBudget,
                    validFor,
                    idleAfter,
                    staleAfter,
                    flagsStaleAfter,
                    invalidLimit,
                    sampleRatioTolerance);
        }
    }
}
