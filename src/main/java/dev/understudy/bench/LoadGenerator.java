package dev.understudy.bench;

import dev.understudy.domain.Request;
import dev.understudy.kafka.Topic;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests by a schedule that does not wait for answers, or one by one as it is told to. It does not linger: how long a
 * client waits for more requests is the client's choice and no latency of ours. Under load its batches grow by themselves,
 * since a connection takes five at a time. Used by one thread.
 */
final class LoadGenerator implements AutoCloseable {
    private final KafkaProducer<String, Request> producer;
    private final String topic;
    private final BenchRequests requests;
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    LoadGenerator(BenchConnection connection, Topic<String, Request> topic, BenchRequests requests) {
        Map<String, Object> settings = connection.kafka().clientSettings();
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        this.producer = new KafkaProducer<>(
                settings, topic.keySerde().serializer(), topic.valueSerde().serializer());
        this.topic = topic.name();
        this.requests = requests;
    }

    /** The number that the next request will have; {@link PredictionTimes} finds it in the prediction. */
    long nextNumber() {
        return requests.made();
    }

    /** Sends so many requests, each when it is due; one that is late is sent at once. */
    void follow(SendSchedule schedule, int count) {
        for (int sequence = 0; sequence < count; sequence++) {
            long due = schedule.intendedNanos(sequence);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
                if (Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException("interrupted while sending requests");
                }
            }
            send();
        }
        flush();
    }

    /** Sends the next request at once. */
    void send() {
        Request request = requests.next();
        Future<?> unused =
                producer.send(new ProducerRecord<>(topic, request.entityId(), request), (metadata, problem) -> {
                    if (problem != null) {
                        failure.compareAndSet(null, problem);
                    }
                });
        throwFailure();
    }

    /** Waits until every request is acknowledged. */
    void flush() {
        producer.flush();
        throwFailure();
    }

    private void throwFailure() {
        Exception problem = failure.get();
        if (problem != null) {
            throw new KafkaException("a request for " + topic + " was not written: " + problem.getMessage(), problem);
        }
    }

    @Override
    public void close() {
        producer.close();
    }
}
