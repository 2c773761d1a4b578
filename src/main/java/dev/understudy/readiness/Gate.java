package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.GateMetric;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The questions that must be answered before a candidate may take its next step. Each asks whether the mean of a
 * difference d in [−1, 1], positive when the candidate is better, lies above −margin.
 */
public enum Gate {
    ERRORS("errors", 0.002, GateMetric.ERRORS, Basis.REQUESTS),
    TAIL_LATENCY("tail-latency", 0.005, GateMetric.TAIL_LATENCY, Basis.BATCHES),
    TYPICAL_LATENCY("typical-latency", Math.log(1.1) / Math.log(10), GateMetric.TYPICAL_LATENCY, Basis.BATCHES),
    FLIPS("flips", 0.05, GateMetric.FLIPS, Basis.REQUESTS),
    SCORE_SHIFT("score-shift", 0.05, GateMetric.SCORE_SHIFT, Basis.REQUESTS),
    ACCURACY("accuracy", 0.01, GateMetric.ACCURACY, Basis.OUTCOMES),
    /** Better by what {@link Better} says; asked for only where it is on. Its margin is that. */
    ACCURACY_BETTER("accuracy-better", 0, null, Basis.OUTCOMES),
    BRIER("brier", 0.005, GateMetric.BRIER, Basis.OUTCOMES),
    /** Of regression, as a share of the declared bound. */
    ABSOLUTE_ERROR("absolute-error", 0.01, GateMetric.ABSOLUTE_ERROR, Basis.OUTCOMES),
    /** Business values of the served arms, as a share of the declared bound; asked for while the candidate serves. */
    BUSINESS_VALUE("business-value", 0.01, null, Basis.ARMS);

    /** What one observation is. */
    enum Basis {
        REQUESTS("requests"),
        BATCHES("batches"),
        OUTCOMES("labelled requests"),
        ARMS("outcomes");

        final String name;

        Basis(String name) {
            this.name = name;
        }
    }

    private final String key;
    private final double defaultMargin;
    private final @Nullable GateMetric metric;
    private final Basis basis;

    Gate(String key, double defaultMargin, @Nullable GateMetric metric, Basis basis) {
        this.key = key;
        this.defaultMargin = defaultMargin;
        this.metric = metric;
        this.basis = basis;
    }

    /** Name in configuration, topics and reports, e.g. {@code tail-latency}. */
    public String key() {
        return key;
    }

    /** How much worse the candidate may be where nothing else was said. */
    public double defaultMargin() {
        return defaultMargin;
    }

    /** The evidence that answers it, where it is of one metric. */
    Optional<GateMetric> metric() {
        return Optional.ofNullable(metric);
    }

    Basis basis() {
        return basis;
    }

    /** Whether segments have evidence of it. */
    boolean isSliced() {
        return switch (this) {
            case ERRORS, FLIPS, SCORE_SHIFT, ACCURACY, BRIER, ABSOLUTE_ERROR -> true;
            case TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY_BETTER, BUSINESS_VALUE -> false;
        };
    }

    /** Whether the question makes sense for models of these tasks. No tasks seen yet: assume that it does. */
    boolean appliesTo(Set<Task> tasks) {
        return tasks.isEmpty()
                || switch (this) {
                    case ERRORS, TAIL_LATENCY, TYPICAL_LATENCY, BUSINESS_VALUE -> true;
                    case FLIPS, BRIER, ACCURACY, ACCURACY_BETTER ->
                        tasks.contains(Task.BINARY) || tasks.contains(Task.MULTICLASS);
                    case SCORE_SHIFT -> tasks.contains(Task.BINARY);
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
}
