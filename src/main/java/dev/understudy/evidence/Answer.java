package dev.understudy.evidence;

import dev.understudy.domain.Task;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one version contributed to a comparison.
 *
 * @param asked whether the version was asked at all
 * @param error the version was asked and gave no answer
 * @param score probability of the positive class or regression value; null where the version gave no single number. May
 *     be NaN or infinite: that is counted as invalid
 * @param label predicted class; null for regression or where there was no answer
 * @param probabilities per class name, for more than two classes; empty where the version gave none
 * @param latencyNanos duration of the model call; 0 when no call was made
 */
public record Answer(
        boolean asked,
        boolean error,
        @Nullable Double score,
        @Nullable String label,
        Map<String, Double> probabilities,
        long latencyNanos) {
    private static final Answer NONE = new Answer(false, false, null, null, Map.of(), 0);

    /** An answer. */
    public static Answer of(
            @Nullable Double score, @Nullable String label, Map<String, Double> probabilities, long latencyNanos) {
        return new Answer(true, false, score, label, probabilities, latencyNanos);
    }

    /** The version was not asked. */
    public static Answer none() {
        return NONE;
    }

    /** The version gave no answer. */
    public static Answer failed(long latencyNanos) {
        return new Answer(true, true, null, null, Map.of(), latencyNanos);
    }

    /** Whether no number of it is NaN, infinite, or a probability outside 0 to 1. */
    boolean isValid(@Nullable Task task) {
        if (score != null && task == Task.BINARY && !(score >= 0 && score <= 1)) {
            return false;
        }
        if (score != null && task == Task.REGRESSION && !Double.isFinite(score)) {
            return false;
        }
        if (task == Task.MULTICLASS) {
            for (double probability : probabilities.values()) {
                if (!(probability >= 0 && probability <= 1)) {
                    return false;
                }
            }
        }
        return true;
    }
}
