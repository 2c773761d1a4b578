package dev.understudy.flags.unleash;

import dev.understudy.flags.Backup;
import dev.understudy.flags.ServerSettings;
import java.net.URI;
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
 * @param backup keeps the flags received last
 * @param sendEvents whether the server gets counts of the answers by variant. They carry no entities and no attributes;
 *     answers are then not remembered, so that every evaluation is counted
 */
public record UnleashSettings(
        URI url,
        String apiToken,
        String appName,
        Duration pollInterval,
        Duration startTimeout,
        Optional<Backup> backup,
        boolean sendEvents) {
    /** A look every five seconds, five seconds to start, no backup file, no events. */
    public static UnleashSettings of(URI url, String apiToken) {
        return new UnleashSettings(
                url, apiToken, "understudy", Duration.ofSeconds(5), Duration.ofSeconds(5), Optional.empty(), false);
    }

    public UnleashSettings {
        ServerSettings.requireAddress("flags.unleash.url", url, "http://unleash:4242");
        if (!ServerSettings.isHeader(apiToken)) {
            throw new IllegalArgumentException("flags.unleash.token-file must hold a backend token of an environment,"
                    + " without blanks or line breaks (it is not shown here)");
        }
        if (!ServerSettings.isHeader(appName)) {
            throw new IllegalArgumentException(
                    "flags.unleash.app-name must be printable ASCII without blanks, was '" + appName + "'");
        }
        ServerSettings.requirePositive("flags.unleash.poll-interval", pollInterval);
        ServerSettings.requirePositive("flags.startup-timeout", startTimeout);
    }

    /** The root of the server's API. */
    URI api() {
        String text = url.toString().replaceAll("/+$", "");
        return URI.create(text.endsWith("/api") ? text : text + "/api");
    }

    @Override
    public String toString() {
        return "UnleashSettings[url=" + url + ", apiToken=(not shown), appName=" + appName + ", pollInterval="
                + pollInterval + ", startTimeout=" + startTimeout + ", backup=" + backup + ", sendEvents="
                + sendEvents + "]";
    }
}
