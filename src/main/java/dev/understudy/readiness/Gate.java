package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.GateMetric;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The questions that must be answered before a candidate may take its next step. Each asks whether the mean of a
 * difference d, positive when the candidate is better, lies above m0: −margin where the candidate must not be worse, +by
 * (or 0, when the share is inside d) where it must be better.
 */
public enum Gate {
    ERRORS("errors", 0.002, Source.PAIRS, GateMetric.ERRORS),
    TAIL_LATENCY("tail-latency", 0.005, Source.BATCHES, GateMetric.TAIL_LATENCY),
    TYPICAL_LATENCY("typical-latency", Math.log(1.1) / Math.log(10), Source.BATCHES, GateMetric.TYPICAL_LATENCY),
    FLIPS("flips", 0.05, Source.PAIRS, GateMetric.FLIPS),
    SCORE_SHIFT("score-shift", 0.05, Source.PAIRS, GateMetric.SCORE_SHIFT),
    ACCURACY("accuracy", 0.01, Source.OUTCOMES, GateMetric.ACCURACY),
    /** Its margin is by how much the candidate must be better. */
    ACCURACY_BETTER("accuracy-better", 0.05, Source.OUTCOMES, GateMetric.ACCURACY),
    BRIER("brier", 0.005, Source.OUTCOMES, GateMetric.BRIER),
    /** Regression. Its margin is a share of the declared bound of values. */
    ABSOLUTE_ERROR("absolute-error", 0.01, Source.OUTCOMES, GateMetric.ABSOLUTE_ERROR),
    /** Not paired: the candidate's arm against production's. Its margin is a share of the declared bound. */
    BUSINESS("business-value", 0.01, Source.ARMS, null);

    /** Where the answer comes from. */
    enum Source {
        PAIRS("request", "requests"),
        BATCHES("batch", "batches"),
        OUTCOMES("labelled request", "labelled requests"),
        ARMS("outcome with a value", "outcomes with a value");

        /** What observations are, for people. */
        final String noun;

        private final String one;

        Source(String one, String noun) {
            this.one = one;
            this.noun = noun;
        }

        /** The noun beside a number. */
        String noun(long n) {
            return n == 1 ? one : noun;
        }
    }

    private final String key;
    private final double defaultMargin;
    private final Source source;
    private final @Nullable GateMetric metric;

    Gate(String key, double defaultMargin, Source source, @Nullable GateMetric metric) {
        this.key = key;
        this.defaultMargin = defaultMargin;
        this.source = source;
        this.metric = metric;
    }

    /** Name in configuration, topics and reports, e.g. {@code tail-latency}. */
    public String key() {
        return key;
    }

    /** The margin where nothing else was said. */
    public double defaultMargin() {
        return defaultMargin;
    }

    Source source() {
        return source;
    }

    /** The paired difference that answers it; null for BUSINESS. */
    @Nullable
    GateMetric metric() {
        return metric;
    }

    /** Whether segments can answer it: they keep neither batches nor arms, and nobody need be better in each. */
    boolean inSegments() {
        return this != ACCURACY_BETTER && (source == Source.PAIRS || source == Source.OUTCOMES);
    }

    /** Whether the question makes sense for models of these tasks. No tasks seen yet: it does, save for regression. */
    boolean appliesTo(Set<Task> tasks) {
        boolean labels = tasks.isEmpty() || tasks.contains(Task.BINARY) || tasks.contains(Task.MULTICLASS);
        return switch (this) {
            case ERRORS, TAIL_LATENCY, TYPICAL_LATENCY, BUSINESS -> true;
            case FLIPS, ACCURACY, ACCURACY_BETTER, BRIER -> labels;
            case SCORE_SHIFT -> tasks.isEmpty() || tasks.contains(Task.BINARY);
            case ABSOLUTE_ERROR -> tasks.contains(Task.REGRESSION);
        };
    }

    /**
     * The gate of a name.
     *
     * @throws IllegalArgumentException naming all gates, if there is none of that name
     */
    public static Gate of(String key) {
        return Arrays.stream(values())
                .filter(gate -> gate.key.equals(key))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("gate must be one of "
                        + Arrays.stream(values()).map(Gate::key).collect(Collectors.joining(", ")) + ", was '"
                        + key + "'"));
    }

    /** Name for people. */
    String words() {
        return key.replace('-', ' ');
    }
}
