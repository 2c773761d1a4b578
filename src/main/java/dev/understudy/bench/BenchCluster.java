package dev.understudy.bench;

import dev.understudy.broker.EmbeddedKafka;
import dev.understudy.broker.EmbeddedKafkaSettings;
import dev.understudy.model.ModelException;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.onnx.OnnxModel;
import dev.understudy.model.onnx.OnnxSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.function.Consumer;

/** What every benchmark stands on: a broker in a JVM of its own, a folder for all data, and requests that fit the model. */
record BenchCluster(BenchFolder folder, EmbeddedKafka kafka, ModelSignature signature, BenchRequests requests)
        implements AutoCloseable {
    private static final int BROKER_HEAP_MEBIBYTES = 512;

    /**
     * Starts the broker.
     *
     * @throws ModelException if the model cannot be loaded
     * @throws IllegalArgumentException if its inputs are not numbers, or the directory holds something
     */
    static BenchCluster start(Path model, Path directory, Consumer<String> say) throws ModelException, IOException {
        ModelSignature signature;
        try (OnnxModel opened = OnnxModel.open(model, OnnxSettings.strict())) {
            signature = opened.signature();
        }
        BenchRequests requests = BenchRequests.of(signature, Clock.systemUTC());
        BenchFolder folder = BenchFolder.fresh(directory);
        try {
            folder.takeModel(model);
            say.accept("Starting Kafka ...");
            EmbeddedKafka kafka = EmbeddedKafka.start(
                    EmbeddedKafkaSettings.in(folder.brokerData()).withHeapMebibytes(BROKER_HEAP_MEBIBYTES));
            return new BenchCluster(folder, kafka, signature, requests);
        } catch (IOException | RuntimeException e) {
            folder.delete();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            kafka.close();
        } finally {
            folder.delete();
        }
    }
}
