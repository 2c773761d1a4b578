package dev.understudy.kafka;

import java.util.Map;
import org.apache.kafka.common.serialization.Serde;

/**
 * One topic of the pipeline: its name, what it holds and how it is to be configured.
 *
 * @param name full name, prefix included
 * @param configuration Kafka's topic configuration, e.g. {@code cleanup.policy}, as it is to be
 */
public record Topic<K, V>(
        String name,
        Serde<K> keySerde,
        Serde<V> valueSerde,
        Partitioning partitioning,
        Map<String, String> configuration) {

    /** How many partitions a topic needs. */
    public enum Partitioning {
        /** As many as {@code prediction-requests}: a record stays on the partition number of its request. */
        WITH_REQUESTS,
        /** One is enough: few keys, few records. More do no harm. */
        SMALL
    }

    public Topic {
        configuration = Map.copyOf(configuration);
    }

    @Override
    public String toString() {
        return name;
    }
}
