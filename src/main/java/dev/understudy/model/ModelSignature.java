package dev.understudy.model;

import dev.understudy.domain.Task;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model expects and gives.
 *
 * @param classNames in the order of the model's probabilities; empty for regression
 * @param positive binary: which of {@code classNames} is the positive class, whose probability the score is; the second,
 *     1, unless the card says otherwise
 * @param threshold binary: the label is the positive class iff score &gt;= threshold, where the card says so; null
 *     where the model's own label counts
 */
public record ModelSignature(
        Task task,
        List<Input> inputs,
        List<Output> outputs,
        List<String> classNames,
        int positive,
        @Nullable Double threshold) {

    /** The class names as comparisons carry them: the positive class of a binary model second, others as they are. */
    public List<String> classesPositiveSecond() {
        return task == Task.BINARY && positive == 0 && classNames.size() == 2
                ? List.of(classNames.get(1), classNames.get(0))
                : classNames;
    }

    /** Element types that inputs and outputs may have. */
    public enum ElementType {
        FLOAT,
        DOUBLE,
        INT64,
        INT32,
        BOOL,
        STRING
    }

    /**
     * One input tensor.
     *
     * @param shape as in the file; -1 for a free dimension, the first is the batch
     * @param features the features that fill its columns in order; a single one where a vector or scalar fills it all
     */
    public record Input(String name, ElementType type, List<Long> shape, List<String> features) {}

    /**
     * One output.
     *
     * @param kind {@code tensor}, or {@code map} for a sequence of maps as scikit-learn's ZipMap gives
     * @param role what it is used for: {@code score}, {@code label}, {@code probabilities} or {@code none}
     */
    public record Output(String name, ElementType type, List<Long> shape, String kind, String role) {}
}
