package dev.understudy.cli;

import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Understudy;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.StageState;
import dev.understudy.avro.Verdict;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.domain.ModelVersion;
import dev.understudy.kafka.TopicWriter;
import dev.understudy.kafka.avro.TrustedRecords;
import dev.understudy.report.Decided;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Published decisions as people and deployment pipelines read them, on a real broker. */
final class ReadinessCommandIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MODEL = "model.onnx";
    private static final String WEIGHTS = MODEL + ".data";
    private static final Duration HOUR = Duration.ofHours(1);

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private Path config;

    @BeforeEach
    void createTopicsAndModels() throws IOException {
        TrustedRecords.trust();
        copyModel("tensor", "v1", MODEL);
        copyModel("external", "v2", MODEL, WEIGHTS);
        copyModel("vector", "v3", MODEL);
        config = Files.writeString(folder.resolve("understudy.yaml"), """
                model: {name: fraud, directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', partitions: 2}
                registry: {urls: ['%s']}
                """.formatted(
                        folder.resolve("models"),
                        kafka.bootstrapServers(),
                        kafka.uniqueName("readiness-command"),
                        kafka.registryUrl()));
        Ran created = run("topics", "create");
        assertThat(created.exitCode()).as(created.err()).isZero();
    }

    private void copyModel(String from, String version, String... files) throws IOException {
        Path to = Files.createDirectories(folder.resolve("models/fraud").resolve(version));
        for (String file : files) {
            Files.copy(Path.of("src/test/resources/models/wine", from, file), to.resolve(file));
        }
    }

    private Ran run(String... arguments) {
        return Ran.command(Stream.concat(Arrays.stream(arguments), Stream.of("-c", config.toString()))
                .toArray(String[]::new));
    }

    private void publish(String candidate, Verdict verdict, Duration validFor) {
        publish("v1", candidate, verdict, validFor);
    }

    private void publish(String production, String candidate, Verdict verdict, Duration validFor) {
        Instant now = Instant.now();
        try (Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(config));
                TopicWriter<String, ReadinessSummary> writer =
                        understudy.writer(understudy.topics().rolloutReadiness())) {
            writer.send(
                    "fraud/" + production + "/" + candidate + "/all",
                    Decided.on(
                                    candidate,
                                    now,
                                    now.plus(validFor),
                                    Decided.models(hash(understudy, production), hash(understudy, candidate)))
                            .setProductionVersion(production)
                            .setVerdict(verdict)
                            .setExplanation(verdict + " at 5 %.")
                            .setStage(StageState.newBuilder()
                                    .setPercent(5)
                                    .setEpoch(0)
                                    .setSince(now.minus(HOUR))
                                    .build())
                            .build());
            writer.flush();
        }
    }

    private static String hash(Understudy understudy, String version) {
        return understudy.hashes().apply(new ModelVersion(version)).orElseThrow();
    }

    private static void assertClosed(Ran gate, String why) {
        assertThat(gate.exitCode()).isEqualTo(1);
        assertThat(gate.out()).isEmpty();
        assertThat(gate.err().lines().toList()).hasSize(1);
        assertThat(gate.err()).startsWith("not READY: ").contains(why);
    }

    @Test
    void gate_opens_for_a_ready_that_was_made_with_these_files() {
        publish("v2", Verdict.READY, HOUR);

        Ran gate = run("readiness", "--gate", "--candidate", "v2", "--percent", "25");
        assertThat(gate.err()).isEmpty();
        assertThat(gate.exitCode()).isZero();
        assertClosed(run("readiness", "--gate", "--candidate", "v2", "--percent", "50"), "READY is for 25 %");
    }

    @Test
    void who_follows_is_told_when_a_decision_expires() throws Exception {
        publish("v2", Verdict.READY, Duration.ofSeconds(10));
        StringWriter out = new StringWriter();
        Thread following = new Thread(() -> Main.commandLine()
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(new StringWriter()))
                .execute("readiness", "--follow", "-c", config.toString()));
        following.start();
        try {
            Await.until(
                    "the decision", Duration.ofSeconds(30), () -> out.toString().contains("v2"));
            assertThat(out.toString()).doesNotContain("HOLD");
            Await.until("its end", Duration.ofSeconds(30), () -> out.toString().contains("HOLD"));
        } finally {
            following.interrupt();
            following.join();
        }
        assertThat(out.toString().lines().filter(line -> line.contains("HOLD")))
                .as("told once")
                .hasSize(1);
    }

    @Test
    void gate_stays_closed_for_other_verdicts_and_for_what_has_expired() {
        publish("v2", Verdict.NOT_READY, HOUR);
        assertClosed(run("readiness", "--gate"), "NOT_READY at 5 %.");

        publish("v2", Verdict.READY, Duration.ofSeconds(-1));
        assertClosed(run("readiness", "--gate", "--candidate", "v2"), "was valid until");
    }

    @Test
    void gate_stays_closed_for_files_that_were_replaced_or_are_not_here() throws IOException {
        publish("v2", Verdict.READY, HOUR);
        Path weights = folder.resolve("models/fraud/v2").resolve(WEIGHTS);
        Path production = folder.resolve("models/fraud/v1").resolve(MODEL);

        byte[] others = Files.readAllBytes(weights);
        others[0] ^= 1;
        Files.write(weights, others);
        assertClosed(run("readiness", "--gate", "--candidate", "v2"), "the file of version v2 is not the one");

        Files.delete(weights);
        assertClosed(run("readiness", "--gate", "--candidate", "v2"), "version v2 has no readable model");

        Files.copy(folder.resolve("models/fraud/v3").resolve(MODEL), production, REPLACE_EXISTING);
        assertClosed(run("readiness", "--gate", "--candidate", "v2"), "the file of version v1 is not the one");
    }

    @Test
    void gate_wants_to_know_which_of_several_candidates() {
        publish("v2", Verdict.READY, HOUR);
        publish("v3", Verdict.READY, HOUR);

        Ran gate = run("readiness", "--gate");
        assertThat(gate.exitCode()).isEqualTo(2);
        assertThat(gate.err()).contains("--gate needs --candidate", "v2", "v3");
    }

    @Test
    void gate_takes_the_pair_that_has_a_stage_where_the_candidate_was_compared_with_others_too() {
        publish("v3", "v2", Verdict.READY, HOUR);
        publish("v2", Verdict.READY, HOUR);
        Ran several = run("readiness", "--gate", "--candidate", "v2");
        assertThat(several.exitCode()).isEqualTo(2);
        assertThat(several.err()).contains("--gate needs --production", "v1 against v2", "v3 against v2");

        assertThat(run("stage", "start", "--candidate", "v2", "--percent", "5").exitCode())
                .isZero();
        assertClosed(run("readiness", "--gate", "--candidate", "v2"), "the stage that is declared now is epoch 1");
    }

    @Test
    void decisions_on_others_than_asked_for_are_named() {
        publish("v2", Verdict.READY, HOUR);

        Ran ran = run("readiness", "--candidate", "v9");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("there are decisions on v2 (against v1)");
    }

    @Test
    void expired_decisions_read_as_hold_and_rank_behind_those_that_count() throws IOException {
        publish("v2", Verdict.READY, Duration.ofSeconds(-1));
        publish("v3", Verdict.READY, HOUR);

        JsonNode summaries = JSON.readTree(run("readiness", "--format", "json").out());
        assertThat(summaries).hasSize(2);
        JsonNode expired = summaries.get(0);
        assertThat(expired.path("candidateVersion").asText()).isEqualTo("v2");
        assertThat(expired.path("verdict").asText()).isEqualTo("HOLD");
        assertThat(expired.path("reasons").get(0).path("code").asText()).isEqualTo("EXPIRED");
        assertThat(expired.path("rank").asInt()).isEqualTo(2);
        assertThat(summaries.get(1).path("verdict").asText()).isEqualTo("READY");
        assertThat(summaries.get(1).path("rank").asInt()).isEqualTo(1);

        Ran text = run("readiness");
        assertThat(text.out()).contains("since", "HOLD, EXPIRED", "ledger:").doesNotContain("other");
        assertThat(JSON.readTree(run("readiness", "--format", "json", "--candidate", "v3")
                        .out()))
                .hasSize(1);
    }
}
