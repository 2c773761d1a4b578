package dev.understudy.flags;

import dev.understudy.domain.RoutingReason;
import java.nio.charset.StandardCharsets;
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
 * What routing one request costs, with the flags of one source. Goal: at most 0.5 µs for an entity that was asked about
 * before ({@code oneEntity}, and where many take turns).
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
public abstract class RoutingBenchmark {
    private static final int FIRST_DIGIT = "entity-".length();

    /** Flags that give everybody the same, and a candidate that serves 5 %. Both name one version to shadow. */
    public enum Serving {
        FIXED(RoutingReason.DEFAULT),
        ROLLOUT(RoutingReason.ROLLOUT);

        private final RoutingReason reason;

        Serving(RoutingReason reason) {
            this.reason = reason;
        }
    }

    @Param
    public Serving serving;

    private final byte[] id = "entity-000000000000".getBytes(StandardCharsets.US_ASCII);
    private final Map<String, String> attributes = new LinkedHashMap<>(Map.of("region", "eu"));
    private ModelFlags flags;
    private long repeated;
    private long made = 1_000_000;

    /** Opens the source under measurement with such flags; the default version is v1, the other v2. */
    protected abstract ModelFlags open(Serving flagsToServe) throws Exception;

    @Setup(Level.Trial)
    public void open() throws Exception {
        flags = open(serving);
        Routing routing = flags.route("entity", attributes);
        if (routing.served().reason() != serving.reason) {
            throw new IllegalStateException("the flags must answer with reason " + serving.reason + ", was " + routing);
        }
    }

    @TearDown(Level.Trial)
    public void close() throws Exception {
        flags.close();
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
