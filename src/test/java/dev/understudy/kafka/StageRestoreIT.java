package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.TestKafka;
import dev.understudy.kafka.Topic.Partitioning;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A stage with much state to read from Kafka before it can run. */
final class StageRestoreIT {
    private static final int RECORDS = 10_000;
    private static final Duration START_LIMIT = Duration.ofSeconds(2);

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @Test
    void a_stage_may_restore_its_state_for_longer_than_its_start_limit(@TempDir Path state) throws Exception {
        String application = kafka.uniqueName("restore");
        Topic<byte[], byte[]> input = topic(application + "-input");
        Topic<byte[], byte[]> letters = topic(application + "-letters");
        String changelog = application + "-test-kept-changelog";
        kafka.createTopics(List.of(
                new NewTopic(input.name(), 1, (short) 1),
                new NewTopic(letters.name(), 1, (short) 1),
                new NewTopic(changelog, 1, (short) 1).configs(Map.of("cleanup.policy", "compact"))));
        fill(changelog);
        // One record a fetch.
        KafkaConnection slow = new KafkaConnection(
                kafka.bootstrapServers(),
                Map.of("restore.consumer.max.partition.fetch.bytes", "1", "restore.consumer.max.poll.records", "1"));
        StageSettings settings =
                StageSettings.standard("test", application, state).withLimits(START_LIMIT, Duration.ofSeconds(10));
        try (StageRunner runner = new StageRunner(
                slow,
                settings,
                new PipelineStage(config -> topology(config, input.name()), Optional.empty(), List.of(input)),
                letters)) {
            long start = System.nanoTime();
            CompletableFuture<Void> started = CompletableFuture.runAsync(runner::start);
            OptionalLong left = OptionalLong.empty();
            while (!started.isDone()) {
                OptionalLong now = runner.health().restoring();
                left = now.isPresent() ? now : left;
            }
            started.join();

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .as("else this test shows nothing: raise RECORDS")
                    .isGreaterThan(START_LIMIT);
            assertThat(runner.health().state()).isEqualTo("RUNNING");
            assertThat(left).as("records left, as last seen").isPresent();
            assertThat(left.getAsLong()).isLessThan(RECORDS);
            assertThat(runner.health().restoring()).isEmpty();
        }
    }

    private static Topic<byte[], byte[]> topic(String name) {
        return new Topic<>(name, Serdes.ByteArray(), Serdes.ByteArray(), Partitioning.SMALL, Map.of());
    }

    /** Each record in a batch of its own, which is what a fetch takes at least. */
    private static void fill(String changelog) throws Exception {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", kafka.bootstrapServers(), "batch.size", 0, "linger.ms", 0);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (int i = 0; i < RECORDS; i++) {
                byte[] text = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
                sent.add(producer.send(new ProducerRecord<>(changelog, text, text)));
            }
            for (Future<RecordMetadata> one : sent) {
                one.get();
            }
        }
    }

    private static Topology topology(TopologyConfig config, String input) {
        return new Topology(config)
                .addSource("input", new ByteArrayDeserializer(), new ByteArrayDeserializer(), input)
                .addProcessor("drop", Unused::new, "input")
                .addStateStore(
                        Stores.keyValueStoreBuilder(
                                Stores.persistentKeyValueStore("test-kept"), Serdes.ByteArray(), Serdes.ByteArray()),
                        "drop");
    }

    private static final class Unused implements Processor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {
            throw new AssertionError("nobody sends anything, got " + record);
        }
    }
}
