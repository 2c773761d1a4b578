package dev.understudy.app;

import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
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

/** Opens the flag source that the configuration names. */
final class FlagSource {
    private FlagSource() {}

    /** For a look at the answers alone: nothing is counted anywhere, and no backup is kept. */
    static ModelFlags openReadOnly(UnderstudyConfig.Flags flags, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        UnderstudyConfig.Flags.LaunchDarkly launchDarkly = flags.launchdarkly();
        UnderstudyConfig.Flags.Unleash unleash = flags.unleash();
        return open(
                new UnderstudyConfig.Flags(
                        flags.source(),
                        flags.file(),
                        flags.startupTimeout(),
                        flags.keys(),
                        new UnderstudyConfig.Flags.LaunchDarkly(
                                launchDarkly.sdkKeyFile(),
                                launchDarkly.baseUri(),
                                false,
                                launchDarkly.apiUri(),
                                launchDarkly.project(),
                                launchDarkly.environment()),
                        new UnderstudyConfig.Flags.Unleash(
                                unleash.url(),
                                unleash.tokenFile(),
                                unleash.appName(),
                                unleash.pollInterval(),
                                null,
                                false,
                                unleash.project(),
                                unleash.environment()),
                        flags.flagsmith()),
                defaultVersion);
    }

    static ModelFlags open(UnderstudyConfig.Flags flags, ModelVersion defaultVersion) throws FlagsUnavailableException {
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
                                flags.launchdarkly().sendEvents()),
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
                                flags.unleash().backup(),
                                flags.unleash().sendEvents()),
                        flags.keys().flagKeys(),
                        defaultVersion);
            case FLAGSMITH ->
                FlagsmithFlags.open(settings(flags), flags.keys().flagKeys(), defaultVersion, Clock.systemUTC());
        };
    }

    /** How to reach Flagsmith. */
    static FlagsmithSettings settings(UnderstudyConfig.Flags flags) {
        return new FlagsmithSettings(
                SecretFile.read(
                        "flags.flagsmith.environment-key-file",
                        Objects.requireNonNull(flags.flagsmith().environmentKeyFile())),
                flags.flagsmith().server(),
                flags.flagsmith().pollInterval(),
                flags.startupTimeout());
    }
}
