package dev.understudy.kafka;

import dev.understudy.domain.FileProblem;
import dev.understudy.domain.Suggestion;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.streams.StreamsConfig;
import org.jspecify.annotations.Nullable;

/**
 * The user's own properties of Kafka's clients or of the registry's: those of the configuration, and those of a Java properties
 * file that are not among them, such as the {@code client.properties} of Kafka's tools. It is read as these read it, in ISO-8859-1.
 */
public final class ClientProperties {
    private static final List<ConfigDef> DEFINITIONS = List.of(
            StreamsConfig.configDef(),
            ConsumerConfig.configDef(),
            ProducerConfig.configDef(),
            AdminClientConfig.configDef());

    /** A line of a broken entry, which may be part of a password, hardly looks so. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");

    private final String key;
    private final @Nullable Path file;
    private final Map<String, String> given;
    private final Map<String, String> all;

    /**
     * Reads the file.
     *
     * @param key of the configuration that holds {@code given}, for messages; the file's is {@code <key>-file}
     * @param file null for none
     * @throws IllegalArgumentException if it cannot be read or is no such file
     */
    public ClientProperties(String key, Map<String, String> given, @Nullable Path file) {
        this.key = key;
        this.file = file;
        this.given = Map.copyOf(given);
        Map<String, String> merged = file == null ? new HashMap<>() : read(key + "-file", file);
        merged.putAll(given);
        this.all = Map.copyOf(merged);
    }

    private static Map<String, String> read(String key, Path file) {
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
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

    /** Values by name. */
    public Map<String, String> all() {
        return all;
    }

    /** Where the property stands, for messages: {@code kafka.properties}, or {@code kafka.properties-file: /etc/client.properties}. */
    String place(String name) {
        return file == null || given.containsKey(name) ? key : key + "-file: " + file;
    }

    /**
     * A client's refusal with the place of the property that it names, which it does without the prefix of the client.
     *
     * @param otherwise for the place, where it names none of these properties
     */
    public IllegalArgumentException refusal(String otherwise, RuntimeException thrown) {
        String message = String.valueOf(thrown.getMessage());
        String place = all.keySet().stream()
                .filter(name -> message.contains(ProtectedKeys.bare(name)))
                .max(Comparator.comparingInt(name -> ProtectedKeys.bare(name).length()))
                .map(this::place)
                .orElse(otherwise);
        return new IllegalArgumentException(place + ": " + message, thrown);
    }

    /**
     * Looks each value through as the clients that it is for would, by the name that the user wrote.
     *
     * @throws IllegalArgumentException if one of them would refuse it
     */
    void check() {
        for (String name : new TreeSet<>(all.keySet())) {
            String value = String.valueOf(all.get(name));
            if (value.contains("${")) {
                continue; // a config provider may know what it stands for
            }
            for (ConfigDef definition : definitions(name)) {
                ConfigDef.ConfigKey known = definition.configKeys().get(ProtectedKeys.bare(name));
                if (known != null) {
                    check(name, value, known);
                }
            }
        }
    }

    private void check(String name, String value, ConfigDef.ConfigKey known) {
        try {
            Object parsed = ConfigDef.parseType(name, value, known.type);
            if (known.validator != null) {
                known.validator.ensureValid(name, parsed);
            }
        } catch (ConfigException e) {
            throw new IllegalArgumentException(place(name) + ": " + e.getMessage(), e);
        }
    }

    private static List<ConfigDef> definitions(String name) {
        if (name.startsWith(StreamsConfig.PRODUCER_PREFIX)) {
            return List.of(ProducerConfig.configDef());
        }
        if (name.startsWith(StreamsConfig.ADMIN_CLIENT_PREFIX)) {
            return List.of(AdminClientConfig.configDef());
        }
        return name.equals(ProtectedKeys.bare(name)) ? DEFINITIONS : List.of(ConsumerConfig.configDef());
    }

    /**
     * Notes on names that Kafka does not know, with any client's prefix or none: each with the nearest one that it does. What
     * does not look like a property is only counted.
     */
    public List<String> unknown() {
        Set<String> known = new TreeSet<>();
        DEFINITIONS.forEach(definition -> known.addAll(definition.names()));
        Map<String, Integer> unlikely = new TreeMap<>();
        List<String> notes = new ArrayList<>();
        for (String name : new TreeSet<>(all.keySet())) {
            String bare = ProtectedKeys.bare(name);
            if (known.contains(bare)) {
                continue;
            }
            if (NAME.matcher(name).matches() && !String.valueOf(all.get(name)).isBlank()) {
                notes.add(place(name) + ": Kafka knows no client property '" + name + "'"
                        + Suggestion.didYouMean(bare, known));
            } else {
                unlikely.merge(place(name), 1, Integer::sum);
            }
        }
        unlikely.forEach((place, count) -> notes.add(place + ": " + count + (count == 1 ? " entry" : " entries")
                + " that cannot be meant, such as a line of a value that was broken without a \\ at its end; not shown, since it"
                + " may be part of a password"));
        return notes;
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
