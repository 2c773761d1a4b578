package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.AwaitedFlags;
import dev.understudy.flags.Backup;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
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
import java.util.Optional;

/** Opens the flag source that the configuration names. */
final class FlagSource {
    private FlagSource() {}

    static ModelFlags open(UnderstudyConfig.Flags flags, ModelVersion defaultVersion) throws FlagsUnavailableException {
        return flags.onUnavailable() == UnderstudyConfig.Flags.OnUnavailable.DEFAULT
                ? AwaitedFlags.open(
                        () -> reach(flags, defaultVersion, flags.backup(), true),
                        ConfigurationException.class::isInstance,
                        flags.keys().flagKeys(),
                        defaultVersion,
                        Clock.systemUTC())
                : reach(flags, defaultVersion, flags.backup(), true);
    }

    /**
     * The source itself, for a look: nothing is reported to the system, nothing is kept on or taken from disk, and a source
     * that cannot be reached is refused whatever {@code flags.on-unavailable} says.
     */
    static InspectableFlags look(UnderstudyConfig.Flags flags, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        try {
            return reach(flags, defaultVersion, Optional.empty(), false);
        } catch (FlagsUnavailableException e) {
            if (e.unreached().isEmpty()) {
                throw e;
            }
            throw new FlagsUnavailableException(e.getMessage() + meanwhile(flags, defaultVersion), e);
        }
    }

    /** What a pipeline does that starts while the source cannot be reached. */
    private static String meanwhile(UnderstudyConfig.Flags flags, ModelVersion defaultVersion) {
        return switch (flags.onUnavailable()) {
            case FAIL -> "";
            case LAST_KNOWN ->
                ". A pipeline that starts now goes on with the flags of its backup file, where it has one"
                        + " (flags.on-unavailable: last-known)";
            case DEFAULT ->
                ". A pipeline that starts now lets " + defaultVersion
                        + ", the default version, serve everybody and keeps trying (flags.on-unavailable: default)";
        };
    }

    private static InspectableFlags reach(
            UnderstudyConfig.Flags flags, ModelVersion defaultVersion, Optional<Backup> backup, boolean reports)
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
                                backup,
                                reports && flags.launchdarkly().sendEvents()),
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
                                backup,
                                reports && flags.unleash().sendEvents()),
                        flags.keys().flagKeys(),
                        defaultVersion);
            case FLAGSMITH ->
                FlagsmithFlags.open(
                        settings(flags, backup), flags.keys().flagKeys(), defaultVersion, Clock.systemUTC());
        };
    }

    /** How to reach Flagsmith. */
    static FlagsmithSettings settings(UnderstudyConfig.Flags flags, Optional<Backup> backup) {
        return new FlagsmithSettings(
                SecretFile.read(
                        "flags.flagsmith.environment-key-file",
                        Objects.requireNonNull(flags.flagsmith().environmentKeyFile())),
                flags.flagsmith().server(),
                flags.flagsmith().pollInterval(),
                flags.startupTimeout(),
                backup);
    }
}
