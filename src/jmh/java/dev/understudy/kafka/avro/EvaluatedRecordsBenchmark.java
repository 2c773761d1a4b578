package dev.understudy.kafka.avro;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.ShadowTarget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.Serde;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What it takes to write and to read a comparison and a prediction: by our own code, and by Avro's generated coders. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EvaluatedRecordsBenchmark {
    /** A power of two; records differ in their ids, labels and scores. */
    private static final int RECORDS = 1 << 10;

    private static final String COMPARISONS = "comparisons";
    private static final String PREDICTIONS = "predictions";

    @Param({"own", "avro"})
    private String coder;

    private final List<Comparison> comparisons = new ArrayList<>();
    private final List<Prediction> predictions = new ArrayList<>();
    private final List<byte[]> comparisonBytes = new ArrayList<>();
    private final List<byte[]> predictionBytes = new ArrayList<>();
    private Serde<Comparison> ofComparisons;
    private Serde<Prediction> ofPredictions;
    private int next;

    @Setup(Level.Trial)
    public void write() {
        AvroSerdes serdes = new AvroSerdes(new InMemoryRegistry());
        boolean own = coder.equals("own");
        ofComparisons = own ? serdes.comparisons() : serdes.of(Comparison.class);
        ofPredictions = own ? serdes.predictions() : serdes.of(Prediction.class);
        Random random = new Random(1);
        for (int i = 0; i < RECORDS; i++) {
            Origin origin = new Origin(random.nextInt(4), 1_000_000L + i);
            String request = "request-" + i;
            String entity = "user-" + random.nextInt(5_000);
            double score = random.nextDouble();
            comparisons.add(Comparison.newBuilder()
                    .setRequestId(request)
                    .setEntityId(entity)
                    .setOrigin(origin)
                    .setModel("fraud")
                    .setProductionVersion("v1")
                    .setCandidateVersion("v2")
                    .setServedVersion("v1")
                    .setAttributes(Map.of("region", "eu"))
                    .setTask(ModelTask.BINARY)
                    .setStatus(ComparisonStatus.COMPARED)
                    .setProduction(result("v1", score))
                    .setCandidate(result("v2", 1 - score))
                    .setClasses(List.of("0", "1"))
                    .build());
            predictions.add(Prediction.newBuilder()
                    .setRequestId(request)
                    .setEntityId(entity)
                    .setOrigin(origin)
                    .setModel("fraud")
                    .setModelVersion("v1")
                    .setStatus(PredictionStatus.SCORED)
                    .setScore(score)
                    .setLabel(label(score))
                    .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.DEFAULT))
                    .setQueueNanos(400_000)
                    .setBatchNanos(30_000)
                    .setBatchRows(500)
                    .setScoredAt(1_790_000_000_000L + i)
                    .setShadowTargets(List.of(new ShadowTarget("v1", "v2", 0L)))
                    .build());
            comparisonBytes.add(ofComparisons.serializer().serialize(COMPARISONS, comparisons.get(i)));
            predictionBytes.add(ofPredictions.serializer().serialize(PREDICTIONS, predictions.get(i)));
        }
    }

    private static ModelResult result(String version, double score) {
        return ModelResult.newBuilder()
                .setModelVersion(version)
                .setScore(score)
                .setLabel(label(score))
                .setBatchNanos(30_000)
                .setBatchRows(500)
                .build();
    }

    private static String label(double score) {
        return score < 0.5 ? "0" : "1";
    }

    private int next() {
        next = next + 1 & RECORDS - 1;
        return next;
    }

    @Benchmark
    public Comparison readComparison() {
        return ofComparisons.deserializer().deserialize(COMPARISONS, comparisonBytes.get(next()));
    }

    @Benchmark
    public Prediction readPrediction() {
        return ofPredictions.deserializer().deserialize(PREDICTIONS, predictionBytes.get(next()));
    }

    @Benchmark
    public byte[] writeComparison() {
        return ofComparisons.serializer().serialize(COMPARISONS, comparisons.get(next()));
    }

    @Benchmark
    public byte[] writePrediction() {
        return ofPredictions.serializer().serialize(PREDICTIONS, predictions.get(next()));
    }
}
