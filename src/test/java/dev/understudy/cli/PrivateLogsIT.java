package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.app.Understudy;
import dev.understudy.avro.Outcome;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.FraudRequests;
import dev.understudy.domain.Request;
import dev.understudy.kafka.Topic;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Requests and outcomes that hold people's data, good ones, unreadable ones and ones that no model takes: none of it is
 * in what any stage logs, with everybody's logs from INFO on.
 */
final class PrivateLogsIT {
    private static final Duration BOUND = Duration.ofMinutes(2);
    /** Begins every text of a person. */
    private static final String PLANTED = "planted-person-";
    /** Digits that no other number has. */
    private static final double AMOUNT = 48_151.623_42;

    private static final int GOOD = 30;

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private final String prefix = kafka.uniqueName("private");

    @Test
    void features_and_ids_are_in_no_log() throws Exception {
        Path config = configuration();
        assertThat(Ran.command("topics", "create", "-c", config.toString()).exitCode())
                .isZero();
        Queue<String> output = new ConcurrentLinkedQueue<>();
        JvmCommand run = JvmCommand.of(Main.class, 512)
                .withJvmArguments("-XX:TieredStopAtLevel=1", "-Dunderstudy.log.root=INFO")
                .withArguments("run", "--until-input-ends", "--log-format", "json", "-c", config.toString());
        try (ChildJvm pipeline = ChildJvm.start("pipeline", run, "READY", BOUND, output::add, output::add);
                Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(config))) {
            int requests = sendRequests(understudy);
            sendOutcomes(understudy);
            for (Topic<?, ?> topic : List.of(
                    understudy.topics().shadowRequests(), understudy.topics().comparisons())) {
                send(topic, unreadable(topic));
            }
            kafka.consume(understudy.topics().predictions().name(), requests, BOUND);
            kafka.consume(understudy.topics().comparisons().name(), GOOD + 1, BOUND);
            // What was sent to four topics and is unreadable.
            kafka.consume(understudy.topics().deadLetters().name(), 5, BOUND);
            assertThat(pipeline.isAlive()).isTrue();
        }
        assertThat(output).hasSizeGreaterThan(10);
        assertThat(output.stream().filter(line -> line.contains(PLANTED) || line.contains("48151")))
                .isEmpty();
    }

    private int sendRequests(Understudy understudy) {
        Topic<String, Request> topic = understudy.topics().predictionRequests();
        List<Request> requests = new ArrayList<>();
        FraudRequests.read().take(GOOD).forEach(request -> requests.add(with(request, Map.of())));
        Request one = requests.get(0);
        requests.add(with(one, Map.of("amount", new FeatureValue.Text(PLANTED + "text"))));
        requests.add(with(one, Map.of("amount", new FeatureValue.Missing())));
        requests.add(with(one, Map.of("amount", new FeatureValue.Vector(new double[] {AMOUNT, AMOUNT}))));
        requests.add(with(one, Map.of(PLANTED + "name", new FeatureValue.Text(PLANTED + "value"))));
        requests.add(new Request(PLANTED + "nobody", "", Map.of(), 0, one.features()));
        requests.add(new Request(PLANTED + "empty", PLANTED + "entity", Map.of(), -1, new FeatureMap(Map.of())));
        // Fits into a record, and what is derived of it does not.
        String large = PLANTED + "x".repeat(1_040_000);
        requests.add(new Request(PLANTED + "large", PLANTED + "entity", Map.of("note", large), 0, one.features()));
        for (Request request : requests) {
            send(topic, bytes(topic, request));
        }
        byte[] whole = bytes(topic, one);
        send(topic, Arrays.copyOf(whole, whole.length - 1));
        send(topic, unreadable(topic));
        return requests.size();
    }

    private static Request with(Request request, Map<String, FeatureValue> changed) {
        Map<String, FeatureValue> features =
                new LinkedHashMap<>(FeatureMap.copyOf(request.features()).values());
        features.put("amount", new FeatureValue.Real(AMOUNT));
        features.putAll(changed);
        return new Request(
                PLANTED + request.requestId(),
                PLANTED + request.entityId(),
                Map.of("region", PLANTED + "region"),
                request.createdAtMillis(),
                new FeatureMap(features));
    }

    private void sendOutcomes(Understudy understudy) {
        Topic<String, Outcome> topic = understudy.topics().outcomes();
        for (String request : List.of("r0", "unknown")) {
            for (String label : List.of("1", PLANTED + "label")) {
                send(
                        topic,
                        bytes(
                                topic,
                                Outcome.newBuilder()
                                        .setRequestId(PLANTED + request)
                                        .setEntityId(PLANTED + "entity")
                                        .setLabel(label)
                                        .setObservedAt(1)
                                        .build()));
            }
        }
        send(topic, unreadable(topic));
    }

    private static <V> byte[] bytes(Topic<String, V> topic, V value) {
        return topic.valueSerde().serializer().serialize(topic.name(), value);
    }

    private static byte[] unreadable(Topic<?, ?> topic) {
        return ("{\"entity\": \"" + PLANTED + topic.name() + "\", \"amount\": " + AMOUNT + "}")
                .getBytes(StandardCharsets.UTF_8);
    }

    private void send(Topic<?, ?> topic, byte[] value) {
        kafka.produce(
                List.of(new ProducerRecord<>(topic.name(), (PLANTED + "key").getBytes(StandardCharsets.UTF_8), value)));
    }

    private Path configuration() throws IOException {
        Path flags = Files.writeString(
                folder.resolve("flags.yaml"), "flags: {ml-model-version: v1, shadow-candidates: [v2]}\n");
        return Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                page: {enabled: false}
                kafka:
                  bootstrap-servers: %s
                  application-prefix: %s
                  topic-prefix: %s.
                  partitions: 1
                  state-directory: state
                registry: {urls: ['%s']}
                flags: {file: '%s'}
                evaluate: {interval: 1s, window: 5s, grace: 1s, segments: {region: [%sregion]}}
                """.formatted(
                        Path.of("models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        prefix,
                        prefix,
                        kafka.registryUrl(),
                        flags,
                        PLANTED));
    }
}
