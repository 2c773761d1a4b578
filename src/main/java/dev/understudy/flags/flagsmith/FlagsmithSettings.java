package dev.understudy.flags.flagsmith;

import dev.understudy.flags.Backup;
import dev.understudy.flags.ServerSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach Flagsmith. No usage events are sent: entities and attributes stay in the process.
 *
 * @param environmentKey server-side key of the environment; a secret, never printed
 * @param baseUri the API of a Flagsmith of one's own; empty for the one at flagsmith.com
 * @param pollInterval how long after an answer the flags are asked for again
 * @param startTimeout how long start may take until the flags are known
 * @param backup keeps the flags received last
 */
public record FlagsmithSettings(
        String environmentKey,
        Optional<URI> baseUri,
        Duration pollInterval,
        Duration startTimeout,
        Optional<Backup> backup) {
    private static final URI FLAGSMITH = URI.create("https://edge.api.flagsmith.com/api/v1/");

    /** The Flagsmith at flagsmith.com, looked at every five seconds, with five seconds to start. */
    public static FlagsmithSettings of(String environmentKey) {
        return new FlagsmithSettings(
                environmentKey, Optional.empty(), Duration.ofSeconds(5), Duration.ofSeconds(5), Optional.empty());
    }

    public FlagsmithSettings {
        if (!environmentKey.startsWith("ser.") || !ServerSettings.isHeader(environmentKey)) {
            throw new IllegalArgumentException(
                    "flags.flagsmith.environment-key-file must hold the server-side key of an"
                            + " environment, which starts with 'ser.', without blanks or line breaks (it is not shown here)");
        }
        baseUri.ifPresent(
                uri -> ServerSettings.requireAddress("flags.flagsmith.base-uri", uri, "http://flagsmith:8000/api/v1/"));
        ServerSettings.requirePositive("flags.flagsmith.poll-interval", pollInterval);
        ServerSettings.requirePositive("flags.startup-timeout", startTimeout);
    }

    /** Where flags come from, for people. */
    URI place() {
        return baseUri.orElse(FLAGSMITH);
    }

    /** What an SDK for servers asks for: all flags of the environment and what decides about them. */
    URI documentUri() {
        String place = place().toString();
        return URI.create(place + (place.endsWith("/") ? "" : "/") + "environment-document/");
    }

    @Override
    public String toString() {
        return "FlagsmithSettings[environmentKey=(not shown), baseUri=" + place() + ", pollInterval=" + pollInterval
                + ", startTimeout=" + startTimeout + ", backup=" + backup + "]";
    }
}
