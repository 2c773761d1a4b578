package dev.understudy.kafka;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.apache.kafka.common.errors.TimeoutException;

/** Reads a whole topic outside of Kafka Streams, without a consumer group. Not safe for several threads. */
public final class TopicReader<K, V> implements AutoCloseable {
    private final KafkaConsumer<K, V> consumer;
    private final Topic<K, V> topic;
    private final List<TopicPartition> partitions;
    private final Duration bound;

    /**
     * Opens the topic at its beginning.
     *
     * @throws TopicUnavailableException if the cluster cannot be reached within the bound, or has no such topic
     */
    public TopicReader(KafkaConnection connection, Topic<K, V> topic, Duration bound) {
        this(connection, topic, bound, IsolationLevel.READ_COMMITTED);
    }

    /** As the other; uncommitted reads do not wait for transactions that are open, and meet what was aborted. */
    TopicReader(KafkaConnection connection, Topic<K, V> topic, Duration bound, IsolationLevel isolation) {
        Map<String, Object> settings = connection.clientSettings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, isolation.toString());
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        settings.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(bound.toMillis()));
        this.topic = topic;
        this.bound = bound;
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

    /** Goes on with the first records that were written at that time or later; a partition without any is at its end. */
    public TopicReader<K, V> from(Instant time) {
        try {
            Map<TopicPartition, Long> times = partitions.stream()
                    .collect(Collectors.toMap(partition -> partition, partition -> time.toEpochMilli()));
            Map<TopicPartition, Long> ends = endOffsets();
            consumer.offsetsForTimes(times)
                    .forEach((partition, found) -> consumer.seek(
                            partition, found == null ? ends.getOrDefault(partition, 0L) : found.offset()));
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Goes on with the last records of each partition, at most so many of each. */
    public TopicReader<K, V> latest(int number) {
        try {
            Map<TopicPartition, Long> beginnings = consumer.beginningOffsets(partitions);
            endOffsets()
                    .forEach((partition, end) ->
                            consumer.seek(partition, Math.max(beginnings.getOrDefault(partition, 0L), end - number)));
            return this;
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Goes on behind a record that could not be read. */
    public void skip(RecordDeserializationException unreadable) {
        consumer.seek(unreadable.topicPartition(), unreadable.offset() + 1);
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
        List<ConsumerRecord<K, V>> records = new ArrayList<>();
        readToEnd(records::add);
        return records;
    }

    /**
     * Hands on all records from the present position to the topic's end as it is now.
     *
     * @throws TopicUnavailableException if nothing comes for as long as the cluster may take to answer
     */
    public void readToEnd(Consumer<ConsumerRecord<K, V>> taker) {
        readThrough(endOffsets(), taker);
    }

    /**
     * Hands on all records from the present position up to these offsets.
     *
     * @throws TopicUnavailableException if nothing comes for as long as the cluster may take to answer
     */
    public void readThrough(Map<TopicPartition, Long> end, Consumer<ConsumerRecord<K, V>> taker) {
        long silentSince = System.nanoTime();
        while (!reached(end)) {
            List<ConsumerRecord<K, V>> records = poll(Duration.ofMillis(200));
            records.forEach(taker);
            if (!records.isEmpty()) {
                silentSince = System.nanoTime();
            } else if (System.nanoTime() - silentSince > bound.toNanos()) {
                throw new TopicUnavailableException("topic " + topic.name() + " gave no more records for "
                        + bound.toSeconds() + " s before its end; is every broker up?");
            }
        }
    }

    /** The partition of that number. */
    public TopicPartition partition(int number) {
        return new TopicPartition(topic.name(), number);
    }

    /** The offsets at which the topic begins now. */
    public Map<TopicPartition, Long> beginningOffsets() {
        return consumer.beginningOffsets(partitions);
    }

    /**
     * Hands on the records of one partition from an offset, or where it begins, to another; those that cannot be read are left out, as a
     * stage leaves them out. The reader is at that partition alone from now on.
     *
     * @param from offset of the first record
     * @param to offset after the last record
     * @throws TopicUnavailableException if nothing comes for as long as the cluster may take to answer
     */
    public void read(TopicPartition partition, long from, long to, Consumer<ConsumerRecord<K, V>> taker) {
        consumer.pause(partitions);
        consumer.resume(List.of(partition));
        consumer.seek(
                partition,
                Math.max(from, consumer.beginningOffsets(List.of(partition)).getOrDefault(partition, 0L)));
        Consumer<ConsumerRecord<K, V>> before = record -> {
            if (record.offset() < to) {
                taker.accept(record);
            }
        };
        boolean done = false;
        while (!done) {
            try {
                readThrough(Map.of(partition, to), before);
                done = true;
            } catch (RecordDeserializationException e) {
                if (OutsideCauses.isOutside(e)) {
                    throw e;
                }
                skip(e);
            }
        }
    }

    /** There is no group to leave and nothing to commit, so there is nothing to wait for. */
    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
