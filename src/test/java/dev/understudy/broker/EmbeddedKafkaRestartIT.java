package dev.understudy.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.understudy.process.ChildFailedException;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Brokers of their own, which these tests stop and kill. */
final class EmbeddedKafkaRestartIT {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void records_and_schema_ids_survive_a_kill_and_a_restart_on_the_same_ports() throws Exception {
        String bootstrap;
        URI registry;
        try (EmbeddedKafka first = start()) {
            bootstrap = first.bootstrapServers();
            registry = first.registryUrl();
            create(bootstrap, "t");
            write(bootstrap, 0, 1_000);
            assertThat(register(registry, "s", "\"string\"")).isEqualTo("{\"id\":1}");
            assertThat(register(registry, "s2", "\"long\"")).isEqualTo("{\"id\":2}");
            first.killForcibly();
        }
        try (EmbeddedKafka second = start()) {
            assertThat(second.bootstrapServers()).isEqualTo(bootstrap);
            assertThat(second.registryUrl()).isEqualTo(registry);
            write(bootstrap, 1_000, 1_500);
            assertThat(read(bootstrap, 1_500)).isEqualTo(numbers(0, 1_500));
            assertThat(register(registry, "other", "\"long\"")).isEqualTo("{\"id\":2}");
            assertThat(register(registry, "other2", "\"double\"")).isEqualTo("{\"id\":3}");
            assertThat(text(registry, "/schemas/ids/1")).isEqualTo("{\"schema\":\"\\\"string\\\"\"}");
            second.killForcibly();
        }
    }

    @Test
    void ordinary_start_stop_and_restart_say_nothing_but_ready() throws Exception {
        for (int run = 1; run <= 2; run++) {
            EmbeddedKafka kafka = start();
            if (run == 1) {
                create(kafka.bootstrapServers(), "t");
            }
            write(kafka.bootstrapServers(), 0, 10);

            kafka.close();

            assertThat(kafka.exited().join()).as("exit code of run %d", run).isZero();
            assertThat(kafka.standardError())
                    .as("standard error of run %d", run)
                    .isEmpty();
        }
    }

    @Test
    void broker_ends_when_its_parent_is_killed_and_its_directory_is_free_again() {
        JvmCommand command = JvmCommand.of(BrokerParentProcess.class, 64).withArguments(directory.toString());
        ChildJvm parent = ChildJvm.start("parent", command, "READY", BOUND);
        ProcessHandle broker = ProcessHandle.of(
                        Long.parseLong(parent.readyLine().substring("READY ".length())))
                .orElseThrow();

        parent.killForcibly();

        Await.until("the end of the broker " + broker.pid(), BOUND, () -> !broker.isAlive());
        try (EmbeddedKafka next = start()) {
            assertThat(next.isAlive()).isTrue();
            next.killForcibly();
        }
    }

    @Test
    void second_process_on_the_directory_is_refused_and_told_who_holds_it() {
        try (EmbeddedKafka first = start()) {
            ChildFailedException refused = catchThrowableOfType(ChildFailedException.class, this::start);

            assertThat(refused.exitCode()).hasValue(1);
            assertThat(refused.explanation())
                    .startsWith("data directory " + directory + " is held by process " + first.pid() + " since ")
                    .endsWith(": end that process, use its broker, or choose another directory")
                    .doesNotContain("\n");
            assertThat(first.isAlive()).isTrue();
            first.killForcibly();
        }
    }

    @Test
    void port_in_use_is_named() throws Exception {
        try (ServerSocket taken = new ServerSocket()) {
            taken.bind(new InetSocketAddress(Ports.loopback(), 0));
            EmbeddedKafkaSettings settings = EmbeddedKafkaSettings.in(directory).withPorts(taken.getLocalPort(), 0);

            ChildFailedException refused =
                    catchThrowableOfType(ChildFailedException.class, () -> EmbeddedKafka.start(settings));

            assertThat(refused.exitCode()).hasValue(1);
            assertThat(refused.explanation())
                    .isEqualTo("port " + taken.getLocalPort() + " of 127.0.0.1, asked for Kafka, is in use: end the"
                            + " process that holds it, or set embedded.kafka-port to another port (0 takes any free"
                            + " one)");
        }
    }

    @Test
    void directory_that_cannot_be_used_is_named() throws Exception {
        Path file = Files.writeString(directory.resolve("file"), "not a directory");

        ChildFailedException refused = catchThrowableOfType(
                ChildFailedException.class, () -> EmbeddedKafka.start(EmbeddedKafkaSettings.in(file)));

        assertThat(refused.explanation())
                .startsWith("data directory " + file + " cannot be used")
                .doesNotContain("\n");
    }

    private EmbeddedKafka start() {
        return EmbeddedKafka.start(EmbeddedKafkaSettings.in(directory).withQuickStart());
    }

    private static void create(String bootstrap, String topic) {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
            TestKafka.get(admin.createTopics(List.of(new NewTopic(topic, 1, (short) 1)))
                    .all());
        }
    }

    private static void write(String bootstrap, int from, int to) {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", bootstrap), new StringSerializer(), new StringSerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (String number : numbers(from, to)) {
                sent.add(producer.send(new ProducerRecord<>("t", number)));
            }
            sent.forEach(TestKafka::get);
        }
    }

    private static List<String> read(String bootstrap, int count) {
        try (KafkaConsumer<String, String> consumer = new KafkaConsumer<>(
                Map.of("bootstrap.servers", bootstrap, "auto.offset.reset", "earliest", "enable.auto.commit", false),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.assign(List.of(new TopicPartition("t", 0)));
            List<String> values = new ArrayList<>();
            Await.until(
                    count + " records",
                    BOUND,
                    () -> {
                        consumer.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
                        return values.size() >= count;
                    },
                    values::size);
            return values;
        }
    }

    private static List<String> numbers(int from, int to) {
        List<String> numbers = new ArrayList<>();
        for (int number = from; number < to; number++) {
            numbers.add(Integer.toString(number));
        }
        return numbers;
    }

    private static String register(URI registry, String subject, String schema)
            throws IOException, InterruptedException {
        String body = "{\"schema\":\"" + schema.replace("\"", "\\\"") + "\"}";
        return send(HttpRequest.newBuilder(registry.resolve("/subjects/" + subject + "/versions"))
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static String text(URI registry, String path) throws IOException, InterruptedException {
        return send(HttpRequest.newBuilder(registry.resolve(path)).GET());
    }

    private static String send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(request.timeout(BOUND).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
