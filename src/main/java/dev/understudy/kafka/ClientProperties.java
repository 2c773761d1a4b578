package dev.understudy.kafka;

import java.util.List;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.streams.StreamsConfig;

/** What is known of the properties that are passed to Kafka clients. */
public final class ClientProperties {
    private static final List<ConfigDef> DEFINITIONS = List.of(
            StreamsConfig.configDef(),
            ConsumerConfig.configDef(),
            ProducerConfig.configDef(),
            AdminClientConfig.configDef());

    private ClientProperties() {}

    /** Whether Kafka knows the property, with any client's prefix or none, and does not hold it for a secret. */
    public static boolean isPublic(String name) {
        String bare = ProtectedKeys.bare(name);
        boolean known = false;
        for (ConfigDef definition : DEFINITIONS) {
            ConfigDef.ConfigKey key = definition.configKeys().get(bare);
            if (key != null && key.type == ConfigDef.Type.PASSWORD) {
                return false;
            }
            known |= key != null;
        }
        return known;
    }
}
