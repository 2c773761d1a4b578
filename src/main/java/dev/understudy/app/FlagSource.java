package dev.understudy.app;

import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.file.FileFlagSettings;
import dev.understudy.flags.file.FileFlags;
import dev.understudy.flags.launchdarkly.LaunchDarklyFlags;
import dev.understudy.flags.launchdarkly.LaunchDarklySettings;
import java.time.Clock;
import java.util.Objects;

/** Opens the flag source that the configuration names. */
final class FlagSource {
    private FlagSource() {}

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
        };
    }
}
