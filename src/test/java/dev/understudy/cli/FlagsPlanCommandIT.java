package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.StageState;
import dev.understudy.avro.Verdict;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelVersion;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.kafka.avro.TrustedRecords;
import dev.understudy.report.Decided;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Steps of a rollout with a flag file, on a real broker. */
final class FlagsPlanCommandIT {
    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private Path flags;
    private Path config;

    @BeforeEach
    void createTopics() throws IOException {
        TrustedRecords.trust();
        flags = Files.writeString(folder.resolve("flags.yaml"), """
                flags:
                  # Ann decides.
                  ml-model-version:
                    variations: [v1, v2]
                    rules: [{if: {region: eu}, serve: v1}]
                    rollout: {v2: 5, v1: 95}
                  shadow-candidates: [v2]
                """);
        config = Files.writeString(folder.resolve("understudy.yaml"), """
                model: {name: fraud, directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', partitions: 2}
                registry: {urls: ['%s']}
                """.formatted(
                        Path.of("models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        kafka.uniqueName("flags-plan"),
                        kafka.registryUrl()));
        assertThat(run("topics", "create").exitCode()).isZero();
    }

    private Ran run(String... arguments) {
        return Ran.command(Stream.concat(Arrays.stream(arguments), Stream.of("-c", config.toString()))
                .toArray(String[]::new));
    }

    private Ran plan(String... arguments) {
        return run(Stream.concat(Stream.of("flags", "plan", "--candidate", "v2", "--stage"), Arrays.stream(arguments))
                .toArray(String[]::new));
    }

    private Understudy understudy() {
        return Understudy.of(ConfigLoader.ofProcess().load(config));
    }

    private void publish(Verdict verdict, long epoch) {
        Instant now = Instant.now();
        try (Understudy understudy = understudy();
                TopicWriter<String, ReadinessSummary> writer =
                        understudy.writer(understudy.topics().rolloutReadiness())) {
            writer.send(
                    "fraud/v1/v2/all",
                    Decided.on(
                                    "v2",
                                    now,
                                    now.plus(Duration.ofHours(1)),
                                    Decided.models(hash(understudy, "v1"), hash(understudy, "v2")))
                            .setVerdict(verdict)
                            .setExplanation(verdict + " at 5 %.")
                            .setStage(StageState.newBuilder()
                                    .setPercent(5)
                                    .setEpoch(epoch)
                                    .build())
                            .build());
            writer.flush();
        }
    }

    private static String hash(Understudy understudy, String version) {
        return understudy.hashes().apply(new ModelVersion(version)).orElseThrow();
    }

    private Collection<DeclaredStage> stages() {
        try (Understudy understudy = understudy()) {
            return understudy.declaredStages();
        }
    }

    @Test
    void a_ready_candidate_takes_the_next_step_once_and_can_be_killed() throws IOException {
        assertThat(run("stage", "start", "--candidate", "v2", "--percent", "5", "--tail", "2ms")
                        .exitCode())
                .isZero();
        publish(Verdict.READY, 1);

        Ran planned = plan("next");
        assertThat(planned.exitCode()).as(planned.err()).isZero();
        assertThat(planned.out())
                .contains("readiness: fraud v2: READY at 5 %.")
                .contains("stage:     fraud/v1/v2 at 25 %, held for 2d, declared before the flag is changed; it ends"
                        + " epoch 1, 5 % since")
                .contains("-    rollout: {v2: 5, v1: 95}", "+    rollout: {v2: 25, v1: 75}");
        assertThat(stages()).extracting(DeclaredStage::percent).containsExactly(5);

        Ran applied = plan("next", "--apply");
        assertThat(applied.exitCode()).as(applied.err()).isZero();
        assertThat(applied.out())
                .contains("Epoch 2: fraud/v1/v2 at 25 %, held for 2d.", "Carried out: edit " + flags)
                .contains("Measured: v2 serves 2", "25 % ± 1.23 is expected", "that v2 served stay with it");
        assertThat(flags).content().contains("# Ann decides.", "rollout: {v2: 25, v1: 75}");
        assertThat(stages()).singleElement().satisfies(stage -> {
            assertThat(stage.percent()).isEqualTo(25);
            assertThat(stage.references().tailNanos()).as("of the stage before").hasValue(2_000_000);
        });

        Ran again = plan("next", "--apply");
        assertThat(again.exitCode()).isEqualTo(1);
        assertThat(again.err()).contains("not READY: the decision is on epoch 1", "declared now is epoch 2");

        Ran killed = plan("kill", "--apply");
        assertThat(killed.exitCode()).as(killed.err()).isZero();
        assertThat(killed.out())
                .contains("everybody gets the default version", "Epoch 2 of fraud/v1/v2, 25 %, has ended.");
        assertThat(stages()).isEmpty();
    }

    @Test
    void steps_that_readiness_does_not_allow_need_force() throws IOException {
        publish(Verdict.NOT_READY, 0);
        Ran young = plan("25", "--apply");
        assertThat(young.exitCode()).isEqualTo(1);
        assertThat(young.err()).contains("Refused, nothing was changed: not READY: NOT_READY at 5 %. --force");

        publish(Verdict.READY, 0);
        assertThat(plan("50", "--apply").err()).contains("READY is for 25 %, not for 50 %");
        assertThat(flags).content().contains("rollout: {v2: 5, v1: 95}");
        assertThat(stages()).isEmpty();

        Ran back = plan("0", "--force", "--apply", "--format", "json");
        assertThat(back.exitCode()).as(back.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(back.out());
        assertThat(json.path("applied").path("complete").asBoolean()).isTrue();
        assertThat(json.path("applied").path("done").path(0).asText()).startsWith("Carried out: edit");
        assertThat(json.path("applied").path("stage").path("percent").asInt(-1)).isZero();
        assertThat(json.path("applied").path("measured").path(0).path("percent").asDouble())
                .isEqualTo(100);
        assertThat(json.path("readiness").path("refusal").asText()).contains("not for 0 %");
        assertThat(flags).content().contains("rollout: {v2: 0, v1: 100}");
    }
}
