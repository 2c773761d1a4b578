package dev.understudy.evidence;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one version contributed to a comparison.
 *
 * @param error the version was asked and gave no answer
 * @param score probability of the positive class or regression value; null where the version gave no single number. May
 *     be NaN or infinite: that is counted as invalid
 * @param label predicted class; null for regression or where there was no answer
 * @param probabilities per class name, for more than two classes; empty where the version gave none
 * @param latencyNanos duration of the model call; 0 when no call was made
 */
public record Answer(
        boolean error,
        @Nullable Double score,
        @Nullable String label,
        Map<String, Double> probabilities,
        long latencyNanos) {
    private static final Answer NONE = new Answer(false, null, null, Map.of(), 0);

    /** The version was not asked. */
    public static Answer none() {
        return NONE;
    }

    /** The version was asked and gave no answer. */
    public static Answer failed(long latencyNanos) {
        return new Answer(true, null, null, Map.of(), latencyNanos);
    }

    /** Whether the version was asked: it failed, answered, or at least took time. False for {@link #none()} alone. */
    public boolean asked() {
        return error || latencyNanos != 0 || score != null || label != null || !probabilities.isEmpty();
    }
}
