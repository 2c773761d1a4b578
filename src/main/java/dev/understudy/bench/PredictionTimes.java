package dev.understudy.bench;

import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.kafka.Topic;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A plain consumer of predictions, as a service that asked for them would run: committed records alone, each as soon as it
 * is there. It reads the request's number from the first bytes and leaves the rest, so that it takes little from what it
 * measures. Used by one thread at a time.
 */
final class PredictionTimes implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Topic<String, Prediction> topic;
    private boolean checked;

    /** Gets what was read. */
    interface Answers {
        /** Number of the request that is answered, and when the prediction could be read by {@link System#nanoTime}. */
        void answered(long requestNumber, long readableNanos);
    }

    /** Opens the topic at its end. */
    PredictionTimes(BenchConnection connection, Topic<String, Prediction> topic) {
        Map<String, Object> settings = connection.kafka().clientSettings();
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
        settings.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        this.topic = topic;
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        List<TopicPartition> partitions = consumer.partitionsFor(topic.name()).stream()
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .toList();
        consumer.assign(partitions);
        consumer.seekToEnd(partitions);
        // Otherwise the end would be looked up by the first poll, when there may be predictions already.
        partitions.forEach(consumer::position);
    }

    /**
     * Reads until that is enough.
     *
     * @param enough asked after every poll, which waits 50 ms at most
     * @throws IllegalStateException if the first prediction that was ever read says that scoring failed
     */
    void read(Answers answers, BooleanSupplier enough) {
        while (!enough.getAsBoolean()) {
            ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
            long now = System.nanoTime();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                if (!checked) {
                    requireScored(record.value());
                    checked = true;
                }
                answers.answered(requestNumber(record.value()), now);
            }
        }
    }

    /** Number of the request that a serialized prediction answers: digits in the first field, after {@code request-}. */
    static long requestNumber(byte[] prediction) {
        // Avro writes the length of a text zigzag; below 64 it is one byte.
        int length = prediction[BareCodec.WIRE_PREFIX] >> 1;
        int from = BareCodec.WIRE_PREFIX + 1;
        long number = 0;
        for (int at = from + BenchRequests.ID_PREFIX.length(); at < from + length; at++) {
            int digit = prediction[at] - '0';
            if (digit < 0 || digit > 9) {
                throw new IllegalArgumentException(
                        "a prediction answers a request that was not made here: its id has no number");
            }
            number = 10 * number + digit;
        }
        return number;
    }

    private void requireScored(byte[] bytes) {
        Prediction prediction = topic.valueSerde().deserializer().deserialize(topic.name(), bytes);
        if (prediction.getStatus() != PredictionStatus.SCORED) {
            throw new IllegalStateException("SCORE does not score the requests of the benchmark: "
                    + prediction.getErrorCode().orElse("no code") + ", "
                    + prediction.getErrorMessage().orElse("no message"));
        }
    }

    @Override
    public void close() {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }
}
