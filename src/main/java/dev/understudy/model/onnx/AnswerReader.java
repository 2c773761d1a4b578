package dev.understudy.model.onnx;

import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelSignature;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns the outputs of a call into answers.
 *
 * @param label name of the output with the predicted class
 * @param main name of the output with the score or the probabilities
 * @param labelTexts class names by what the model's label output says, where they differ
 */
record AnswerReader(
        ModelSignature signature,
        @Nullable String label,
        @Nullable String main,
        ModelCard.Activation activation,
        Map<String, String> labelTexts) {

    RowResult read(int row, @Nullable OutputValues labels, @Nullable OutputValues numbers) {
        String modelLabel = labels == null ? null : named(labels.text(row, 0));
        return switch (signature.task()) {
            case BINARY -> binary(row, modelLabel, numbers);
            case MULTICLASS -> multiclass(row, modelLabel, numbers);
            case REGRESSION -> regression(row, numbers);
        };
    }

    private RowResult binary(int row, @Nullable String modelLabel, @Nullable OutputValues numbers) {
        if (numbers == null) {
            return new RowResult.Scored(null, modelLabel, Map.of(), null);
        }
        int positive = signature.positive();
        double[] probabilities;
        if (numbers.perRow() == 1) {
            double value = numbers.number(row, 0);
            double score = activation == ModelCard.Activation.NONE ? value : sigmoid(value);
            probabilities = new double[2];
            probabilities[positive] = score;
            probabilities[1 - positive] = 1 - score;
        } else {
            probabilities = activated(row, numbers);
        }
        double score = probabilities[positive];
        Double threshold = signature.threshold();
        List<String> classes = signature.classNames();
        String label = threshold == null ? modelLabel : classes.get(score >= threshold ? positive : 1 - positive);
        return new RowResult.Scored(score, label, new ClassProbabilities(classes, probabilities), null);
    }

    private RowResult multiclass(int row, @Nullable String modelLabel, @Nullable OutputValues numbers) {
        if (numbers == null) {
            return new RowResult.Scored(null, modelLabel, Map.of(), null);
        }
        double[] probabilities = activated(row, numbers);
        List<String> classes = signature.classNames();
        String label = modelLabel != null ? modelLabel : classes.get(highest(probabilities));
        return new RowResult.Scored(null, label, new ClassProbabilities(classes, probabilities), null);
    }

    private RowResult regression(int row, @Nullable OutputValues numbers) {
        if (numbers == null) {
            throw new IllegalStateException("a regression model without a score");
        }
        if (numbers.perRow() == 1) {
            return new RowResult.Scored(numbers.number(row, 0), null, Map.of(), null);
        }
        double[] vector = new double[numbers.perRow()];
        for (int i = 0; i < vector.length; i++) {
            vector[i] = numbers.number(row, i);
        }
        return new RowResult.Scored(null, null, Map.of(), vector);
    }

    private double[] activated(int row, OutputValues numbers) {
        double[] values = new double[numbers.perRow()];
        for (int i = 0; i < values.length; i++) {
            double value = numbers.number(row, i);
            values[i] = activation == ModelCard.Activation.SIGMOID ? sigmoid(value) : value;
        }
        if (activation == ModelCard.Activation.SOFTMAX) {
            softmax(values);
        }
        return values;
    }

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    // Shifted by the largest value, so that no exponential overflows.
    private static void softmax(double[] values) {
        double largest = values[highest(values)];
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.exp(values[i] - largest);
            sum += values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] /= sum;
        }
    }

    private static int highest(double[] values) {
        int at = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[at]) {
                at = i;
            }
        }
        return at;
    }

    private String named(String text) {
        return labelTexts.isEmpty() ? text : labelTexts.getOrDefault(text, text);
    }
}
