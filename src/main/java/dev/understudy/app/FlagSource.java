package dev.understudy.app;

import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.file.FileFlagSettings;
import dev.understudy.flags.file.FileFlags;
import dev.understudy.flags.flagsmith.FlagsmithFlags;
import dev.understudy.flags.flagsmith.FlagsmithSettings;
import dev.understudy.flags.launchdarkly.LaunchDarklyFlags;
import dev.understudy.flags.launchdarkly.LaunchDarklySettings;
import dev.understudy.flags.unleash.UnleashFlags;
import dev.understudy.flags.unleash.UnleashSettings;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;

/** Opens the flag source that the configuration names. */
final class FlagSource {
    private FlagSource() {}

    static InspectableFlags open(UnderstudyConfig.Flags flags, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        return open(flags, defaultVersion, false);
    }

    /** As {@link #open}, but for a look: nothing is reported to the system, and nothing is kept on or taken from disk. */
    static InspectableFlags look(UnderstudyConfig.Flags flags, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        return open(flags, defaultVersion, true);
    }

    private static InspectableFlags open(UnderstudyConfig.Flags flags, ModelVersion defaultVersion, boolean isLook)
            throws FlagsUnavailableException {
        return switch (flags.source()) {
            case FILE ->
                FileFlags.open(
                        FileFlagSettings.of(flags.file()), flags.keys().flagKeys(), defaultVersion, Clock.systemUTC());
            case LAUNCHDARKLY ->
                LaunchDarklyFlags.open(
                        new LaunchDarklySettings(
                                SecretFile.read(
                                        "flags.launchdarkly.sdk-key-file",
                                        Objects.requireNonNull(
                                                flags.launchdarkly().sdkKeyFile())),
                                flags.launchdarkly().relay(),
                                flags.startupTimeout(),
                                !isLook && flags.launchdarkly().sendEvents()),
                        flags.keys().flagKeys(),
                        defaultVersion);
            case UNLEASH ->
                UnleashFlags.open(
                        new UnleashSettings(
                                Objects.requireNonNull(flags.unleash().url()),
                                SecretFile.read(
                                        "flags.unleash.token-file",
                                        Objects.requireNonNull(flags.unleash().tokenFile())),
                                flags.unleash().appName(),
                                flags.unleash().pollInterval(),
                                flags.startupTimeout(),
                                isLook ? Optional.empty() : flags.unleash().backup(),
                                !isLook && flags.unleash().sendEvents()),
                        flags.keys().flagKeys(),
                        defaultVersion);
            case FLAGSMITH ->
                FlagsmithFlags.open(
                        new FlagsmithSettings(
                                SecretFile.read(
                                        "flags.flagsmith.environment-key-file",
                                        Objects.requireNonNull(flags.flagsmith().environmentKeyFile())),
                                flags.flagsmith().server(),
                                flags.flagsmith().pollInterval(),
                                flags.startupTimeout()),
                        flags.keys().flagKeys(),
                        defaultVersion,
                        Clock.systemUTC());
        };
    }
}
