package dev.understudy.broker;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What a topic holds, without what was aborted. */
public final class CommittedRecords {
    private static final Duration BOUND = Duration.ofSeconds(30);

    private CommittedRecords() {}

    /** Every record that a topic has now, each partition in order. */
    public static List<ConsumerRecord<byte[], byte[]>> of(String bootstrapServers, String topic) {
        try (KafkaConsumer<byte[], byte[]> consumer = reader(bootstrapServers, topic)) {
            Map<TopicPartition, Long> ends = consumer.endOffsets(consumer.assignment());
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            Await.until("the end of " + topic, BOUND, () -> {
                consumer.poll(Duration.ofMillis(50)).forEach(records::add);
                return ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
            });
            return records;
        }
    }

    /** Reads all partitions from the beginning. */
    static KafkaConsumer<byte[], byte[]> reader(String bootstrapServers, String topic) {
        KafkaConsumer<byte[], byte[]> consumer = consumer(bootstrapServers);
        List<TopicPartition> partitions = consumer.partitionsFor(topic).stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }

    /** Without a group; what it reads is to be assigned. */
    public static KafkaConsumer<byte[], byte[]> consumer(String bootstrapServers) {
        return new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "isolation.level",
                        "read_committed",
                        "enable.auto.commit",
                        false),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
    }
}
