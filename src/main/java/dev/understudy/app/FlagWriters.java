package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.file.FileFlagWriter;
import dev.understudy.flags.flagsmith.FlagsmithFlagWriter;
import dev.understudy.flags.launchdarkly.LaunchDarklyAdmin;
import dev.understudy.flags.launchdarkly.LaunchDarklyFlagWriter;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.WriteToken;
import dev.understudy.flags.unleash.UnleashAdmin;
import dev.understudy.flags.unleash.UnleashFlagWriter;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds what changes the flags of the source that the configuration names. */
final class FlagWriters {
    private FlagWriters() {}

    /** @throws ConfigurationException naming the key that is missing */
    static FlagWriter of(UnderstudyConfig.Flags flags, ModelVersion defaultVersion, Optional<WriteToken> token) {
        return switch (flags.source()) {
            case FILE -> new FileFlagWriter(flags.file(), flags.keys().flagKeys(), defaultVersion);
            case LAUNCHDARKLY ->
                new LaunchDarklyFlagWriter(
                        new LaunchDarklyAdmin(
                                flags.launchdarkly().apiUri(),
                                required(
                                        "flags.launchdarkly.project",
                                        flags.launchdarkly().project(),
                                        "the key of the project"),
                                required(
                                        "flags.launchdarkly.environment",
                                        flags.launchdarkly().environment(),
                                        "the key of the SDK key's environment")),
                        token);
            case UNLEASH ->
                new UnleashFlagWriter(
                        new UnleashAdmin(
                                Objects.requireNonNull(flags.unleash().url()),
                                flags.unleash().project(),
                                environment(flags.unleash())),
                        token,
                        defaultVersion,
                        flags.unleash().pollInterval());
            case FLAGSMITH -> new FlagsmithFlagWriter(FlagSource.settings(flags, Optional.empty()), token);
        };
    }

    /** The one that is named, or that of the backend token. */
    private static String environment(UnderstudyConfig.Flags.Unleash unleash) {
        if (unleash.environment() != null) {
            return unleash.environment();
        }
        String token = SecretFile.read("flags.unleash.token-file", Objects.requireNonNull(unleash.tokenFile()));
        return required(
                "flags.unleash.environment",
                UnleashAdmin.environmentOf(token).orElse(null),
                "the name of the environment, as the token in flags.unleash.token-file does not tell it");
    }

    private static String required(String key, @Nullable String value, String what) {
        if (value == null) {
            throw new ConfigurationException(key + " must be " + what + " to change flags, was null");
        }
        return value;
    }
}
