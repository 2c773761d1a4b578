package dev.understudy.kafka;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/** Shows each polled batch of the main consumer to the stage's {@link ScoringAhead}. Made by Kafka's consumer. */
public final class AheadInterceptor implements ConsumerInterceptor<byte[], byte[]> {
    /** Consumer setting that holds the {@link ScoringAhead} itself. */
    static final String WORK = "understudy.scoring.ahead";

    private @Nullable ScoringAhead<?, ?> ahead;

    @Override
    public void configure(Map<String, ?> configs) {
        if (!(configs.get(WORK) instanceof ScoringAhead<?, ?> work)) {
            throw new ConfigException(WORK, configs.get(WORK), "must be the stage's ScoringAhead object");
        }
        ahead = work;
    }

    @Override
    public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> records) {
        if (ahead != null) {
            ahead.onPoll(records);
        }
        return records;
    }

    @Override
    public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

    @Override
    public void close() {}
}
