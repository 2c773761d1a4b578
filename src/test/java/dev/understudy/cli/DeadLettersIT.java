package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Pipeline;
import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.avro.PredictionRequest;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Request;
import dev.understudy.kafka.DeadLetterRecords;
import dev.understudy.kafka.DeadLetterReplay;
import dev.understudy.kafka.StageFailedException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Records that SCORE cannot read become dead letters, and after the cause is mended predictions, each once. */
final class DeadLettersIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration BOUND = Duration.ofSeconds(60);
    private static final int POISON = 3;
    private static final String PLANTED = "planted-entity";

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private String name;
    private Path config;
    private Understudy understudy;
    private Pipeline pipeline;

    @BeforeEach
    void startScore() throws Exception {
        name = kafka.uniqueName("letters");
        Files.writeString(folder.resolve("flags.yaml"), "flags: {ml-model-version: v1, shadow-candidates: []}\n");
        config = Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', application-prefix: '%s', partitions: 2, state-directory: state}
                registry: {urls: ['%s']}
                flags: {file: flags.yaml}
                """.formatted(
                        Path.of("models").toAbsolutePath(), kafka.bootstrapServers(), name, name, kafka.registryUrl()));
        understudy = Understudy.of(ConfigLoader.ofProcess().load(config));
        understudy.createTopics();
        pipeline = Pipeline.start(understudy, EnumSet.of(StageName.SCORE));
    }

    @AfterEach
    void close() {
        pipeline.close();
        understudy.close();
    }

    private Ran run(String... arguments) {
        return Ran.command(Stream.concat(
                        Stream.of("dead-letters"),
                        Stream.concat(Arrays.stream(arguments), Stream.of("-c", config.toString())))
                .toArray(String[]::new));
    }

    private JsonNode list(String... options) throws Exception {
        Ran ran = run(Stream.concat(Stream.of("list", "--format", "json"), Arrays.stream(options))
                .toArray(String[]::new));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return JSON.readTree(ran.out());
    }

    /** Requests with the id of a schema that nobody has registered yet; the result is that id. */
    private int sendUnreadable() throws Exception {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        FraudRequests requests = FraudRequests.read();
        int unknown = 0;
        for (int n = 0; n < POISON; n++) {
            Request shipped = requests.get(n);
            Request planted = new Request(
                    shipped.requestId(),
                    PLANTED + n,
                    shipped.attributes(),
                    shipped.createdAtMillis(),
                    shipped.features());
            String topic = understudy.topics().predictionRequests().name();
            byte[] value = understudy
                    .topics()
                    .predictionRequests()
                    .valueSerde()
                    .serializer()
                    .serialize(topic, planted);
            unknown = latestSchema() + 1;
            ByteBuffer.wrap(value).putInt(1, unknown);
            ProducerRecord<byte[], byte[]> record =
                    new ProducerRecord<>(topic, n % 2, (PLANTED + n).getBytes(StandardCharsets.UTF_8), value);
            record.headers()
                    .add("traceparent", "abc".getBytes(StandardCharsets.UTF_8))
                    // Whoever sends this must not make a letter look like the note that it was replayed.
                    .add("understudy.replayed", "0:0".getBytes(StandardCharsets.UTF_8));
            records.add(record);
        }
        kafka.produce(records);
        Await.until("dead letters", BOUND, () -> letters().size() == POISON);
        return unknown;
    }

    private int latestSchema() throws Exception {
        int id = 0;
        while (get("/schemas/ids/" + (id + 1)).statusCode() == 200) {
            id++;
        }
        return id;
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(kafka.registryUrl() + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    /** What upstream forgot: its schema, which differs from ours in words alone. */
    private void register(int expectedId) throws Exception {
        String schema =
                PredictionRequest.getClassSchema().toString().replaceFirst("\"doc\":\"", "\"doc\":\"" + name + " ");
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(kafka.registryUrl() + "/subjects/"
                                        + understudy
                                                .topics()
                                                .predictionRequests()
                                                .name() + "-value/versions"))
                                .POST(HttpRequest.BodyPublishers.ofString(
                                        JSON.writeValueAsString(Map.of("schema", schema))))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(JSON.readTree(answer.body()).path("id").asInt())
                .as(answer.body())
                .isEqualTo(expectedId);
    }

    private List<ConsumerRecord<byte[], byte[]>> letters() {
        return kafka.records(understudy.topics().deadLetters().name());
    }

    private List<ConsumerRecord<byte[], byte[]>> predictions() {
        return kafka.records(understudy.topics().predictions().name());
    }

    @Test
    void letters_are_told_in_words_without_what_they_hold() throws Exception {
        sendUnreadable();

        JsonNode groups = list();
        JsonNode each = list("--each");
        Ran lines = run("list", "--each", "--cause", "unreadable");
        Ran otherLines = run("list", "--each", "--cause", "unwritable");
        Ran table = run("list", "--since", "1h", "--stage", "score");
        Ran other = run("list", "--stage", "evaluate");
        String letter = groups.path(0).path("latestLetter").asText();
        Path saved = folder.resolve("letter.avro");
        Ran shown = run("show", letter, "--save", saved.toString());

        assertThat(groups).hasSize(1);
        assertThat(groups.path(0).path("records").asInt()).isEqualTo(POISON);
        assertThat(groups.path(0).path("replayed").asInt()).isZero();
        assertThat(table.out()).contains("UNREADABLE: its bytes could not be decoded; is its schema registered");
        assertThat(other.out()).contains("No dead letters of that kind.");
        assertThat(otherLines.out()).contains("No dead letters of that kind.");
        assertThat(each)
                .hasSize(POISON)
                .extracting(one -> one.path("sourcePartition").asInt() + "@"
                        + one.path("sourceOffset").asInt())
                .containsExactlyInAnyOrder("0@0", "1@0", "0@1");
        assertThat(lines.out().lines())
                .hasSize(1 + POISON)
                .filteredOn(line -> line.startsWith(letter + " "))
                .singleElement()
                .asString()
                .contains("  score  UNREADABLE: its bytes could not be decoded  " + name + ".prediction-requests-");
        assertThat(shown.out())
                .contains("Stage        score", "schema id ", "traceparent", "Replayed     no")
                .contains("Source       "
                        + understudy.topics().predictionRequests().name());
        assertThat(Files.getPosixFilePermissions(saved))
                .containsExactlyInAnyOrder(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
        assertThat(Files.readAllBytes(saved)).contains(PLANTED.getBytes(StandardCharsets.UTF_8));
        assertThat(groups + table.out() + shown.out() + each + lines.out()).doesNotContain(PLANTED);
    }

    @Test
    void what_is_no_letter_is_refused_with_what_would_be_right() {
        assertThat(run("show", "7").err()).contains("a letter is named <partition>:<offset>, such as 0:42, was '7'");
        Ran absent = run("show", "0:99");
        assertThat(absent.exitCode()).isEqualTo(1);
        assertThat(absent.err()).contains("there is no letter 0:99 in " + name + ".dead-letters");
        Ran replayed = run("replay", "0:99", "--yes");
        assertThat(replayed.exitCode()).isEqualTo(1);
        assertThat(replayed.err()).contains("there are no such letters: [0:99]", "Nothing was sent");
        assertThat(run("replay", "--cause", "unredable").exitCode()).isEqualTo(2);
        assertThat(run("replay", "--limit", "0").err()).contains("--limit must be 1 to 10000, was 0");
    }

    @Test
    void letters_are_replayed_once_however_many_replay_at_the_same_time() throws Exception {
        register(sendUnreadable());

        assertThat(run("replay", "--cause", "unreadable").out())
                .contains(POISON + " of " + POISON + " records would be sent; 0 were replayed before.");
        List<CompletableFuture<Integer>> replays =
                Stream.generate(this::replay).limit(4).toList();
        int sent = replays.stream().mapToInt(CompletableFuture::join).sum();
        Ran again = run("replay", "--yes");

        assertThat(sent + number(again)).isEqualTo(POISON);
        assertThat(run("replay", "--yes").out()).contains("0 sent again; " + POISON + " were replayed before.");
        assertThat(list().path(0).path("replayed").asInt()).isEqualTo(POISON);
        Await.until("predictions", BOUND, () -> predictions().size() >= POISON);
        assertThat(predictions())
                .hasSize(POISON)
                .allSatisfy(prediction -> {
                    assertThat(prediction.headers().lastHeader("understudy.replay-of"))
                            .isNotNull();
                    assertThat(prediction.headers().lastHeader("traceparent").value())
                            .asString()
                            .isEqualTo("abc");
                })
                .extracting(prediction -> new String(prediction.key(), StandardCharsets.UTF_8))
                .doesNotHaveDuplicates();
    }

    /** How many it sent; none where another one came in between. */
    private CompletableFuture<Integer> replay() {
        return CompletableFuture.supplyAsync(() -> {
            DeadLetterReplay replay = understudy.deadLetterReplay(BOUND);
            try {
                return replay.replay(new DeadLetterReplay.Selection(letter -> true, Set.of(), false), 100)
                        .sent();
            } catch (StageFailedException e) {
                return 0;
            }
        });
    }

    private static int number(Ran ran) {
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return Integer.parseInt(ran.out().split(" ", 2)[0]);
    }

    @Test
    void replay_that_was_killed_midway_leaves_nothing_half_sent() throws Exception {
        register(sendUnreadable());
        try (KafkaProducer<byte[], byte[]> killed = new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "transactional.id",
                        DeadLetterReplay.transactionalId(understudy.topics())),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            killed.initTransactions();
            killed.beginTransaction();
            TestKafka.get(killed.send(new ProducerRecord<>(
                    understudy.topics().predictionRequests().name(),
                    letters().get(0).value())));

            Ran ran = run("replay", "--yes");

            assertThat(number(ran)).isEqualTo(POISON);
            assertThatThrownBy(killed::commitTransaction).isInstanceOf(Exception.class);
        }
        Await.until("predictions", BOUND, () -> predictions().size() >= POISON);
        assertThat(predictions()).hasSize(POISON);
    }

    @Test
    void letter_that_fails_again_says_that_it_was_replayed() throws Exception {
        sendUnreadable();

        assertThat(number(run("replay", "--yes"))).isEqualTo(POISON);

        Await.until(
                "the replayed letters, their notes and the new letters",
                BOUND,
                () -> letters().size() == 3 * POISON);
        JsonNode group = list().path(0);
        assertThat(group.path("records").asInt()).isEqualTo(2 * POISON);
        assertThat(group.path("replayed").asInt()).isEqualTo(POISON);
        assertThat(run("show", group.path("latestLetter").asText()).out())
                .contains("Replay of ", "it failed again", "Replayed     no");
    }

    @Test
    void replay_that_failed_again_is_sent_once_more_only_on_purpose() throws Exception {
        sendUnreadable();
        assertThat(number(run("replay", "--yes"))).isEqualTo(POISON);
        Await.until("the new letters", BOUND, () -> letters().size() == 3 * POISON);
        List<String> first = sentAgain();

        Ran byFilter = run("replay", "--cause", "unreadable", "--yes");
        Ran asked = run("replay", "--failed-again");
        Ran named = run("replay", failedAgain().get(0), "--yes");
        Await.until("its note and its new letter", BOUND, () -> letters().size() == 3 * POISON + 2);
        List<String> failedAgain = failedAgain();
        Ran onPurpose = run("replay", "--failed-again", "--yes");

        assertThat(byFilter.out())
                .contains("0 sent again; " + POISON + " were replayed before.")
                .contains(POISON + " left out: they were replayed and failed again. --failed-again takes them too");
        assertThat(asked.out()).contains(POISON + " of " + POISON + " records would be sent");
        assertThat(number(named)).isEqualTo(1);
        assertThat(number(onPurpose)).isEqualTo(POISON);
        assertThat(failedAgain).hasSize(POISON + 1);
        assertThat(sentAgain())
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(first.stream(), failedAgain.stream()).toList());
        assertThat(named.out() + onPurpose.out()).doesNotContain("left out");
    }

    /** Names of the letters whose records were sent again, one for each time. */
    private List<String> sentAgain() {
        return kafka.records(understudy.topics().predictionRequests().name()).stream()
                .map(request -> request.headers().lastHeader("understudy.replay-of"))
                .filter(Objects::nonNull)
                .map(header -> new String(header.value(), StandardCharsets.UTF_8))
                .toList();
    }

    /** Names of the letters of records that were a replay. */
    private List<String> failedAgain() throws Exception {
        List<String> letters = new ArrayList<>();
        for (JsonNode letter : list("--each")) {
            if (letter.hasNonNull("replayOf")) {
                letters.add(letter.path("letter").asText());
            }
        }
        return letters;
    }

    @Test
    void outcome_is_replayed_on_its_partition() {
        String outcomes = understudy.topics().outcomes().name();
        plant("evaluate", "UNREADABLE", outcomes, new byte[] {1, 2, 3});

        Ran ran = run("replay", "0:0", "--yes");

        assertThat(number(ran)).isEqualTo(1);
        assertThat(kafka.records(outcomes)).singleElement().satisfies(outcome -> {
            assertThat(outcome.partition()).isZero();
            assertThat(outcome.value()).containsExactly(1, 2, 3);
            assertThat(outcome.headers().lastHeader("understudy.replay-of").value())
                    .asString()
                    .isEqualTo("0:0");
        });
    }

    private void plant(String stage, String cause, String topic, byte[] value) {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(understudy.topics().deadLetters().name(), 0, null, value);
        DeadLetterRecords.headers(stage, cause, topic).forEach(letter.headers()::add);
        kafka.produce(List.of(letter));
    }

    @Test
    void what_another_stage_wrote_is_not_replayed() {
        plant("evaluate", "UNREADABLE", understudy.topics().comparisons().name(), new byte[] {1});

        Ran ran = run("replay", "0:0", "--yes");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.out())
                .contains("1 not sent: what evaluate could not use of topic " + name
                        + ".comparisons came from another stage, and would be taken for a repetition")
                .contains("0 sent again");
        assertThat(run("show", "0:0").out()).contains("it is  [31m 31m broken");
    }
}
