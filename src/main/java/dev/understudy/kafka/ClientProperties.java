package dev.understudy.kafka;

import dev.understudy.domain.FileProblem;
import dev.understudy.domain.Suggestion;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/** What is known of the properties that are passed to Kafka clients. */
public final class ClientProperties {
    private static final List<ConfigDef> DEFINITIONS = List.of(
            StreamsConfig.configDef(),
            ConsumerConfig.configDef(),
            ProducerConfig.configDef(),
            AdminClientConfig.configDef());

    private ClientProperties() {}

    /** Names that Kafka does not know, with any client's prefix or none, each with the nearest one that it does. */
    public static List<String> unknown(Map<String, String> properties) {
        Set<String> known = new TreeSet<>();
        DEFINITIONS.forEach(definition -> known.addAll(definition.names()));
        return properties.keySet().stream()
                .filter(name -> !known.contains(ProtectedKeys.bare(name)))
                .sorted()
                .map(name -> "'" + name + "'" + Suggestion.didYouMean(ProtectedKeys.bare(name), known))
                .toList();
    }

    /**
     * These properties, and those of a Java properties file that are not among them, such as the {@code client.properties} of
     * Kafka's tools. It is read as UTF-8; Kafka's tools read ISO-8859-1.
     *
     * @param key of the configuration, for messages
     * @param file null for none
     * @throws IllegalArgumentException if it cannot be read or is no such file
     */
    public static Map<String, String> with(String key, @Nullable Path file, Map<String, String> given) {
        Map<String, String> all = file == null ? new HashMap<>() : read(key, file);
        all.putAll(given);
        return all;
    }

    private static Map<String, String> read(String key, Path file) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        } catch (IOException e) {
            throw new IllegalArgumentException(key + ": " + file + " cannot be read: " + FileProblem.of(file, e), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    key + ": " + file + " must be a Java properties file, lines of name=value; it has a malformed \\u",
                    e);
        }
        Map<String, String> read = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> read.put(name, properties.getProperty(name)));
        return read;
    }

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
