package dev.understudy.kafka.avro;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.apache.kafka.common.config.ConfigException;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a registry.
 *
 * @param urls without credentials and without a slash at the end; tried in turn
 * @param authorization value of the Authorization header; null for none
 * @param headers further headers of every request
 * @param maxRetries after the first try, each over all URLs
 * @param firstWait before the first retry; doubled before each further one
 * @param normalize ask the registry to normalise schemas before it compares them
 * @param tls null for the JVM's own trust
 */
record RegistrySettings(
        List<URI> urls,
        @Nullable String authorization,
        Map<String, String> headers,
        Duration connectTimeout,
        Duration readTimeout,
        int maxRetries,
        Duration firstWait,
        Duration longestWait,
        boolean normalize,
        @Nullable SSLContext tls) {

    RegistrySettings {
        urls = List.copyOf(urls);
        headers = Map.copyOf(headers);
    }

    /** Settings by Confluent's keys. Waits are shorter than Confluent's unless set: a stage must notice in time. */
    static RegistrySettings parse(Map<String, ?> configuration) {
        SettingsReader read = new SettingsReader(configuration);
        List<URI> urls = read.urls();
        return new RegistrySettings(
                urls.stream().map(RegistrySettings::withoutCredentials).toList(),
                authorization(read, urls),
                read.startingWith("request.header."),
                positive(read, "http.connect.timeout.ms", Duration.ofSeconds(10)),
                positive(read, "http.read.timeout.ms", Duration.ofSeconds(10)),
                read.count("max.retries", 3),
                read.millis("retries.wait.ms", Duration.ofMillis(250)),
                read.millis("retries.max.wait.ms", Duration.ofSeconds(10)),
                read.flag("normalize.schemas", false),
                RegistryTls.context(read));
    }

    private static Duration positive(SettingsReader read, String key, Duration otherwise) {
        Duration value = read.millis(key, otherwise);
        if (value.isZero()) {
            throw new ConfigException(key, 0, "must be positive");
        }
        return value;
    }

    private static @Nullable String authorization(SettingsReader read, List<URI> urls) {
        String token = read.text("bearer.auth.token");
        String bearerSource = read.text("bearer.auth.credentials.source", "STATIC_TOKEN");
        if (!bearerSource.equals("STATIC_TOKEN")) {
            throw new ConfigException(
                    "bearer.auth.credentials.source", bearerSource, "must be STATIC_TOKEN, with bearer.auth.token");
        }
        String basic = basic(read, urls);
        if (token != null && basic != null) {
            throw new ConfigException(
                    "bearer.auth.token and basic credentials are both set; the registry takes one of them");
        }
        return token != null ? "Bearer " + token : basic;
    }

    private static @Nullable String basic(SettingsReader read, List<URI> urls) {
        String userInfo = read.text("basic.auth.user.info");
        String source = read.text("basic.auth.credentials.source", userInfo == null ? "URL" : "USER_INFO")
                .toUpperCase(Locale.ROOT);
        String credentials = switch (source) {
            case "USER_INFO" -> {
                if (userInfo == null || userInfo.indexOf(':') < 1) {
                    throw new ConfigException("basic.auth.user.info must be name:password where"
                            + " basic.auth.credentials.source is USER_INFO");
                }
                yield userInfo;
            }
            case "URL" -> urls.get(0).getUserInfo();
            default ->
                throw new ConfigException(
                        "basic.auth.credentials.source",
                        source,
                        "must be USER_INFO (with basic.auth.user.info) or URL (http://name:password@host)");
        };
        return credentials == null
                ? null
                : "Basic " + Base64.getEncoder().encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
    }

    private static URI withoutCredentials(URI url) {
        return URI.create(withoutCredentials(url.toString()));
    }

    static String withoutCredentials(String url) {
        return url.replaceFirst("//[^/@]*@", "//");
    }
}
