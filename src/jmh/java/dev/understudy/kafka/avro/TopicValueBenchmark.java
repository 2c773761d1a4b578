package dev.understudy.kafka.avro;

import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.FeatureVisitor;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What reading and writing the values that SCORE and SHADOW pass on cost, for requests of 30 named doubles. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TopicValueBenchmark {
    /** A power of two. Together larger than the processor's first caches, so that bytes are read as after a poll. */
    private static final int RECORDS = 1 << 10;

    private static final int MASK = RECORDS - 1;
    private static final int FEATURES = 30;

    private final Topics topics = new Topics("", new AvroSerdes(new InMemoryRegistry()));
    private final List<byte[]> requestBytes = new ArrayList<>();
    private final List<byte[]> forkedBytes = new ArrayList<>();
    private final List<ForkedRequest> forks = new ArrayList<>();
    private final List<Prediction> predictions = new ArrayList<>();
    private final Total total = new Total();
    private int next;

    @Setup(Level.Trial)
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < RECORDS; i++) {
            Map<String, FeatureValue> features = new LinkedHashMap<>();
            for (int f = 0; f < FEATURES; f++) {
                features.put("feature_" + f, new FeatureValue.Real(random.nextDouble(-1, 1)));
            }
            Request made = new Request(
                    "request-" + i,
                    "entity-" + i,
                    Map.of("region", "eu"),
                    1_790_000_000_000L + i,
                    new FeatureMap(features));
            requestBytes.add(write(topics.predictionRequests(), made));
            double score = random.nextDouble();
            String label = score < 0.5 ? "0" : "1";
            // As SCORE has it: read before, so its features are still the bytes in which they came.
            ForkedRequest forked = new ForkedRequest(
                    new dev.understudy.domain.Origin(i & 3, i),
                    "fraud",
                    new VersionAnswer(
                            new ModelVersion("v1"),
                            new RowResult.Scored(score, label, Map.of("0", 1 - score, "1", score), null),
                            20_000L + i,
                            16),
                    List.of(new ForkTarget(new ModelVersion("v1"), new ModelVersion("v2"), 1)),
                    made.createdAtMillis(),
                    read(topics.predictionRequests(), requestBytes.get(i)));
            forks.add(forked);
            forkedBytes.add(write(topics.shadowRequests(), forked));
            predictions.add(Prediction.newBuilder()
                    .setRequestId(made.requestId())
                    .setEntityId(made.entityId())
                    .setOrigin(new Origin(i & 3, (long) i))
                    .setModel("fraud")
                    .setModelVersion("v1")
                    .setStatus(PredictionStatus.SCORED)
                    .setScore(score)
                    .setLabel(label)
                    .setDecision(new RoutingDecision("ml-model-version", "v1", RoutingReason.DEFAULT))
                    .setEpoch(1L)
                    .setQueueNanos(1_000_000L)
                    .setBatchNanos(20_000L + i)
                    .setBatchRows(16)
                    .setScoredAt(1_790_000_000_000L + i)
                    .build());
        }
    }

    @TearDown(Level.Trial)
    public void printSizes() {
        System.out.printf(
                "%nbytes: request %d, forked request %d, prediction %d%n",
                requestBytes.get(MASK).length,
                forkedBytes.get(MASK).length,
                write(topics.predictions(), predictions.get(MASK)).length);
    }

    private static <T> byte[] write(Topic<String, T> topic, T value) {
        return topic.valueSerde().serializer().serialize(topic.name(), value);
    }

    private static <T> T read(Topic<String, T> topic, byte[] bytes) {
        return topic.valueSerde().deserializer().deserialize(topic.name(), bytes);
    }

    private int next() {
        next = next + 1 & MASK;
        return next;
    }

    /** Features are checked, but stay encoded. */
    @Benchmark
    public Request readRequest() {
        return read(topics.predictionRequests(), requestBytes.get(next()));
    }

    /** The same, and every feature shown once, as when it is written into a model's input. */
    @Benchmark
    public double readRequestAndFeatures() {
        Request request = read(topics.predictionRequests(), requestBytes.get(next()));
        total.sum = 0;
        request.features().forEach(total);
        return total.sum;
    }

    @Benchmark
    public ForkedRequest readForkedRequest() {
        return read(topics.shadowRequests(), forkedBytes.get(next()));
    }

    @Benchmark
    public byte[] writeForkedRequest() {
        return write(topics.shadowRequests(), forks.get(next()));
    }

    @Benchmark
    public byte[] writePrediction() {
        return write(topics.predictions(), predictions.get(next()));
    }

    /** Uses name and value of each feature, so that reading them cannot be left out. */
    private static final class Total implements FeatureVisitor {
        private double sum;

        @Override
        public void missing(String name) {
            sum += name.length();
        }

        @Override
        public void number(String name, double value) {
            sum += name.length() + value;
        }

        @Override
        public void integer(String name, long value) {
            sum += name.length() + value;
        }

        @Override
        public void bool(String name, boolean value) {
            sum += name.length() + (value ? 1 : 0);
        }

        @Override
        public void text(String name, String value) {
            sum += name.length() + value.length();
        }

        @Override
        public void vector(String name, double[] value) {
            sum += name.length() + value.length;
        }
    }
}
