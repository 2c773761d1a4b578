package dev.understudy.kafka.avro;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.types.Password;
import org.jspecify.annotations.Nullable;

/**
 * Reads a client configuration by Confluent's keys. Values may be text or typed, as Kafka hands them on; keys of the
 * registry client may have the prefix {@code schema.registry.}, which wins.
 */
final class SettingsReader {
    private static final String CLIENT_PREFIX = "schema.registry.";

    private final Map<String, ?> configuration;

    SettingsReader(Map<String, ?> configuration) {
        this.configuration = configuration;
    }

    @Nullable
    String text(String key) {
        Object value = configuration.get(CLIENT_PREFIX + key);
        if (value == null) {
            value = configuration.get(key);
        }
        if (value == null) {
            return null;
        }
        String text = (value instanceof Password password ? password.value() : value.toString()).strip();
        return text.isEmpty() ? null : text;
    }

    String text(String key, String otherwise) {
        String text = text(key);
        return text == null ? otherwise : text;
    }

    boolean flag(String key, boolean otherwise) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new ConfigException(key, text, "must be true or false");
        };
    }

    int count(String key, int otherwise) {
        return (int) number(key, otherwise, Integer.MAX_VALUE);
    }

    Duration millis(String key, Duration otherwise) {
        return Duration.ofMillis(number(key, otherwise.toMillis(), Integer.MAX_VALUE));
    }

    private long number(String key, long otherwise, long most) {
        String text = text(key);
        if (text == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new ConfigException(key, text, "must be a whole number");
        }
        throw new ConfigException(key, text, "must be 0 to " + most);
    }

    /** The URLs of {@code schema.registry.url}, a list or text with commas. */
    List<URI> urls() {
        String key = "schema.registry.url";
        Object value = configuration.get(key);
        Stream<?> parts = value instanceof List<?> list
                ? list.stream()
                : Stream.of(value == null ? new String[0] : value.toString().split(",", -1));
        List<URI> urls = parts.map(part -> part.toString().strip())
                .filter(part -> !part.isEmpty())
                .map(part -> url(key, part))
                .toList();
        if (urls.isEmpty()) {
            throw new ConfigException(
                    key, value, "must be one or several http:// or https:// URLs, separated by commas");
        }
        return urls;
    }

    private static URI url(String key, String text) {
        try {
            URI url = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (("http".equals(url.getScheme()) || "https".equals(url.getScheme())) && url.getHost() != null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            throw new ConfigException(key, RegistrySettings.withoutCredentials(text), "is not a URL: http://host:port");
        }
        throw new ConfigException(
                key, RegistrySettings.withoutCredentials(text), "must be a URL like http://host:8081");
    }

    /** All keys that begin so, without that beginning. */
    Map<String, String> startingWith(String prefix) {
        Map<String, String> found = new java.util.TreeMap<>();
        for (String full : List.of(prefix, CLIENT_PREFIX + prefix)) {
            configuration.forEach((key, value) -> {
                if (key.startsWith(full) && value != null) {
                    found.put(key.substring(full.length()), value.toString());
                }
            });
        }
        return found;
    }
}
