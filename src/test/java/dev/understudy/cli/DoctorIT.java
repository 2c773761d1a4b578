package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Pipeline;
import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What `doctor` says of a deployment that is well, and of one that is not. */
final class DoctorIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private String name;

    @BeforeEach
    void chooseName() {
        name = kafka.uniqueName("doctor");
    }

    private Path configuration(String servers, String registry, String more) throws IOException {
        Path flags = Files.exists(folder.resolve("flags.yaml"))
                ? folder.resolve("flags.yaml")
                : Files.copy(Path.of("flags.yaml"), folder.resolve("flags.yaml"));
        Path models = Files.exists(folder.resolve("models")) ? folder.resolve("models") : Path.of("models");
        return Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', application-prefix: '%s', partitions: 2, state-directory: state}
                registry: {urls: ['%s'], properties: {max.retries: 0}}
                flags: {file: '%s'}
                %s
                """.formatted(
                        models.toAbsolutePath(), servers, name, name, registry, flags, more));
    }

    private Path configuration() throws IOException {
        return configuration(kafka.bootstrapServers(), kafka.registryUrl().toString(), "evaluate: {interval: 1s}");
    }

    private static Ran run(Path config, String... arguments) {
        return Ran.command(Stream.concat(Arrays.stream(arguments), Stream.of("-c", config.toString()))
                .toArray(String[]::new));
    }

    private static void send(Path config) {
        Ran sent = run(
                config,
                "produce",
                "--input",
                "models/fraud/requests.csv",
                "--request-id",
                "request_id",
                "--entity-id",
                "entity_id",
                "--attribute",
                "region",
                "--ignore",
                "label");
        assertThat(sent.exitCode()).as(sent.err()).isZero();
    }

    /** States of all findings by check, and what was said of those that are not OK. */
    private static String findings(Ran ran) throws IOException {
        JsonNode array = JSON.readTree(ran.out());
        StringBuilder text = new StringBuilder();
        array.forEach(finding -> text.append(finding.path("check").asText())
                .append(' ')
                .append(finding.path("state").asText())
                .append(": ")
                .append(finding.path("what").asText())
                .append('\n'));
        return text.toString();
    }

    @Test
    void a_pipeline_that_is_well_is_found_well_and_left_alone() throws Exception {
        Path config = configuration();
        assertThat(run(config, "topics", "create").exitCode()).isZero();
        try (Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(config));
                Pipeline pipeline = Pipeline.start(understudy, EnumSet.allOf(StageName.class))) {
            send(config);
            Ran ran = run(config, "doctor", "--must-run", "--format", "json");

            assertThat(pipeline.failure()).isEmpty();
            assertThat(ran.exitCode()).as(ran.out() + ran.err()).isZero();
            assertThat(findings(ran))
                    .contains(
                            "configuration OK",
                            "brokers OK",
                            "topics OK: all 10",
                            "stages OK: score",
                            "stages OK: evaluate",
                            "schemas OK",
                            "flags OK",
                            "they name v1 to serve and v2 to be shadowed",
                            "models OK: fraud v1: binary, 13 features",
                            "models OK: fraud v2",
                            "requests OK: v1 answers all of the latest 100 requests",
                            "requests OK: v2 answers all of the latest 100 requests",
                            "clocks OK",
                            "disk OK")
                    .doesNotContain("FAILED");
        }
    }

    @Test
    void what_is_in_quarantine_is_neither_loaded_nor_called() throws Exception {
        Path config = configuration();
        assertThat(run(config, "topics", "create").exitCode()).isZero();
        send(config);
        Files.writeString(
                Files.createDirectories(folder.resolve("state/" + name + "-shadow-calls"))
                        .resolve("quarantine.tsv"),
                String.join(
                                "\t",
                                "v2",
                                "true",
                                "1",
                                Instant.now().plusSeconds(3600).toString(),
                                "-",
                                "it crashed") + "\n");

        Ran ran = run(config, "doctor", "--format", "json");

        assertThat(findings(ran))
                .contains(
                        "models SKIPPED: v2 is in quarantine here and not loaded: it crashed",
                        "requests SKIPPED: v2 is in quarantine here: see models",
                        "requests OK: v1 answers")
                .doesNotContain("v2 answers", "fraud v2:");
    }

    @Test
    void nothing_is_written_anywhere() throws Exception {
        Path config = configuration();
        assertThat(run(config, "topics", "create").exitCode()).isZero();
        send(config);
        String registered = registered();
        List<String> groups = groups();
        Map<TopicPartition, Long> ends = ends();
        List<Path> files = files();

        assertThat(run(config, "doctor").exitCode()).isZero();

        assertThat(registered()).isEqualTo(registered);
        assertThat(groups()).isEqualTo(groups);
        assertThat(ends()).isEqualTo(ends);
        assertThat(files()).isEqualTo(files);
    }

    private Map<TopicPartition, Long> ends() {
        Set<String> topics = TestKafka.get(kafka.admin().listTopics().names()).stream()
                .filter(topic -> topic.startsWith(name))
                .collect(Collectors.toSet());
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        TestKafka.get(kafka.admin().describeTopics(topics).allTopicNames())
                .values()
                .forEach(topic -> topic.partitions()
                        .forEach(partition -> asked.put(
                                new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest())));
        return TestKafka.get(kafka.admin().listOffsets(asked).all()).entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, end -> end.getValue().offset()));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.sorted().toList();
        }
    }

    private static String registered() throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(kafka.registryUrl() + "/subjects"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }

    private static List<String> groups() {
        return TestKafka.get(kafka.admin().listGroups().all()).stream()
                .map(group -> group.groupId())
                .sorted()
                .toList();
    }

    @Test
    void what_is_wrong_is_said_with_what_to_do_and_the_rest_is_looked_at_all_the_same() throws Exception {
        for (String version : List.of("v1", "v1.")) {
            Path made = Files.createDirectories(folder.resolve("models/fraud").resolve(version));
            Files.copy(Path.of("models/fraud/v1/model.onnx"), made.resolve("model.onnx"));
        }
        Path config =
                configuration(kafka.bootstrapServers(), kafka.registryUrl().toString(), "evaluate: {interval: 1s}");
        kafka.createTopics(List.of(
                new NewTopic(name + ".prediction-requests", 2, (short) 1),
                new NewTopic(name + ".predictions", 3, (short) 1),
                new NewTopic(name + ".rollout-readiness", 1, (short) 1)));
        registerSomethingElse(name + ".predictions-value");
        kafka.produce(List.of(new ProducerRecord<>(name + ".prediction-requests", new byte[] {1, 2, 3})));
        assertThat(run(config, "produce", "--input", requestsThatDoNotFit().toString())
                        .exitCode())
                .isZero();
        Files.writeString(folder.resolve("flags.yaml"), """
                flags:
                  ml-model-version: v1
                  shadow-candidates: [v9]
                """);
        Files.writeString(folder.resolve("state"), "not a directory");

        Ran ran = run(config, "doctor", "--must-run", "--format", "json");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(findings(ran))
                .contains(
                        "brokers OK",
                        "topics FAILED: " + name + ".comparisons is missing; `understudy topics create` creates it",
                        "topics FAILED: " + name + ".predictions has 3 partitions, would be right: 2",
                        "stages FAILED: score runs nowhere: group " + name
                                + "-score has no members, and 3 records wait",
                        "schemas FAILED: " + name + ".predictions-value has a schema",
                        "schemas WARNING: " + name + ".comparisons-value is not there yet",
                        "flags FAILED: the flags name v9: ",
                        "models OK: fraud v1",
                        "models WARNING: " + folder.resolve("models/fraud/v1.") + " is left out: its name must be",
                        "requests WARNING: 1 of the latest records",
                        "requests FAILED: v1 fails on 2 of the latest 2 requests: ",
                        "1 x MISSING_FEATURE",
                        "1 x WRONG_TYPE",
                        "amount",
                        "disk FAILED: kafka.state-directory=" + folder.resolve("state"))
                .doesNotContain("planted", "474.25");
        assertThat(ran.err()).doesNotContain("planted", "474.25");
    }

    private Path requestsThatDoNotFit() throws IOException {
        return Files.writeString(folder.resolve("requests.jsonl"), """
                {"requestId":"r","entityId":"planted-entity","features":{"hour":4,"merchant_risk":474.25}}
                {"requestId":"s","entityId":"planted-entity","features":{"amount":"planted-amount","merchant_risk":474.25}}
                """);
    }

    private static void registerSomethingElse(String subject) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(kafka.registryUrl() + "/subjects/" + subject + "/versions"))
                                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                                .POST(HttpRequest.BodyPublishers.ofString("{\"schema\":\"{\\\"type\\\":\\\"record\\\","
                                        + "\\\"name\\\":\\\"Invoice\\\",\\\"fields\\\":[]}\"}"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    void a_broker_and_a_registry_that_are_away_keep_nothing_else_from_being_looked_at() throws Exception {
        Path config = configuration("127.0.0.1:1", "http://127.0.0.1:1", "");

        Ran ran = run(config, "doctor", "--format", "json");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(findings(ran))
                .contains(
                        "brokers FAILED: no broker answered at kafka.bootstrap-servers=127.0.0.1:1",
                        "topics SKIPPED: not looked at: see brokers",
                        "stages SKIPPED",
                        "schemas FAILED: schema registry unreachable",
                        "flags OK",
                        "models OK: fraud v2",
                        "requests SKIPPED",
                        "clocks SKIPPED",
                        "disk OK");
    }

    @Test
    void a_wrong_number_of_samples_is_refused() throws IOException {
        Ran ran = run(configuration(), "doctor", "--samples", "0");

        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.err()).contains("--samples must be 1 to 10,000 requests, was 0");
    }
}
