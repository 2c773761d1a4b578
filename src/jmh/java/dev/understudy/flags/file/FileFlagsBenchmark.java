package dev.understudy.flags.file;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.Routing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What routing one request costs. Goal: at most 0.5 µs for an entity that was asked about before ({@code oneEntity}, and
 * where many take turns).
 *
 * <p>An entity id is made of bytes for every question, as the one of a request is: it brings no hash along. Making it is
 * measured with the rest, and alone as {@code entityId}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FileFlagsBenchmark {
    private static final int FIRST_DIGIT = "entity-".length();

    /** Flags that give everybody the same, and a candidate that serves 5 %. Both name one version to shadow. */
    public enum Serving {
        FIXED("ml-model-version: v1", RoutingReason.DEFAULT),
        ROLLOUT("ml-model-version: {variations: [v1, v2], rollout: {v2: 5, v1: 95}}", RoutingReason.ROLLOUT);

        private final String yaml;
        private final RoutingReason reason;

        Serving(String yaml, RoutingReason reason) {
            this.yaml = yaml;
            this.reason = reason;
        }
    }

    @Param
    public Serving serving;

    private final byte[] id = "entity-000000000000".getBytes(StandardCharsets.US_ASCII);
    private final Map<String, String> attributes = new LinkedHashMap<>(Map.of("region", "eu"));
    private Path file;
    private ModelFlags flags;
    private long repeated;
    private long made = 1_000_000;

    @Setup(Level.Trial)
    public void open() throws IOException, FlagsUnavailableException {
        file = Files.createTempFile("flags", ".yaml");
        Files.writeString(file, "flags:\n  " + serving.yaml + "\n  shadow-candidates: [v2]\n");
        flags = FileFlags.open(
                FileFlagSettings.of(file), FlagKeys.standard(), new ModelVersion("v1"), Clock.systemUTC());
        Routing routing = flags.route("entity", attributes);
        if (routing.served().reason() != serving.reason) {
            throw new IllegalStateException("the flags must answer with reason " + serving.reason + ", was " + routing);
        }
    }

    @TearDown(Level.Trial)
    public void close() throws IOException {
        flags.close();
        Files.delete(file);
    }

    private String entity(long number) {
        long rest = number;
        for (int digit = id.length - 1; digit >= FIRST_DIGIT; digit--) {
            id[digit] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        return new String(id, StandardCharsets.US_ASCII);
    }

    private long nextOf(int entities) {
        repeated = repeated + 1 == entities ? 0 : repeated + 1;
        return repeated;
    }

    /** Not a routing: the part of the others that makes the entity id. */
    @Benchmark
    public String entityId() {
        return entity(made++);
    }

    @Benchmark
    public Routing oneEntity() {
        return flags.route(entity(1), attributes);
    }

    /** In turn: more than fit the processor's first caches, and some share a slot of the answers remembered. */
    @Benchmark
    public Routing tenThousandEntities() {
        return flags.route(entity(nextOf(10_000)), attributes);
    }

    @Benchmark
    public Routing twentyThousandEntities() {
        return flags.route(entity(nextOf(20_000)), attributes);
    }

    /** Never asked about before. */
    @Benchmark
    public Routing newEntity() {
        return flags.route(entity(made++), attributes);
    }
}
