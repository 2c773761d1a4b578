package dev.understudy.faults;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.broker.Await;
import dev.understudy.broker.CommittedRecords;
import dev.understudy.kafka.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Watches, as a reader of committed records does, how long a stage's output takes to come again after a fault. */
final class Progress implements AutoCloseable {
    private static final Duration BOUND = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofMillis(20);

    private final Topics topics;
    private final Thread thread;
    /** The newest event that was seen of each partition, in milliseconds. */
    private final Map<TopicPartition, Long> latest = new ConcurrentHashMap<>();

    private final int partitions;
    private volatile boolean closing;

    Progress(String bootstrapServers, Topics topics, int partitions) {
        this.topics = topics;
        this.partitions = partitions;
        KafkaConsumer<byte[], byte[]> consumer = CommittedRecords.consumer(bootstrapServers);
        this.thread = new Thread(() -> watch(consumer), "progress");
        thread.setDaemon(true);
        thread.start();
    }

    private void watch(KafkaConsumer<byte[], byte[]> consumer) {
        try (consumer) {
            List<TopicPartition> all = new ArrayList<>();
            Stream.of("score", "shadow", "evaluate").forEach(stage -> all.addAll(outputs(stage)));
            consumer.assign(all);
            consumer.seekToBeginning(all);
            while (!closing) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    note(record);
                }
            }
        }
    }

    private void note(ConsumerRecord<byte[], byte[]> record) {
        TopicPartition partition = new TopicPartition(record.topic(), record.partition());
        long event = record.timestamp();
        if (record.topic().equals(topics.rolloutReadiness().name()) && record.value() != null) {
            ReadinessSummary summary = topics.rolloutReadiness()
                    .valueSerde()
                    .deserializer()
                    .deserialize(record.topic(), record.headers(), record.value());
            event = summary.getEvaluatedAt().toEpochMilli();
        }
        latest.merge(partition, event, Math::max);
    }

    private List<TopicPartition> outputs(String stage) {
        return switch (stage) {
            case "score" -> of(topics.predictions().name(), partitions);
            case "shadow" -> of(topics.comparisons().name(), partitions);
            case "evaluate" -> of(topics.rolloutReadiness().name(), 1);
            default -> throw new IllegalArgumentException("no stage: " + stage);
        };
    }

    private static List<TopicPartition> of(String topic, int partitions) {
        List<TopicPartition> all = new ArrayList<>();
        for (int partition = 0; partition < partitions; partition++) {
            all.add(new TopicPartition(topic, partition));
        }
        return all;
    }

    /**
     * Waits until all of the stage's output is there that is about something after the fault: of SCORE and SHADOW a record
     * in each partition about a request that was sent after it, of EVALUATE a decision.
     *
     * @return how long after the fault that was
     */
    Duration awaitRecovery(String stage, Instant fault) {
        List<TopicPartition> outputs = outputs(stage);
        Await.until(
                "output of " + stage + " after the fault",
                BOUND,
                () -> outputs.stream().allMatch(partition -> isAfter(partition, fault)),
                latest::toString);
        return Duration.between(fault, Instant.now());
    }

    private boolean isAfter(TopicPartition partition, Instant fault) {
        return latest.getOrDefault(partition, 0L) > fault.toEpochMilli();
    }

    @Override
    public void close() {
        closing = true;
        try {
            thread.join(BOUND.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
