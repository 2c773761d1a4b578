package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.kafka.ClientProperties;
import dev.understudy.kafka.avro.AvroSerdes;
import java.net.URI;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;

/** Our configuration of the registry in Confluent's keys. */
final class Registries {
    private Registries() {}

    static AvroSerdes serdes(UnderstudyConfig.Registry registry) {
        ClientProperties given = Evaluation.fromConfiguration(
                () -> new ClientProperties("registry.properties", registry.properties(), registry.propertiesFile()));
        Map<String, Object> keys = new HashMap<>(given.all());
        keys.put(
                "schema.registry.url",
                registry.urls().stream().map(URI::toString).collect(Collectors.joining(",")));
        keys.put("auto.register.schemas", registry.autoRegister());
        if (registry.username() != null && registry.passwordFile() != null) {
            keys.put("basic.auth.credentials.source", "USER_INFO");
            keys.put(
                    "basic.auth.user.info",
                    registry.username() + ":" + SecretFile.read("registry.password-file", registry.passwordFile()));
        }
        if (registry.bearerTokenFile() != null) {
            keys.put("bearer.auth.credentials.source", "STATIC_TOKEN");
            keys.put("bearer.auth.token", SecretFile.read("registry.bearer-token-file", registry.bearerTokenFile()));
        }
        try {
            return AvroSerdes.configured(keys);
        } catch (ConfigException e) {
            throw new ConfigurationException(
                    String.valueOf(given.refusal("registry.properties", e).getMessage()), e);
        }
    }
}
