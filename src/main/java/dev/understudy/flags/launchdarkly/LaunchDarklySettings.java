package dev.understudy.flags.launchdarkly;

import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/**
 * How to reach LaunchDarkly.
 *
 * @param sdkKey server-side SDK key of the environment; a secret, never printed
 * @param baseUri a relay proxy or another host that speaks LaunchDarkly's protocol; empty for LaunchDarkly itself
 * @param startTimeout how long start may take until the flags are known
 * @param sendEvents whether LaunchDarkly gets usage events. They carry entity ids, and no attributes; answers are then
 *     not remembered, so that every evaluation is counted
 */
public record LaunchDarklySettings(String sdkKey, Optional<URI> baseUri, Duration startTimeout, boolean sendEvents) {
    /** LaunchDarkly itself, five seconds, no events. */
    public static LaunchDarklySettings of(String sdkKey) {
        return new LaunchDarklySettings(sdkKey, Optional.empty(), Duration.ofSeconds(5), false);
    }

    public LaunchDarklySettings {
        // Checked here because HTTP libraries quote a bad header, and this one is the secret.
        if (sdkKey.isBlank() || !sdkKey.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new IllegalArgumentException("flags.launchdarkly.sdk-key-file must be the server-side SDK key of an"
                    + " environment, without blanks or line breaks (it is not shown here)");
        }
        baseUri.ifPresent(LaunchDarklySettings::check);
        if (startTimeout.isNegative() || startTimeout.isZero()) {
            throw new IllegalArgumentException("flags.startup-timeout must be positive, was " + startTimeout);
        }
    }

    private static void check(URI uri) {
        if (uri.getRawUserInfo() != null || uri.getRawQuery() != null) {
            throw new IllegalArgumentException("flags.launchdarkly.base-uri must hold no user, password or query,"
                    + " e.g. http://relay:8030 (it is not shown here)");
        }
        if (!("http".equals(uri.getScheme()) || "https".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException(
                    "flags.launchdarkly.base-uri must be like http://relay:8030, was " + uri);
        }
    }

    /** Where flags are streamed from, for people. */
    String place() {
        return baseUri.map(URI::toString).orElse("https://stream.launchdarkly.com");
    }

    @Override
    public String toString() {
        return "LaunchDarklySettings[sdkKey=(not shown), baseUri=" + place() + ", startTimeout=" + startTimeout
                + ", sendEvents=" + sendEvents + "]";
    }
}
