package dev.understudy.app;

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
                        () -> reach(flags, defaultVersion, false),
                        flags.keys().flagKeys(),
                        defaultVersion,
                        Clock.systemUTC())
                : reach(flags, defaultVersion, false);
    }

    /**
     * Opens it for a look: nothing is reported to the system, nothing is kept on or taken from disk, and a source that
     * cannot be reached is refused whatever {@code flags.on-unavailable} says.
     */
    static InspectableFlags look(UnderstudyConfig.Flags flags, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        return reach(flags, defaultVersion, true);
    }

    private static InspectableFlags reach(UnderstudyConfig.Flags flags, ModelVersion defaultVersion, boolean isLook)
            throws FlagsUnavailableException {
        Optional<Backup> backup = flags.backup().filter(kept -> !isLook);
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
                                backup,
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
                                flags.startupTimeout(),
                                backup),
                        flags.keys().flagKeys(),
                        defaultVersion,
                        Clock.systemUTC());
        };
    }
}
