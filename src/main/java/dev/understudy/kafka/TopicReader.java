package dev.understudy.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads a whole topic outside of Kafka Streams, without a consumer group. Not safe for several threads. */
public final class TopicReader<K, V> implements AutoCloseable {
    private final KafkaConsumer<K, V> consumer;
    private final Topic<K, V> topic;
    private final List<TopicPartition> partitions;

    /**
     * Opens the topic at its beginning.
     *
     * @throws TopicUnavailableException if the cluster cannot be reached within the bound, or has no such topic
     */
    public TopicReader(KafkaConnection connection, Topic<K, V> topic, Duration bound) {
        Map<String, Object> settings = connection.clientSettings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(bound.toMillis()));
        this.topic = topic;
        this.consumer = new KafkaConsumer<>(
                settings, topic.keySerde().deserializer(), topic.valueSerde().deserializer());
        try {
            this.partitions = consumer.partitionsFor(topic.name()).stream()
                    .map(info -> new TopicPartition(info.topic(), info.partition()))
                    .toList();
            if (partitions.isEmpty()) {
                throw new TopicUnavailableException("topic " + topic.name() + " does not exist at "
                        + connection.bootstrapServers() + "; `understudy topics create` makes it");
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        } catch (TimeoutException e) {
            close();
            throw new TopicUnavailableException(
                    "no Kafka broker answered at " + connection.bootstrapServers() + " within " + bound.toSeconds()
                            + " s; is kafka.bootstrap-servers right and the broker up?",
                    e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Skips what is there now: only later records will be read. */
    public void skipToEnd() {
        consumer.seekToEnd(partitions);
        partitions.forEach(consumer::position);
    }

    /** The next records, waiting for some at most so long. */
    public List<ConsumerRecord<K, V>> poll(Duration wait) {
        List<ConsumerRecord<K, V>> records = new ArrayList<>();
        consumer.poll(wait).records(topic.name()).forEach(records::add);
        return records;
    }

    /** True once everything before those offsets has been read. */
    public boolean reached(Map<TopicPartition, Long> endOffsets) {
        return endOffsets.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    /** The offsets at which the topic ends now. */
    public Map<TopicPartition, Long> endOffsets() {
        return consumer.endOffsets(partitions);
    }

    /** All records from the present position to the topic's end as it is now. */
    public List<ConsumerRecord<K, V>> readToEnd() {
        Map<TopicPartition, Long> end = endOffsets();
        List<ConsumerRecord<K, V>> records = new ArrayList<>();
        while (!reached(end)) {
            records.addAll(poll(Duration.ofMillis(200)));
        }
        return records;
    }

    /** There is no group to leave and nothing to commit, so there is nothing to wait for. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
