package dev.understudy.bench;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.ModelSignature.Input;
import dev.understudy.model.ModelSignature.Output;
import dev.understudy.model.onnx.OnnxEnvironment;
import java.util.List;
import java.util.Optional;

/**
 * What the peers know of a model: one input of float columns, a label and two probabilities. They are written for such a
 * model, as a team writes its own.
 *
 * @param input name of the input
 * @param features in the order of its columns
 */
record ColumnsModel(String input, List<String> features, String label, String probabilities) {
    /** Empty for a model of another kind. */
    static Optional<ColumnsModel> of(ModelSignature signature) {
        Optional<Output> label = output(signature, "label", ElementType.INT64);
        Optional<Output> probabilities = output(signature, "probabilities", ElementType.FLOAT)
                .or(() -> output(signature, "score", ElementType.FLOAT))
                .filter(output -> output.shape().size() == 2 && output.shape().get(1) == 2);
        if (signature.inputs().size() != 1 || label.isEmpty() || probabilities.isEmpty()) {
            return Optional.empty();
        }
        Input input = signature.inputs().get(0);
        boolean isColumns = input.type() == ElementType.FLOAT
                && input.shape().size() == 2
                && input.shape().get(0) == -1
                && input.features().size() == input.shape().get(1);
        return isColumns
                ? Optional.of(new ColumnsModel(
                        input.name(),
                        input.features(),
                        label.get().name(),
                        probabilities.get().name()))
                : Optional.empty();
    }

    private static Optional<Output> output(ModelSignature signature, String role, ElementType type) {
        return signature.outputs().stream()
                .filter(output -> output.role().equals(role)
                        && output.type() == type
                        && output.kind().equals("tensor"))
                .findFirst();
    }

    static OrtSession session(String file, OrtSession.SessionOptions options) throws OrtException {
        return OnnxEnvironment.get().createSession(file, options);
    }
}
