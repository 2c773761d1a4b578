package dev.understudy.kafka;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.config.ConfigException;

/**
 * How to reach the cluster.
 *
 * @param bootstrapServers {@code host:port}, comma separated
 * @param properties the user's own client settings (SASL, TLS, quotas), passed on as they are; what the
 *     pipeline sets itself is refused
 */
public record KafkaConnection(String bootstrapServers, ClientProperties properties) {
    public KafkaConnection {
        ProtectedKeys.refuseAny(properties);
    }

    /** With properties of no file. */
    public KafkaConnection(String bootstrapServers, Map<String, String> properties) {
        this(bootstrapServers, new ClientProperties("kafka.properties", properties, null));
    }

    /**
     * This connection, looked through as a client would; nobody is contacted.
     *
     * @throws IllegalArgumentException if a client would refuse a property; the message names it
     */
    public KafkaConnection checked() {
        try {
            properties.check();
            var unused = new AdminClientConfig(clientSettings());
            return this;
        } catch (ConfigException e) {
            throw properties.refusal("kafka.properties", e);
        }
    }

    /** Settings that every client of the cluster starts from; the caller may add to the map. */
    public Map<String, Object> clientSettings() {
        Map<String, Object> settings = new HashMap<>(properties.all());
        settings.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return settings;
    }
}
