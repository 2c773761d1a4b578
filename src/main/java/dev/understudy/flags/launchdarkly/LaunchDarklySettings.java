package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.Backup;
import dev.understudy.flags.ServerSettings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach LaunchDarkly.
 *
 * @param sdkKey server-side SDK key of the environment; a secret, never printed
 * @param baseUri a relay proxy or another host that speaks LaunchDarkly's protocol; empty for LaunchDarkly itself
 * @param startTimeout how long start may take until the flags are known
 * @param backup keeps the flags received last
 * @param sendEvents whether LaunchDarkly gets usage events. They carry entity ids, and no attributes; answers are then
 *     not remembered, so that every evaluation is counted
 */
public record LaunchDarklySettings(
        String sdkKey, Optional<URI> baseUri, Duration startTimeout, Optional<Backup> backup, boolean sendEvents) {
    /** LaunchDarkly itself, five seconds, no events. */
    public static LaunchDarklySettings of(String sdkKey) {
        return new LaunchDarklySettings(sdkKey, Optional.empty(), Duration.ofSeconds(5), Optional.empty(), false);
    }

    public LaunchDarklySettings {
        if (!ServerSettings.isHeader(sdkKey)) {
            throw new IllegalArgumentException("flags.launchdarkly.sdk-key-file must be the server-side SDK key of an"
                    + " environment, without blanks or line breaks (it is not shown here)");
        }
        baseUri.ifPresent(
                uri -> ServerSettings.requireAddress("flags.launchdarkly.base-uri", uri, "http://relay:8030"));
        ServerSettings.requirePositive("flags.startup-timeout", startTimeout);
    }

    /** Where flags are streamed from, for people. */
    String place() {
        return baseUri.map(URI::toString).orElse("https://stream.launchdarkly.com");
    }

    @Override
    public String toString() {
        return "LaunchDarklySettings[sdkKey=(not shown), baseUri=" + place() + ", startTimeout=" + startTimeout
                + ", backup=" + backup + ", sendEvents=" + sendEvents + "]";
    }
}
