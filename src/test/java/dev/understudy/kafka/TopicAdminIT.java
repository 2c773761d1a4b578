package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.Outcome;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Request;
import dev.understudy.kafka.TopicFinding.State;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.HttpRegistry;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.kafka.avro.RegistryRefusedException;
import dev.understudy.kafka.avro.UnreadableRecordException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class TopicAdminIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @Test
    void missing_topics_are_created_as_declared_and_found_right_afterwards() {
        Topics topics = topics();
        try (TopicAdmin admin = admin(kafka.bootstrapServers(), LIMIT)) {
            assertThat(admin.check(topics, 3, 1))
                    .extracting(TopicFinding::state)
                    .containsOnly(State.MISSING);

            List<TopicFinding> created = admin.create(topics, 3, 1);

            assertThat(created).extracting(TopicFinding::state).containsOnly(State.CREATED);
            assertThat(created)
                    .extracting(TopicFinding::topic)
                    .containsExactlyElementsOf(
                            topics.all().stream().map(Topic::name).toList());
            assertThat(created).extracting(TopicFinding::partitions).containsExactly(3, 3, 3, 3, 3, 1, 1, 1, 1, 1);
            assertThat(admin.create(topics, 3, 1))
                    .extracting(TopicFinding::state)
                    .containsOnly(State.OK);
            assertThat(admin.check(topics, 3, 1))
                    .extracting(TopicFinding::state)
                    .containsOnly(State.OK);
        }
    }

    @Test
    void topics_follow_the_partitions_of_requests_that_are_there() {
        Topics topics = topics();
        create(
                topics.predictionRequests().name(),
                4,
                topics.predictionRequests().configuration());
        try (TopicAdmin admin = admin(kafka.bootstrapServers(), LIMIT)) {
            List<TopicFinding> findings = admin.create(topics, 2, 1);

            assertThat(findings)
                    .filteredOn(finding -> finding.partitions() == 4)
                    .hasSize(5);
            assertThat(findings).extracting(TopicFinding::differences).allMatch(List::isEmpty);
        }
    }

    @Test
    void two_that_create_at_once_agree() {
        Topics topics = topics();
        try (TopicAdmin one = admin(kafka.bootstrapServers(), LIMIT);
                TopicAdmin other = admin(kafka.bootstrapServers(), LIMIT)) {
            CompletableFuture<List<TopicFinding>> first = CompletableFuture.supplyAsync(() -> one.create(topics, 2, 1));
            CompletableFuture<List<TopicFinding>> second =
                    CompletableFuture.supplyAsync(() -> other.create(topics, 5, 1));

            assertThat(TestKafka.get(first)).extracting(TopicFinding::state).doesNotContain(State.DIFFERS);
            assertThat(TestKafka.get(second)).extracting(TopicFinding::state).doesNotContain(State.DIFFERS);
        }
    }

    @Test
    void a_topic_that_differs_is_left_alone_and_says_what_would_be_right() {
        Topics topics = topics();
        create(topics.comparisons().name(), 5, topics.comparisons().configuration());
        create(topics.rolloutStages().name(), 1, Map.of("cleanup.policy", "delete"));
        try (TopicAdmin admin = admin(kafka.bootstrapServers(), LIMIT)) {
            List<TopicFinding> findings = admin.create(topics, 2, 1);

            TopicFinding comparisons = finding(findings, topics.comparisons());
            assertThat(comparisons.state()).isEqualTo(State.DIFFERS);
            assertThat(comparisons.differences())
                    .singleElement()
                    .asString()
                    .contains(
                            "has 5 partitions",
                            "would be right: 2",
                            topics.predictionRequests().name());
            TopicFinding stages = finding(findings, topics.rolloutStages());
            assertThat(stages.differences())
                    .singleElement()
                    .asString()
                    .contains("has cleanup.policy=delete", "would be right: compact");
            assertThat(findings)
                    .filteredOn(finding -> finding.state() == State.CREATED)
                    .hasSize(8);
            assertThat(finding(admin.check(topics, 2, 1), topics.comparisons()).partitions())
                    .isEqualTo(5);
        }
    }

    @Test
    void too_few_copies_are_found_and_too_many_refused_with_their_key() {
        Topics topics = topics();
        try (TopicAdmin admin = admin(kafka.bootstrapServers(), LIMIT)) {
            assertThatThrownBy(() -> admin.create(topics, 2, 3))
                    .isInstanceOf(TopicUnavailableException.class)
                    .hasMessageContainingAll("kafka.replication=3", "number of brokers");
            admin.create(topics, 2, 1);
            assertThat(finding(admin.check(topics, 2, 3), topics.outcomes()).differences())
                    .singleElement()
                    .asString()
                    .contains("has replication 1", "would be right: 3");
        }
    }

    @Test
    void a_cluster_that_does_not_answer_is_named_within_the_limit() throws IOException {
        String nobody = "127.0.0.1:" + freePort();
        try (TopicAdmin admin = admin(nobody, Duration.ofSeconds(2))) {
            assertThatThrownBy(() -> admin.check(topics(), 1, 1))
                    .isInstanceOf(TopicUnavailableException.class)
                    .hasMessageContainingAll("kafka.bootstrap-servers=" + nobody, "within 2s");
        }
    }

    @Test
    void records_go_through_the_broker_and_its_registry_and_another_reader_finds_their_schemas() {
        Map<String, Object> configuration =
                Map.of("schema.registry.url", kafka.registryUrl().toString());
        Topics writing = new Topics(kafka.uniqueName("wire") + ".", AvroSerdes.configured(configuration));
        Topics reading = new Topics(prefixOf(writing), AvroSerdes.configured(configuration));
        try (TopicAdmin admin = admin(kafka.bootstrapServers(), LIMIT)) {
            admin.create(writing, 2, 1);
        }
        Request request = new Request(
                "r-1", "e-1", Map.of("region", "eu"), 5, new FeatureMap(Map.of("age", new FeatureValue.Whole(41))));
        Outcome outcome = Outcome.newBuilder()
                .setRequestId("r-1")
                .setEntityId("e-1")
                .setObservedAt(6)
                .build();

        kafka.produce(List.of(
                record(writing.predictionRequests(), "e-1", request), record(writing.outcomes(), "e-1", outcome)));

        Request readRequest = read(reading.predictionRequests());
        assertThat(readRequest.requestId()).isEqualTo("r-1");
        assertThat(FeatureMap.copyOf(readRequest.features()).values())
                .isEqualTo(Map.of("age", new FeatureValue.Whole(41)));
        assertThat(read(reading.outcomes())).isEqualTo(outcome);
    }

    @Test
    void what_the_registry_does_not_know_is_told_apart() {
        Map<String, Object> configuration =
                Map.of("schema.registry.url", kafka.registryUrl().toString(), "auto.register.schemas", "false");
        Topics topics = new Topics(kafka.uniqueName("unknown") + ".", AvroSerdes.configured(configuration));
        Outcome outcome = Outcome.newBuilder()
                .setRequestId("r-1")
                .setEntityId("e-1")
                .setObservedAt(6)
                .build();

        assertThatThrownBy(() -> topics.outcomes()
                        .valueSerde()
                        .serializer()
                        .serialize(topics.outcomes().name(), outcome))
                .isInstanceOf(RegistryRefusedException.class)
                .hasMessageContainingAll(topics.outcomes().name() + "-value", "auto.register.schemas=true");
        try (HttpRegistry registry = new HttpRegistry(configuration)) {
            assertThatThrownBy(() -> registry.byId(1_000_000))
                    .isInstanceOf(UnreadableRecordException.class)
                    .hasMessageContaining("id 1000000");
        }
    }

    private static Topics topics() {
        return new Topics(kafka.uniqueName("admin") + ".", new AvroSerdes(new InMemoryRegistry()));
    }

    private static TopicAdmin admin(String servers, Duration limit) {
        return new TopicAdmin(new KafkaConnection(servers, Map.of()), limit);
    }

    private static void create(String name, int partitions, Map<String, String> configuration) {
        TestKafka.get(kafka.admin()
                .createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configuration)))
                .all());
    }

    private static TopicFinding finding(List<TopicFinding> findings, Topic<?, ?> topic) {
        return findings.stream()
                .filter(finding -> finding.topic().equals(topic.name()))
                .findFirst()
                .orElseThrow();
    }

    private static String prefixOf(Topics topics) {
        String name = topics.outcomes().name();
        return name.substring(0, name.length() - "outcomes".length());
    }

    private static <V> ProducerRecord<byte[], byte[]> record(Topic<String, V> topic, String key, V value) {
        return new ProducerRecord<>(
                topic.name(),
                topic.keySerde().serializer().serialize(topic.name(), key),
                topic.valueSerde().serializer().serialize(topic.name(), value));
    }

    private static <V> V read(Topic<String, V> topic) {
        byte[] value = kafka.consume(topic.name(), 1, LIMIT).get(0).value();
        return Objects.requireNonNull(topic.valueSerde().deserializer().deserialize(topic.name(), value));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
