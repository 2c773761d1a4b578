package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.kafka.Topic.Partitioning;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.internals.AbstractStoreBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A stage with much state to read from Kafka before it can run. */
final class StageRestoreIT {
    private static final int RECORDS = 4_000;
    /** Ample for joining the group, on a loaded machine too. */
    private static final Duration START_LIMIT = Duration.ofSeconds(20);
    /** How long the store takes for each record that it restores: longer than the limit for all. */
    private static final long STORE_NANOS = START_LIMIT.plusSeconds(5).toNanos() / RECORDS;

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
        KafkaConnection connection =
                new KafkaConnection(kafka.bootstrapServers(), Map.of("restore.consumer.max.poll.records", "100"));
        StageSettings settings =
                StageSettings.standard("test", application, state).withLimits(START_LIMIT, Duration.ofSeconds(10));
        try (StageRunner runner = new StageRunner(
                connection,
                settings,
                new PipelineStage(config -> topology(config, input.name()), Optional.empty(), List.of(input)),
                letters)) {
            long start = System.nanoTime();
            CompletableFuture<Void> started = CompletableFuture.runAsync(runner::start);
            AtomicLong left = new AtomicLong(RECORDS);
            Await.until("the stage has started, or failed to", Duration.ofMinutes(2), () -> {
                runner.health().restoring().ifPresent(left::set);
                return started.isDone();
            });
            started.join();

            assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(START_LIMIT);
            assertThat(runner.health().state()).isEqualTo("RUNNING");
            assertThat(left.get()).as("records left, as last seen").isLessThan(RECORDS);
            assertThat(runner.health().restoring()).isEmpty();
        }
    }

    private static Topic<byte[], byte[]> topic(String name) {
        return new Topic<>(name, Serdes.ByteArray(), Serdes.ByteArray(), Partitioning.SMALL, Map.of());
    }

    private static void fill(String changelog) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            byte[] text = Integer.toString(i).getBytes(StandardCharsets.UTF_8);
            records.add(new ProducerRecord<>(changelog, text, text));
        }
        kafka.produce(records);
    }

    private static Topology topology(TopologyConfig config, String input) {
        return new Topology(config)
                .addSource("input", new ByteArrayDeserializer(), new ByteArrayDeserializer(), input)
                .addProcessor("drop", Unused::new, "input")
                .addStateStore(new SlowStoreBuilder(), "drop");
    }

    /** Takes its time to restore a record, as a large one on a slow disk does. */
    private static final class SlowStoreBuilder extends AbstractStoreBuilder<byte[], byte[], StateStore> {
        SlowStoreBuilder() {
            super("kept", Serdes.ByteArray(), Serdes.ByteArray(), Time.SYSTEM);
        }

        @Override
        public StateStore build() {
            return new SlowStore();
        }
    }

    private static final class SlowStore implements StateStore {
        private boolean open;

        @Override
        public String name() {
            return "kept";
        }

        @Override
        public void init(StateStoreContext context, StateStore root) {
            context.register(root, (key, value) -> LockSupport.parkNanos(STORE_NANOS));
            open = true;
        }

        @Override
        public void close() {
            open = false;
        }

        @Override
        public boolean persistent() {
            return false;
        }

        @Override
        public boolean isOpen() {
            return open;
        }
    }

    private static final class Unused implements Processor<byte[], byte[], Void, Void> {
        @Override
        public void process(Record<byte[], byte[]> record) {
            throw new AssertionError("nobody sends anything, got " + record);
        }
    }
}
