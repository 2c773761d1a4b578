package dev.understudy.bench;

import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.model.ModelException;
import dev.understudy.model.onnx.OnnxModel;
import dev.understudy.model.onnx.OnnxSettings;
import dev.understudy.process.LifeLine;
import java.nio.file.Path;
import java.time.Duration;

/** Runs one peer in a JVM of its own until standard input ends. */
final class PeerMain {
    static final String READY = "READY";

    private static final Duration GRACE = Duration.ofSeconds(10);

    private PeerMain() {}

    /** Arguments: variant, the words of the connection, model, state directory. */
    public static void main(String[] arguments) throws Exception {
        LifeLine.exitWhenCut(System.in, GRACE);
        Variant variant = Variant.parse(arguments[0]);
        BenchConnection connection = BenchConnection.parse(arguments[1], arguments[2], arguments[3], arguments[4]);
        Path model = Path.of(arguments[5]);
        Path state = Path.of(arguments[6]);
        try (AvroSerdes serdes = connection.serdes()) {
            switch (variant) {
                case BARE -> {
                    try (BareLoop loop = new BareLoop(connection, columns(model), model.toString())) {
                        loop.start();
                        System.out.println(READY);
                        loop.run();
                    }
                }
                case COPY -> run(StreamsPeers.copy(connection, serdes, state));
                case NAIVE ->
                    run(StreamsPeers.naive(
                            connection, serdes, state, new NaivePredictor(columns(model), model.toString())));
                case SCORE, SCORE_AND_FORK, PIPELINE, EVALUATE ->
                    throw new IllegalArgumentException(variant + " is not a peer");
            }
        }
    }

    private static void run(StageRunner runner) {
        try (runner) {
            runner.start();
            System.out.println(READY);
            runner.awaitEnd();
        }
    }

    private static ColumnsModel columns(Path file) throws ModelException {
        try (OnnxModel model = OnnxModel.open(file, OnnxSettings.pipeline())) {
            return ColumnsModel.of(model.signature()).orElseThrow();
        }
    }
}
