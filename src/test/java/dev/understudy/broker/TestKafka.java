package dev.understudy.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * A real broker and registry for tests: one for the whole test run, started by the first class that asks for it, closed
 * when the run ends. Tests share it, so each makes topics of its own with {@link #createTopic}.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final TestKafka kafka = new TestKafka();
 * }</pre>
 */
public final class TestKafka implements BeforeAllCallback {
    private static final Duration LEADERS = Duration.ofSeconds(30);

    private static final Duration BOUND = Duration.ofSeconds(30);

    private @Nullable Shared shared;

    /** What JUnit's root store keeps for all classes and closes at the end. */
    private record Shared(EmbeddedKafka kafka, Admin admin, Path data) implements AutoCloseable {
        static Shared start() {
            Path data;
            try {
                data = Files.createTempDirectory("understudy-test-kafka");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            EmbeddedKafka kafka =
                    EmbeddedKafka.start(EmbeddedKafkaSettings.in(data).withQuickStart());
            return new Shared(kafka, Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers())), data);
        }

        @Override
        public void close() {
            admin.close();
            kafka.close();
            FolderTree.delete(data);
        }
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        shared = context.getRoot()
                .getStore(ExtensionContext.Namespace.create(TestKafka.class))
                .computeIfAbsent(Shared.class, key -> Shared.start(), Shared.class);
    }

    public String bootstrapServers() {
        return shared().kafka().bootstrapServers();
    }

    public URI registryUrl() {
        return shared().kafka().registryUrl();
    }

    public EmbeddedKafka embedded() {
        return shared().kafka();
    }

    public Admin admin() {
        return shared().admin();
    }

    private Shared shared() {
        return Objects.requireNonNull(shared, "register TestKafka as a static @RegisterExtension");
    }

    /** A name that no other test uses: for topics, application ids, groups. */
    public String uniqueName(String prefix) {
        return prefix + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    /** Creates a topic with a unique name that begins with {@code prefix} and returns the name. */
    public String createTopic(String prefix, int partitions) {
        return createTopic(prefix, partitions, Map.of());
    }

    public String createTopic(String prefix, int partitions, Map<String, String> configuration) {
        String name = uniqueName(prefix);
        createTopics(List.of(new NewTopic(name, partitions, (short) 1).configs(configuration)));
        return name;
    }

    /**
     * Creates topics and waits until the broker leads all of their partitions. A producer that writes earlier may lose its
     * first batch to {@code NOT_LEADER_OR_FOLLOWER} and have its second accepted, and then repeats
     * {@code OUT_OF_ORDER_SEQUENCE_NUMBER} until it gives up.
     */
    public void createTopics(List<NewTopic> topics) {
        get(admin().createTopics(topics).all());
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (NewTopic topic : topics) {
            for (int partition = 0; partition < topic.numPartitions(); partition++) {
                ends.put(new TopicPartition(topic.name(), partition), OffsetSpec.latest());
            }
        }
        Await.until("the broker leads all partitions of " + topics, LEADERS, () -> leads(ends));
    }

    /** The broker acknowledges a new topic a moment before it answers questions about it. */
    private boolean leads(Map<TopicPartition, OffsetSpec> partitions) {
        try {
            get(admin().listOffsets(partitions).all());
            return true;
        } catch (AssertionError e) {
            if (e.getCause() != null && e.getCause().getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    /** Writes the records with {@code acks=all} and returns once all are acknowledged. */
    public List<RecordMetadata> produce(List<ProducerRecord<byte[], byte[]>> records) {
        Map<String, Object> settings = Map.of("bootstrap.servers", bootstrapServers(), "linger.ms", 5);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            List<Future<RecordMetadata>> sent = new ArrayList<>();
            for (ProducerRecord<byte[], byte[]> record : records) {
                sent.add(producer.send(record));
            }
            return sent.stream().map(TestKafka::get).toList();
        }
    }

    /**
     * Reads all partitions of a topic from the beginning, committed records only, until there are {@code count}; fails
     * after {@code bound}. It does not look for more than {@code count}; use {@link #records(String)} for that.
     */
    public List<ConsumerRecord<byte[], byte[]>> consume(String topic, int count, Duration bound) {
        try (KafkaConsumer<byte[], byte[]> consumer = CommittedRecords.reader(bootstrapServers(), topic)) {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            Await.until(
                    count + " records in " + topic,
                    bound,
                    () -> {
                        consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                        return records.size() >= count;
                    },
                    () -> records.size() + " records");
            return records;
        }
    }

    /** Every committed record that a topic has now, each partition in order. */
    public List<ConsumerRecord<byte[], byte[]>> records(String topic) {
        return CommittedRecords.of(bootstrapServers(), topic);
    }

    /** The value of a future of a client, with a bound. */
    public static <T> T get(Future<T> future) {
        try {
            return future.get(BOUND.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("a Kafka client failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
