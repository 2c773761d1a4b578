package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.GateMetric;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The questions that must be answered before a candidate may take its next step. Each asks whether the mean of a paired
 * difference d in [−1, 1], positive when the candidate is better, lies above −margin. Gates without a metric are known by
 * name, so that they can be required, but no evidence is collected for them.
 */
public enum Gate {
    ERRORS("errors", 0.002, GateMetric.ERRORS),
    TAIL_LATENCY("tail-latency", 0.005, null),
    TYPICAL_LATENCY("typical-latency", Math.log(1.1) / Math.log(10), null),
    FLIPS("flips", 0.05, GateMetric.FLIPS),
    SCORE_SHIFT("score-shift", 0.05, GateMetric.SCORE_SHIFT),
    ACCURACY("accuracy", 0.01, null),
    BRIER("brier", 0.005, null);

    private final String key;
    private final double defaultMargin;
    private final @Nullable GateMetric metric;

    Gate(String key, double defaultMargin, @Nullable GateMetric metric) {
        this.key = key;
        this.defaultMargin = defaultMargin;
        this.metric = metric;
    }

    /** Name in configuration, topics and reports, e.g. {@code tail-latency}. */
    public String key() {
        return key;
    }

    /** How much worse the candidate may be where nothing else was said. */
    public double defaultMargin() {
        return defaultMargin;
    }

    /** The evidence that answers it; empty where none is collected. */
    public Optional<GateMetric> metric() {
        return Optional.ofNullable(metric);
    }

    /** Whether the question makes sense for models of these tasks. No tasks seen yet: assume that it does. */
    boolean appliesTo(Set<Task> tasks) {
        return tasks.isEmpty()
                || switch (this) {
                    case ERRORS, TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY -> true;
                    case FLIPS, BRIER -> tasks.contains(Task.BINARY) || tasks.contains(Task.MULTICLASS);
                    case SCORE_SHIFT -> tasks.contains(Task.BINARY);
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
