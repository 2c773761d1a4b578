package dev.understudy.bench;

import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The embedded cluster, and the topics of one round on it.
 *
 * @param sessionTimeout after which the cluster takes the partitions of a process that is not heard of
 */
record BenchConnection(String bootstrapServers, String registryUrl, String topicPrefix, Duration sessionTimeout) {
    /** Long, because processes are held still while their work piles up. */
    static final Duration LONG_SESSIONS = Duration.ofMinutes(1);

    KafkaConnection kafka() {
        return new KafkaConnection(
                bootstrapServers, Map.of("session.timeout.ms", Long.toString(sessionTimeout.toMillis())));
    }

    AvroSerdes serdes() {
        return AvroSerdes.configured(Map.of("schema.registry.url", registryUrl));
    }

    Topics topics(AvroSerdes serdes) {
        return new Topics(topicPrefix, serdes);
    }

    /** As words of a command line; {@link #parse} reads them. */
    List<String> words() {
        return List.of(bootstrapServers, registryUrl, topicPrefix, sessionTimeout.toString());
    }

    static BenchConnection parse(String... words) {
        return new BenchConnection(words[0], words[1], words[2], Duration.parse(words[3]));
    }
}
