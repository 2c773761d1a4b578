package dev.understudy.flags.unleash;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach an Unleash server.
 *
 * @param url the server, with or without the {@code /api} at the end
 * @param apiToken backend token; it decides the environment and the projects that are seen; a secret, never printed
 * @param appName what the server calls this client
 * @param pollInterval time between two looks at the server
 * @param startTimeout how long start may take until the flags are known
 * @param backupFile keeps the flags received last. A start that cannot reach the server continues with them; empty
 *     refuses to start then
 * @param sendEvents whether the server gets counts of the answers by variant. They carry no entities and no attributes;
 *     answers are then not remembered, so that every evaluation is counted
 */
public record UnleashSettings(
        URI url,
        String apiToken,
        String appName,
        Duration pollInterval,
        Duration startTimeout,
        Optional<Path> backupFile,
        boolean sendEvents) {
    /** A look every five seconds, five seconds to start, no backup file, no events. */
    public static UnleashSettings of(URI url, String apiToken) {
        return new UnleashSettings(
                url, apiToken, "understudy", Duration.ofSeconds(5), Duration.ofSeconds(5), Optional.empty(), false);
    }

    public UnleashSettings {
        if (url.getRawUserInfo() != null || url.getRawQuery() != null) {
            throw new IllegalArgumentException("flags.unleash.url must hold no user, password or query,"
                    + " e.g. http://unleash:4242 (it is not shown here)");
        }
        if (!("http".equals(url.getScheme()) || "https".equals(url.getScheme())) || url.getHost() == null) {
            throw new IllegalArgumentException("flags.unleash.url must be like http://unleash:4242, was " + url);
        }
        // Checked here because the HTTP client quotes a bad header, and this one is the secret.
        if (!isHeader(apiToken)) {
            throw new IllegalArgumentException("flags.unleash.token-file must hold a backend token of an environment,"
                    + " without blanks or line breaks (it is not shown here)");
        }
        if (!isHeader(appName)) {
            throw new IllegalArgumentException(
                    "flags.unleash.app-name must be printable ASCII without blanks, was '" + appName + "'");
        }
        requirePositive("flags.unleash.poll-interval", pollInterval);
        requirePositive("flags.startup-timeout", startTimeout);
    }

    private static boolean isHeader(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 127);
    }

    private static void requirePositive(String key, Duration duration) {
        if (duration.isNegative() || duration.isZero()) {
            throw new IllegalArgumentException(key + " must be positive, was " + duration);
        }
    }

    /** The root of the server's API. */
    URI api() {
        String text = url.toString().replaceAll("/+$", "");
        return URI.create(text.endsWith("/api") ? text : text + "/api");
    }

    @Override
    public String toString() {
        return "UnleashSettings[url=" + url + ", apiToken=(not shown), appName=" + appName + ", pollInterval="
                + pollInterval + ", startTimeout=" + startTimeout + ", backupFile=" + backupFile + ", sendEvents="
                + sendEvents + "]";
    }
}
