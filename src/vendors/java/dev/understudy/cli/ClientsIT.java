package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Pipeline;
import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.avro.Outcome;
import dev.understudy.broker.Await;
import dev.understudy.broker.EmbeddedKafka;
import dev.understudy.broker.EmbeddedKafkaSettings;
import dev.understudy.config.ConfigLoader;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * The shell blocks of {@code docs/clients.md}, as they stand there and in their order, against a running pipeline. Only the
 * addresses are others. The folder in which they run has what they name of a checkout.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ClientsIT {
    private static final Path DOCUMENT = Path.of("docs/clients.md");
    private static final Pattern SHELL = Pattern.compile("(?ms)^```sh\n(.*?)^```$");
    private static final Path KCAT = Path.of("/usr/bin/kcat");
    /** Not the first on the PATH, which may be one without Debian's packages. */
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    /** What the blocks name of a checkout. */
    private static final List<String> LINKED = List.of("target", "models", "schemas", "examples");

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    static Path folder;

    private static List<String> blocks;
    private static EmbeddedKafka kafka;
    private static Understudy understudy;
    private static Pipeline pipeline;

    /** What tells the blocks of the document apart; the first one is what the tests put in its place. */
    private static final List<String> MARKS = List.of(
            "export KAFKA=",
            "PredictionClient.java",
            "./understudy produce",
            "./understudy outcomes",
            "until kcat",
            "%k partition %p",
            "PrintTopic.java",
            "prediction_client.py",
            "ReadReadiness.java",
            "./understudy readiness",
            "-t rollout-readiness");

    @BeforeAll
    static void startPipeline() throws Exception {
        assumeTrue(Files.isExecutable(KCAT), KCAT + " is not there: the lines of " + DOCUMENT + " were not run");
        blocks = SHELL.matcher(Files.readString(DOCUMENT))
                .results()
                .map(block -> block.group(1))
                .toList();
        for (String name : LINKED) {
            Files.createSymbolicLink(folder.resolve(name), Path.of(name).toAbsolutePath());
        }
        // Beside the sources it would look whether to build.
        Files.copy(Path.of("understudy"), folder.resolve("understudy"), StandardCopyOption.COPY_ATTRIBUTES);
        kafka = EmbeddedKafka.start(
                EmbeddedKafkaSettings.in(folder.resolve("kafka")).withQuickStart());
        Files.writeString(folder.resolve("flags.yaml"), "flags: {ml-model-version: v1, shadow-candidates: v2}\n");
        Path config = Files.writeString(folder.resolve("understudy.yaml"), """
                kafka: {bootstrap-servers: '%s', partitions: 4, state-directory: '%s'}
                model: {directory: '%s'}
                registry: {urls: ['%s']}
                evaluate: {commit-interval: 200ms, window: 10s, grace: 10s, interval: 500ms}
                readiness: {valid-for: 8s}
                page: {enabled: false}
                """.formatted(
                kafka.bootstrapServers(), folder.resolve("state"), folder.resolve("models"), kafka.registryUrl()));
        understudy = Understudy.of(ConfigLoader.ofProcess().load(config));
        understudy.createTopics();
        Ran declared = Ran.command("stage", "start", "--candidate", "v2", "--percent", "0", "-c", config.toString());
        assertThat(declared.exitCode()).as(declared.err()).isZero();
        pipeline = Pipeline.start(understudy, EnumSet.allOf(StageName.class));
    }

    @AfterAll
    static void stop() throws IOException {
        if (pipeline != null) {
            pipeline.close();
        }
        if (understudy != null) {
            understudy.close();
        }
        if (kafka != null) {
            kafka.close();
        }
        for (String name : LINKED) {
            Files.deleteIfExists(folder.resolve(name));
        }
    }

    @Test
    @Order(1)
    void no_block_of_the_document_is_without_a_test() {
        assertThat(blocks).hasSameSizeAs(MARKS);
        for (int i = 0; i < MARKS.size(); i++) {
            assertThat(blocks.get(i)).contains(MARKS.get(i));
        }
    }

    @Test
    @Order(2)
    void the_java_client_waits_for_its_predictions_and_reports_an_outcome() throws Exception {
        String said = run("PredictionClient.java");

        assertThat(said)
                .containsPattern("card-0225: label [01], score [0-9.E-]+, by v1\n")
                .contains("card-1246: MISSING_FEATURE, ");
        assertThat(outcomesThatMeetTheirRequest()).isEqualTo(1);
    }

    @Test
    @Order(3)
    void a_request_and_its_outcome_are_sent_from_the_shell() throws Exception {
        assertThat(run("./understudy produce")).contains("1 request sent");
        assertThat(run("./understudy outcomes")).contains("1 outcome sent");
        assertThat(run("until kcat")).isEmpty();
        assertThat(outcomesThatMeetTheirRequest()).isEqualTo(2);
    }

    @Test
    @Order(4)
    void predictions_are_seen_in_the_shell() throws Exception {
        assertThat(run("%k partition %p").lines())
                .hasSize(3)
                .anySatisfy(line -> assertThat(line).matches("\\d{13} card-7 partition \\d offset \\d"));

        String value = run("PrintTopic.java")
                .lines()
                .filter(line -> line.startsWith("card-7 "))
                .map(line -> line.substring(line.indexOf('{')))
                .findFirst()
                .orElseThrow();
        assertThat(JSON.readTree(value).path("requestId").asText()).isEqualTo("pay-1");
        assertThat(JSON.readTree(value).path("status").asText()).isEqualTo("SCORED");
    }

    @Test
    @Order(5)
    void the_python_client_waits_for_its_prediction_and_reports_an_outcome() throws Exception {
        assumeTrue(
                hasPythonsPackages(),
                "python3-confluent-kafka and python3-avro are not there: the Python client was not run");

        assertThat(run("prediction_client.py"))
                .containsPattern("card-7: SCORED, label [01], score [0-9.e-]+, by v1, None\n");
        assertThat(outcomesThatMeetTheirRequest()).isEqualTo(3);
    }

    @Test
    @Order(6)
    void readiness_is_read() throws Exception {
        Await.until(
                "a decision",
                BOUND,
                () -> !read(understudy.topics().rolloutReadiness()).isEmpty());

        assertThat(run("ReadReadiness.java"))
                .containsPattern("v2 against v1, all: (HOLD|NOT_READY)\\. ")
                .doesNotContain("expired");
        JsonNode summaries = JSON.readTree(run("./understudy readiness"));
        assertThat(summaries)
                .anySatisfy(summary ->
                        assertThat(summary.path("candidateVersion").asText()).isEqualTo("v2"));
        assertThat(run("-t rollout-readiness")).containsPattern("\\d{13} fraud");
    }

    @Test
    @Order(7)
    void readiness_that_nobody_renews_reads_as_hold() throws Exception {
        pipeline.close();
        Instant last = read(understudy.topics().rolloutReadiness()).stream()
                .map(record -> record.value().getValidUntil())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Await.until("the last decision has expired", BOUND, () -> Instant.now().isAfter(last));

        assertThat(run("ReadReadiness.java")).containsPattern("v2 against v1, all: HOLD \\(expired at ");
    }

    /** Runs the block with that mark and gives what it printed. */
    private static String run(String mark) throws Exception {
        String block = blocks.stream()
                .filter(each -> each.contains(mark))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no shell block of " + DOCUMENT + " has " + mark));
        Path out = folder.resolve("out.txt");
        Path err = folder.resolve("err.txt");
        ProcessBuilder builder = new ProcessBuilder("sh", "-eu", "-c", block)
                .directory(folder.toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        Path java = Path.of(System.getProperty("java.home"));
        builder.environment()
                .putAll(Map.of(
                        "KAFKA",
                        kafka.bootstrapServers(),
                        "REGISTRY",
                        kafka.registryUrl().toString(),
                        "JAVA_HOME",
                        java.toString(),
                        "PATH",
                        java.resolve("bin")
                                + File.pathSeparator
                                + PYTHON.getParent()
                                + File.pathSeparator
                                + System.getenv("PATH")));
        Process shell = builder.start();
        if (!shell.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS)) {
            shell.descendants().forEach(ProcessHandle::destroyForcibly);
            shell.destroyForcibly();
            throw new AssertionError("not within " + BOUND + ": " + block + "\n" + Files.readString(err));
        }
        assertThat(shell.exitValue()).as(block + "\n" + Files.readString(err)).isZero();
        return Files.readString(out);
    }

    /** So many outcomes are on the partition of their prediction; fails where one is not, or where an entity has two. */
    private static int outcomesThatMeetTheirRequest() {
        Map<String, Integer> ofRequests = new HashMap<>();
        Map<String, Integer> ofEntities = new HashMap<>();
        assertThat(read(understudy.topics().predictions())).allSatisfy(prediction -> {
            ofRequests.put(prediction.value().getRequestId(), prediction.partition());
            // With card-7 and so many partitions librdkafka's own hash would choose another one than Java's.
            assertThat(ofEntities.merge(prediction.key(), prediction.partition(), (before, now) -> before))
                    .isEqualTo(prediction.partition());
        });
        List<ConsumerRecord<String, Outcome>> outcomes =
                read(understudy.topics().outcomes());
        assertThat(outcomes)
                .allSatisfy(outcome -> assertThat(outcome.partition())
                        .isEqualTo(ofRequests.get(outcome.value().getRequestId())));
        return outcomes.size();
    }

    private static <V> List<ConsumerRecord<String, V>> read(Topic<String, V> topic) {
        try (TopicReader<String, V> reader = understudy.reader(topic)) {
            return reader.readToEnd();
        }
    }

    private static boolean hasPythonsPackages() throws Exception {
        if (!Files.isExecutable(PYTHON)) {
            return false;
        }
        Process python = new ProcessBuilder(PYTHON.toString(), "-c", "import avro, confluent_kafka")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("python.txt").toFile())
                .start();
        return python.waitFor(BOUND.toSeconds(), TimeUnit.SECONDS) && python.exitValue() == 0;
    }
}
