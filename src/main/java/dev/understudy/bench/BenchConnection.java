package dev.understudy.bench;

import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import java.util.List;
import java.util.Map;

/** The embedded cluster, and the topics of one round on it. */
record BenchConnection(String bootstrapServers, String registryUrl, String topicPrefix) {
    /** Long, because processes are held still while their work piles up. */
    static final String SESSION_TIMEOUT = "60000";

    KafkaConnection kafka() {
        return new KafkaConnection(bootstrapServers, Map.of("session.timeout.ms", SESSION_TIMEOUT));
    }

    AvroSerdes serdes() {
        return AvroSerdes.configured(Map.of("schema.registry.url", registryUrl));
    }

    Topics topics(AvroSerdes serdes) {
        return new Topics(topicPrefix, serdes);
    }

    /** As words of a command line; {@link #parse} reads them. */
    List<String> words() {
        return List.of(bootstrapServers, registryUrl, topicPrefix);
    }

    static BenchConnection parse(String... words) {
        return new BenchConnection(words[0], words[1], words[2]);
    }
}
