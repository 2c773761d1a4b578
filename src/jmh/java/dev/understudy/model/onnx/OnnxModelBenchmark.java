package dev.understudy.model.onnx;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Request;
import dev.understudy.domain.RowResult;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.model.ModelException;
import dev.understudy.model.ScoredBatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.serialization.Serde;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What scoring costs per row, by the size of the batch: reading the encoded features into the model's input, the model
 * call, and the answers.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class OnnxModelBenchmark {
    private static final int ROWS = 3_000;

    /** The version's folder. */
    @Param({"models/bench-linear/v1", "models/bench-trees/v1", "models/fraud/v4"})
    public String model;

    private OnnxModel opened;
    private final List<Features> rows = new ArrayList<>();
    private int from;

    @Setup(Level.Trial)
    public void open() throws ModelException {
        Path folder = Path.of(model);
        opened = OnnxModel.open(folder, OnnxSettings.pipeline());
        Serde<Request> serde = new AvroSerdes(new InMemoryRegistry()).requests();
        List<? extends Features> plain = model.startsWith("models/fraud/")
                ? recorded()
                : random(opened.signature().inputs().get(0).features());
        for (Features features : plain.subList(0, ROWS)) {
            byte[] bytes = serde.serializer()
                    .serialize("prediction-requests", new Request("request", "entity", Map.of(), 0, features));
            rows.add(serde.deserializer()
                    .deserialize("prediction-requests", bytes)
                    .features());
        }
        for (RowResult result : opened.score(rows).results()) {
            if (!(result instanceof RowResult.Scored)) {
                throw new IllegalStateException(model + " must score every row of the benchmark, answered " + result);
            }
        }
    }

    @TearDown(Level.Trial)
    public void close() {
        opened.close();
    }

    /** Real requests: of random ones the trees would take the same few branches. */
    private static List<Features> recorded() {
        return FraudRequests.read().take(ROWS).stream().map(Request::features).toList();
    }

    private static List<FeatureMap> random(List<String> names) {
        SplittableRandom random = new SplittableRandom(1);
        List<FeatureMap> rows = new ArrayList<>();
        for (int row = 0; row < ROWS; row++) {
            Map<String, FeatureValue> features = new LinkedHashMap<>();
            names.forEach(name -> features.put(name, new FeatureValue.Real(random.nextDouble(-1, 1))));
            rows.add(new FeatureMap(features));
        }
        return rows;
    }

    private ScoredBatch score(int size) {
        if (from + size > ROWS) {
            from = 0;
        }
        List<Features> batch = rows.subList(from, from + size);
        from += size;
        return opened.score(batch);
    }

    @Benchmark
    public ScoredBatch batchOf1() {
        return score(1);
    }

    @Benchmark
    @OperationsPerInvocation(16)
    public ScoredBatch batchOf16() {
        return score(16);
    }

    @Benchmark
    @OperationsPerInvocation(64)
    public ScoredBatch batchOf64() {
        return score(64);
    }

    @Benchmark
    @OperationsPerInvocation(500)
    public ScoredBatch batchOf500() {
        return score(500);
    }
}
