package dev.understudy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Understudy;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.WindowSummary;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.kafka.TopicReader;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The Wisconsin breast-cancer data through the whole pipeline: topics, producer, the three stages with SHADOW in its
 * supervised process, and the readers, all by the command line. What comes out is compared with values computed in Python.
 */
final class BreastCancerIT {
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final int ROWS = 569;
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    @Test
    void predictions_and_divergence_equal_those_computed_in_python() throws IOException {
        Path config = configuration();
        assertThat(Ran.command("topics", "create", "-c", config.toString()).exitCode())
                .isZero();
        assertThat(Ran.command("topics", "check", "-c", config.toString()).exitCode())
                .isZero();
        Ran declared = Ran.command(
                "stage",
                "start",
                "-c",
                config.toString(),
                "--candidate",
                "v2",
                "--percent",
                "0",
                "--hold",
                "1h",
                "--margin",
                "flips=0.1");
        assertThat(declared.exitCode()).as(declared.err()).isZero();
        assertThat(declared.out()).contains("Epoch 1").contains("margin flips = 0.1");

        JvmCommand run = JvmCommand.of(Main.class, 512)
                .withJvmArguments("-XX:TieredStopAtLevel=1")
                .withArguments("run", "--until-input-ends", "-c", config.toString());
        try (ChildJvm pipeline = ChildJvm.start("pipeline", run, "READY", BOUND);
                Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(config))) {
            kafka.produce(List.of(new ProducerRecord<>(
                    understudy.topics().predictionRequests().name(), "x".getBytes(UTF_8), new byte[] {0, 0, 0, 0, 1, 2
                    })));
            Ran produced = Ran.command(
                    "produce",
                    "-c",
                    config.toString(),
                    "--input",
                    requests().toString(),
                    "--request-id",
                    "request_id",
                    "--entity-id",
                    "entity_id",
                    "--ignore",
                    "target");
            assertThat(produced.err()).isEmpty();
            assertThat(produced.out()).contains(ROWS + " requests sent");

            JsonNode expected = JSON.readTree(
                    Path.of("src/test/resources/expected/breast_cancer.json").toFile());
            assertPredictions(understudy, expected.path("predictions").path("v1"));
            JsonNode summary = awaitReadiness(config);
            assertDivergence(summary.path("divergence"), expected.path("divergence"));
            assertThat(summary.path("verdict").asText()).isEqualTo("NOT_READY");
            assertThat(summary.path("stage").path("epoch").asLong()).isEqualTo(1);
            assertThat(summary.path("ledger").path("failed").asLong()).isZero();
            assertThat(summary.path("provenance").path("candidateSha256").asText())
                    .hasSize(64);
            assertThat(summary.path("latency").path("candidate").path("count").asLong())
                    .isEqualTo(ROWS);
            assertWindows(understudy);
            assertDeadLetter(understudy);
            assertThat(pipeline.isAlive()).isTrue();
        }
    }

    private static void assertPredictions(Understudy understudy, JsonNode expected) {
        Map<String, Prediction> byRequest = new HashMap<>();
        Set<Integer> partitions = new HashSet<>();
        try (TopicReader<String, Prediction> reader =
                understudy.reader(understudy.topics().predictions())) {
            Await.until(
                    "a prediction for each request",
                    BOUND,
                    () -> {
                        for (ConsumerRecord<String, Prediction> record : reader.poll(Duration.ofMillis(100))) {
                            byRequest.put(record.value().getRequestId(), record.value());
                            partitions.add(record.partition());
                            assertThat(record.value().getOrigin().getPartition())
                                    .isEqualTo(record.partition());
                        }
                        return byRequest.size() == ROWS;
                    },
                    byRequest::size);
        }
        assertThat(partitions).hasSizeGreaterThan(1);
        for (int row = 0; row < ROWS; row++) {
            Prediction prediction = requireNonNull(byRequest.get("r" + row));
            assertThat(prediction.getModelVersion()).contains("v1");
            assertThat(prediction.getLabel())
                    .contains(expected.path("label").get(row).asText());
            assertThat(prediction.getScore().orElseThrow())
                    .isEqualTo(expected.path("score").get(row).asDouble(), within(1e-6));
            assertThat(prediction.getDecision().getReason().name()).isEqualTo("DEFAULT");
        }
    }

    private static JsonNode awaitReadiness(Path config) {
        JsonNode[] found = new JsonNode[1];
        Await.until("readiness over all comparisons", BOUND, () -> {
            Ran ran = Ran.command("readiness", "-c", config.toString(), "--format", "json");
            assertThat(ran.exitCode()).as(ran.err()).isZero();
            try {
                for (JsonNode summary : JSON.readTree(ran.out())) {
                    if (summary.path("segment").asText().equals("all")) {
                        found[0] = summary;
                    }
                }
            } catch (IOException e) {
                throw new AssertionError(ran.out(), e);
            }
            return found[0] != null && found[0].path("ledger").path("compared").asLong() == ROWS;
        });
        return found[0];
    }

    /** Python computed from its own scores; ours differ from those in the last bits of a float at most. */
    private static void assertDivergence(JsonNode actual, JsonNode expected) {
        expected.properties().forEach(value -> {
            JsonNode published = actual.path(value.getKey());
            if (value.getValue().isNull()) {
                assertThat(published.isNull()).as(value.getKey()).isTrue();
            } else {
                assertThat(published.asDouble())
                        .as(value.getKey())
                        .isEqualTo(value.getValue().asDouble(), within(1e-6));
            }
        });
    }

    private static void assertWindows(Understudy understudy) {
        Map<String, WindowSummary> latest = new HashMap<>();
        try (TopicReader<String, WindowSummary> reader =
                understudy.reader(understudy.topics().shadowMetrics())) {
            Await.until("the windows together hold every comparison", BOUND, () -> {
                reader.poll(Duration.ofMillis(100)).forEach(record -> latest.put(record.key(), record.value()));
                return latest.values().stream()
                                .mapToLong(WindowSummary::getCompared)
                                .sum()
                        == ROWS;
            });
        }
        assertThat(latest.values())
                .allSatisfy(window -> assertThat(window.getEpoch()).isEqualTo(1));
    }

    private static void assertDeadLetter(Understudy understudy) {
        try (TopicReader<byte[], byte[]> reader =
                understudy.reader(understudy.topics().deadLetters())) {
            List<ConsumerRecord<byte[], byte[]>> dead = reader.readToEnd();
            assertThat(dead).hasSize(1);
            assertThat(dead.get(0).value()).containsExactly(0, 0, 0, 0, 1, 2);
            assertThat(dead.get(0)
                            .headers()
                            .lastHeader("__streams.errors.topic")
                            .value())
                    .isEqualTo(understudy.topics().predictionRequests().name().getBytes(UTF_8));
        }
    }

    private Path requests() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("src/test/resources/data/breast_cancer.csv"));
        StringBuilder csv =
                new StringBuilder("request_id,entity_id,").append(lines.get(0)).append('\n');
        for (int row = 0; row < ROWS; row++) {
            csv.append("r")
                    .append(row)
                    .append(",patient-")
                    .append(row)
                    .append(',')
                    .append(lines.get(row + 1))
                    .append('\n');
        }
        return Files.writeString(folder.resolve("requests.csv"), csv);
    }

    private Path configuration() throws IOException {
        Files.writeString(folder.resolve("flags.yaml"), "flags: {ml-model-version: v1, shadow-candidates: v2}\n");
        String prefix = kafka.uniqueName("breast-cancer");
        return Files.writeString(folder.resolve("understudy.yaml"), """
                model: {name: breast_cancer, directory: '%s'}
                page: {enabled: false}
                kafka:
                  bootstrap-servers: %s
                  application-prefix: %s
                  topic-prefix: %s.
                  partitions: 3
                  state-directory: state
                registry: {urls: ['%s']}
                evaluate: {commit-interval: 200ms, window: 10s, grace: 10s, interval: 500ms}
                """.formatted(
                        Path.of("src/test/resources/models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        prefix,
                        prefix,
                        kafka.registryUrl()));
    }
}
