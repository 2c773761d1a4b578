package dev.understudy.bench;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionRequest;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.model.onnx.OnnxEnvironment;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** A prediction as ONNX Runtime's own examples make one: arrays in, arrays out, default options. */
final class NaivePredictor {
    private final ColumnsModel model;
    private final OrtSession session;

    NaivePredictor(ColumnsModel model, String file) throws OrtException {
        this.model = model;
        this.session = ColumnsModel.session(file, new OrtSession.SessionOptions());
    }

    Prediction predict(PredictionRequest request) {
        float[][] row = new float[1][model.features().size()];
        for (int column = 0; column < row[0].length; column++) {
            Object value = Objects.requireNonNull(
                    request.getFeatures().get(model.features().get(column)));
            row[0][column] = ((Number) value).floatValue();
        }
        long start = System.nanoTime();
        try (OnnxTensor tensor = OnnxTensor.createTensor(OnnxEnvironment.get(), row);
                OrtSession.Result result = session.run(Map.of(model.input(), tensor))) {
            long[] label = (long[]) value(result, model.label());
            float[][] probabilities = (float[][]) value(result, model.probabilities());
            return Prediction.newBuilder()
                    .setRequestId(request.getRequestId())
                    .setEntityId(request.getEntityId())
                    .setOrigin(new Origin(0, 0L))
                    .setModel("bench")
                    .setModelVersion("v1")
                    .setStatus(PredictionStatus.SCORED)
                    .setScore((double) probabilities[0][1])
                    .setLabel(Long.toString(label[0]))
                    .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.DEFAULT))
                    .setEpoch(0)
                    .setQueueNanos(0)
                    .setBatchNanos(System.nanoTime() - start)
                    .setBatchRows(1)
                    .setScoredAt(System.currentTimeMillis())
                    .setShadowTargets(List.of())
                    .build();
        } catch (OrtException e) {
            throw new IllegalStateException("the model call failed", e);
        }
    }

    private static Object value(OrtSession.Result result, String name) throws OrtException {
        OnnxValue value = result.get(name).orElseThrow();
        return value.getValue();
    }
}
