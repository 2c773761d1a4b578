package dev.understudy.evaluate;

import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.StageBook;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.PipelineStage;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.process.LifeLine;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** EVALUATE as tests run it: in the test's own JVM, or as a child that can be killed. */
final class EvaluateChild {
    static final String READY = "evaluate is running";

    static final long LARGE_CACHE = 64L << 20;

    private EvaluateChild() {}

    /** Short intervals; windows are kept for as long as a test looks at them. */
    static EvaluateSettings settings() {
        return new EvaluateSettings(
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofMillis(300),
                Duration.ofSeconds(5),
                Duration.ofDays(365),
                Duration.ofDays(365),
                Duration.ofMinutes(10),
                new EvaluateSettings.Outcomes(true, Duration.ofDays(7), Duration.ofMinutes(12)),
                3,
                4,
                new Segments(Map.of("region", List.of("eu", "us"))),
                dev.understudy.evidence.EvidenceShape.standard());
    }

    /** Not started yet. Polls are small and commits frequent, so that there are many of them to be killed between. */
    static StageRunner stage(
            String bootstrapServers,
            String registryUrl,
            String prefix,
            Path stateDirectory,
            long cacheBytes,
            StageBook stages,
            EvaluateSettings settings) {
        Topics topics = new Topics(prefix, AvroSerdes.configured(Map.of("schema.registry.url", registryUrl)));
        EvaluateTopology topology = new EvaluateTopology(
                topics,
                settings,
                stages,
                new ReadinessPolicy(ReadinessSettings.standard()),
                provenance("settings of the test"));
        return new StageRunner(
                new KafkaConnection(bootstrapServers, Map.of()),
                StageSettings.standard("evaluate", prefix + "app", stateDirectory)
                        .with(Guarantee.EXACTLY_ONCE_V2, Duration.ofMillis(200))
                        .withStreams(Map.of(
                                "max.poll.records", 40,
                                "statestore.cache.max.bytes", cacheBytes,
                                "session.timeout.ms", 6_000,
                                "heartbeat.interval.ms", 1_000,
                                "transaction.timeout.ms", 3_000)),
                new PipelineStage(topology::build, Optional.empty(), topology.topics()),
                topics.deadLetters());
    }

    static Provenance provenance(String configuration) {
        return Provenance.of(version -> Optional.empty(), configuration);
    }

    static String applicationId(String prefix) {
        return prefix + "app-evaluate";
    }

    /** Arguments: bootstrap servers, registry, prefix of topics and application, state directory. */
    public static void main(String[] arguments) {
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(10));
        StageRunner runner = stage(
                arguments[0],
                arguments[1],
                arguments[2],
                Path.of(arguments[3]),
                LARGE_CACHE,
                new DeclaredStages(),
                settings());
        runner.start();
        System.out.println(READY);
        runner.awaitEnd();
    }
}
