package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Understudy;
import dev.understudy.avro.Outcome;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.kafka.TopicReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Stages are declared and ended, and outcomes sent, on a real broker. */
final class StageCommandsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private Path config;

    @BeforeEach
    void createTopics() throws IOException {
        String prefix = kafka.uniqueName("stage-commands");
        config = Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', partitions: 2}
                registry: {urls: ['%s']}
                readiness: {tail-tolerance: 0.2, business-bound: 50}
                """.formatted(
                        Path.of("models").toAbsolutePath(), kafka.bootstrapServers(), prefix, kafka.registryUrl()));
        Ran created = run("topics", "create");
        assertThat(created.exitCode()).as(created.err()).isZero();
    }

    private Ran run(String... arguments) {
        return Ran.command(Stream.concat(Arrays.stream(arguments), Stream.of("-c", config.toString()))
                .toArray(String[]::new));
    }

    private JsonNode json(String... arguments) throws IOException {
        Ran ran = run(Stream.concat(Arrays.stream(arguments), Stream.of("--format", "json"))
                .toArray(String[]::new));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return JSON.readTree(ran.out());
    }

    @Test
    void candidates_that_are_declared_together_have_epochs_of_their_own_and_share_alpha() throws IOException {
        Ran started =
                run("stage", "start", "--candidate", "v2", "--candidate", "v3", "--percent", "0", "--tail", "1.5ms");
        assertThat(started.exitCode()).as(started.err()).isZero();
        assertThat(started.out())
                .contains("Epoch 1", "Epoch 2", "1.50 ms, as given", "alpha is shared among 2 candidates");

        JsonNode third = json("stage", "start", "--candidate", "v4", "--percent", "0");
        assertThat(third.path("epoch").asLong()).isEqualTo(3);
        assertThat(third.path("candidates").asInt()).isEqualTo(3);
        assertThat(third.path("tailNanos").isNull()).isTrue();

        JsonNode shown = json("stage", "show");
        assertThat(shown).extracting(stage -> stage.path("tailNanos").asLong()).contains(1_500_000L);
        assertThat(shown).allSatisfy(stage -> {
            assertThat(stage.path("tailTolerance").asDouble()).isEqualTo(0.2);
            assertThat(stage.path("businessBound").asDouble()).isEqualTo(50);
            assertThat(stage.path("valueBound").isNull()).isTrue();
        });

        assertThat(run("stage", "end", "--candidate", "v3").out()).contains("Epoch 2 of", "has ended");
        assertThat(json("stage", "start", "--candidate", "v4", "--percent", "0")
                        .path("candidates")
                        .asInt())
                .isEqualTo(2);
    }

    @Test
    void declarations_that_cannot_be_meant_are_refused() {
        Ran unknown = run("stage", "start", "--candidate", "v2", "--production", "v77", "--percent", "0");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("has no version v77; is the name right?", "--force");
        assertThat(run("stage", "start", "--candidate", "v77", "--percent", "0", "--force")
                        .exitCode())
                .isZero();
        assertThat(run("stage", "start", "--candidate", "v2", "--percent", "50").exitCode())
                .isZero();
        Ran tooMany = run("stage", "start", "--candidate", "v3", "--percent", "60");
        assertThat(tooMany.exitCode()).isEqualTo(2);
        assertThat(tooMany.err()).contains("110 % together: 1 x 60 % given here", "50 % of v2", "at most 100 %");
        assertThat(run("stage", "start", "--candidate", "v3", "--percent", "5", "--reference-window", "0s")
                        .err())
                .contains("--reference-window must be above 0s");
    }

    @Test
    void stage_that_takes_the_place_of_another_says_so_and_what_is_unusual() {
        assertThat(run("stage", "start", "--candidate", "v2", "--percent", "5").err())
                .isEmpty();

        Ran again = run("stage", "start", "--candidate", "v2", "--percent", "7");

        assertThat(again.exitCode()).isZero();
        assertThat(again.err())
                .contains("this ended epoch 1 of", "5 % since", "decides nothing any more")
                .contains("7 % is none of the stages of readiness.holds: 0, 5, 25, 50");
    }

    @Test
    void stage_without_windows_before_it_says_that_tail_latency_will_not_be_judged() {
        assertThat(run("stage", "start", "--candidate", "v2", "--percent", "0").out())
                .contains("fewer than 100 like-for-like batches", "INSUFFICIENT (NO_REFERENCE)", "--tail");
    }

    @Test
    void epoch_of_an_ended_stage_is_not_given_again_once_compaction_has_removed_it() throws Exception {
        assertThat(json("stage", "start", "--candidate", "v2", "--percent", "0")
                        .path("epoch")
                        .asLong())
                .isEqualTo(1);
        assertThat(run("stage", "end", "--candidate", "v2").exitCode()).isZero();
        removeAllRecords();
        assertThat(json("stage", "show")).isEmpty();

        assertThat(json("stage", "start", "--candidate", "v2", "--percent", "0")
                        .path("epoch")
                        .asLong())
                .isGreaterThan(1);
    }

    /** What the log cleaner does to a topic of nothing but deletions, without the wait. */
    private void removeAllRecords() throws Exception {
        try (Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(config));
                TopicReader<?, ?> reader = understudy.reader(understudy.topics().rolloutStages())) {
            ConfigResource topic = new ConfigResource(
                    ConfigResource.Type.TOPIC,
                    understudy.topics().rolloutStages().name());
            Collection<AlterConfigOp> deletable = List.of(
                    new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact,delete"), AlterConfigOp.OpType.SET));
            kafka.admin()
                    .incrementalAlterConfigs(Map.of(topic, deletable))
                    .all()
                    .get(30, TimeUnit.SECONDS);
            for (Map.Entry<TopicPartition, Long> end : reader.endOffsets().entrySet()) {
                kafka.admin()
                        .deleteRecords(Map.of(end.getKey(), RecordsToDelete.beforeOffset(end.getValue())))
                        .all()
                        .get(30, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void ending_a_stage_that_is_not_there_is_a_failure() {
        Ran ran = run("stage", "end", "--candidate", "v9");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("v9").contains("stage show");
    }

    @Test
    void outcomes_are_sent_from_both_formats_and_bad_rows_are_named() throws IOException {
        Path csv = Files.writeString(folder.resolve("outcomes.csv"), """
                id,customer,fraud,worth,seen
                r1,u1,1,-12.5,2026-11-22T10:00:00Z
                r2,u2,0,much,2026-11-22T10:00:00Z
                r3,u3,0,3,yesterday
                r4,u4,,,1764000000000
                """);
        Ran fromCsv = run(
                "outcomes",
                "--input",
                csv.toString(),
                "--request-id",
                "id",
                "--entity-id",
                "customer",
                "--label",
                "fraud",
                "--business-value",
                "worth",
                "--observed-at",
                "seen");
        assertThat(fromCsv.exitCode()).isEqualTo(1);
        assertThat(fromCsv.out()).contains("1 outcome sent, 3 rows not readable");
        assertThat(fromCsv.err())
                .contains("line 3: column 'worth' must be a finite number")
                .contains("line 4: \"seen\" must be a time", "was 'yesterday'")
                .contains("line 5: an outcome must have a label")
                .doesNotContain("much;");

        Path jsonLines = Files.writeString(folder.resolve("outcomes.jsonl"), """
                {"requestId":"r5","label":true,"observedAt":1764000000000}
                {"entityId":"u6","label":"1"}
                {"requestId":"r7","lable":"1"}
                not json
                """);
        Ran fromJson = run("outcomes", "--input", jsonLines.toString());
        assertThat(fromJson.exitCode()).isEqualTo(1);
        assertThat(fromJson.err())
                .contains("line 2: \"requestId\" is missing")
                .contains("line 3: unknown key 'lable'; did you mean 'label'?")
                .contains("line 4: not valid JSON");

        try (Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(config));
                TopicReader<String, Outcome> reader =
                        understudy.reader(understudy.topics().outcomes())) {
            List<Outcome> sent =
                    reader.readToEnd().stream().map(ConsumerRecord::value).toList();
            assertThat(sent).extracting(Outcome::getRequestId).containsExactlyInAnyOrder("r1", "r5");
            Outcome first = sent.stream()
                    .filter(outcome -> outcome.getRequestId().equals("r1"))
                    .findFirst()
                    .orElseThrow();
            assertThat(first.getEntityId()).isEqualTo("u1");
            assertThat(first.getObservedAt())
                    .isEqualTo(Instant.parse("2026-11-22T10:00:00Z").toEpochMilli());
        }
    }

    @Test
    void gate_without_a_decision_is_closed() {
        Ran ran = run("readiness", "--gate", "--candidate", "v2");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("not READY: no decision on candidate v2");
        assertThat(ran.out()).isEmpty();
    }
}
