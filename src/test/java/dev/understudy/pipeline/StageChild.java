package dev.understudy.pipeline;

import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FixedFlags;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.StageSettings;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.HttpRegistry;
import dev.understudy.model.onnx.OnnxModelRepository;
import dev.understudy.model.onnx.OnnxSettings;
import dev.understudy.process.LifeLine;
import dev.understudy.score.HangWatchdog;
import dev.understudy.score.RequestScorer;
import dev.understudy.score.ScoreTopology;
import dev.understudy.shadow.CallGuard;
import dev.understudy.shadow.ShadowScorer;
import dev.understudy.shadow.ShadowSettings;
import dev.understudy.shadow.ShadowTopology;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/**
 * One pipeline stage with the shipped fraud models in a JVM of its own: production v1, candidate v2. Arguments: stage,
 * bootstrap servers, registry, topic prefix, guarantee, state directory.
 */
final class StageChild {
    private StageChild() {}

    public static void main(String[] arguments) throws Exception {
        LifeLine.exitWhenCut(System.in, Duration.ofSeconds(10));
        String stage = arguments[0];
        // A killed instance's open transaction and membership end sooner than with the defaults, so the test does too.
        KafkaConnection connection = new KafkaConnection(
                arguments[1], Map.of("producer.transaction.timeout.ms", "4000", "session.timeout.ms", "6000"));
        Topics topics =
                new Topics(arguments[3], new AvroSerdes(new HttpRegistry(Map.of("schema.registry.url", arguments[2]))));
        StageSettings settings = StageSettings.standard(stage, arguments[3].replace(".", ""), Path.of(arguments[5]))
                .with(Guarantee.valueOf(arguments[4]), Duration.ofMillis(200));
        OnnxModelRepository models =
                OnnxModelRepository.open(Path.of("models"), "fraud", OnnxSettings.pipeline(), Clock.systemUTC());
        models.load(new ModelVersion("v1"));
        models.load(new ModelVersion("v2"));
        RequestScorer scorer = new RequestScorer(
                new FixedFlags("v1").shadow("v2"),
                models,
                new DeclaredStages(),
                new HangWatchdog(
                        Duration.ofMinutes(1), () -> Runtime.getRuntime().halt(3)),
                System::nanoTime,
                InstantSource.system());
        StageRunner runner = new StageRunner(
                connection,
                settings,
                stage.equals("score")
                        ? ScoreTopology.stage(topics, "fraud", scorer)
                        : ShadowTopology.stage(topics, shadow(models, Path.of(arguments[5]))),
                topics.deadLetters());
        Runtime.getRuntime().addShutdownHook(new Thread(runner::close));
        runner.start();
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println("READY");
        runner.awaitEnd();
    }

    private static ShadowScorer shadow(OnnxModelRepository models, Path state) {
        ShadowSettings settings = ShadowSettings.standard();
        CallGuard guard = CallGuard.open(
                state.resolve("calls"),
                settings,
                InstantSource.system(),
                () -> Runtime.getRuntime().halt(3));
        return new ShadowScorer(models, settings, guard, InstantSource.system());
    }
}
