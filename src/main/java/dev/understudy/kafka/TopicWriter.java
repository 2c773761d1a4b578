package dev.understudy.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.NullUnmarked;
import org.jspecify.annotations.Nullable;

/** Writes records to a topic from outside of Kafka Streams. The first failure is thrown by the next call. */
public final class TopicWriter<K, V> implements AutoCloseable {
    private final KafkaProducer<K, V> producer;
    private final Topic<K, V> topic;
    private final KafkaConnection connection;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /** Opens the writer; {@code bound} is how long a record may take to be acknowledged. */
    public TopicWriter(KafkaConnection connection, Topic<K, V> topic, Duration bound) {
        int millis = Math.toIntExact(bound.toMillis());
        Map<String, Object> settings = connection.clientSettings();
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, bound.toMillis());
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 5);
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, millis - 5));
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis);
        this.connection = connection;
        this.topic = topic;
        this.producer = new KafkaProducer<>(
                settings, topic.keySerde().serializer(), topic.valueSerde().serializer());
    }

    /** Hands a record over; it is acknowledged by {@link #flush()} at the latest. */
    public void send(K key, V value) {
        send(new ProducerRecord<>(topic.name(), key, value));
    }

    /** Hands over that a compacted topic is to forget a key. */
    public void delete(K key) {
        send(tombstone(key));
    }

    @NullUnmarked // The clients say of no value that it may be null, although a record without one is a deletion.
    private ProducerRecord<K, V> tombstone(K key) {
        return new ProducerRecord<>(topic.name(), key, null);
    }

    private void send(ProducerRecord<K, V> record) {
        throwFailure();
        Future<?> unused = producer.send(record, (metadata, problem) -> {
            if (problem != null) {
                failure.compareAndSet(null, problem);
            }
        });
        throwFailure();
    }

    /** Waits until every record is acknowledged. */
    public void flush() {
        producer.flush();
        throwFailure();
    }

    @Override
    public void close() {
        producer.close();
        throwFailure();
    }

    private void throwFailure() {
        Exception problem = failure.get();
        if (problem == null) {
            return;
        }
        if (problem instanceof TimeoutException) {
            throw new TopicUnavailableException(
                    "topic " + topic.name() + " at " + connection.bootstrapServers()
                            + " took no record in time; is the broker up and the topic there (`understudy topics create`)?",
                    problem);
        }
        throw new KafkaException(
                "a record for topic " + topic.name() + " was not written: " + problem.getMessage(), problem);
    }
}
