package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.kafka.StageClients;
import dev.understudy.kafka.StageSettings;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Checks a configuration further than its own keys go. No broker, registry, flag system or model is asked. */
public final class Configured {
    private Configured() {}

    /**
     * What `run` would refuse of it before it looks at flags and models.
     *
     * @throws ConfigurationException naming the key, its value and what would be right
     */
    public static void check(UnderstudyConfig config) {
        try (Understudy composed = Understudy.of(config)) {
            Evaluation.fromConfiguration(composed.connection()::checked);
            Evaluation.readiness(config);
            for (StageSettings stage : List.of(
                    ConfiguredStages.score(config),
                    ConfiguredStages.shadow(config),
                    ConfiguredStages.evaluate(config, Evaluation.settings(config)))) {
                Evaluation.fromConfiguration(() -> StageClients.checked(composed.connection(), stage));
            }
        }
        if (config.page().enabled()) {
            PipelineReport.check(config);
        }
        UnderstudyConfig.Flags flags = config.flags();
        switch (flags.source()) {
            case FILE -> {}
            case LAUNCHDARKLY ->
                secret("flags.launchdarkly.sdk-key-file", flags.launchdarkly().sdkKeyFile());
            case UNLEASH -> secret("flags.unleash.token-file", flags.unleash().tokenFile());
            case FLAGSMITH ->
                secret("flags.flagsmith.environment-key-file", flags.flagsmith().environmentKeyFile());
        }
    }

    /** Notes on client properties that Kafka does not know, with what may be meant; a plug-in of a client may know them. */
    public static List<String> unknownProperties(UnderstudyConfig config) {
        try (Understudy composed = Understudy.of(config)) {
            return composed.connection().properties().unknown();
        }
    }

    private static void secret(String key, @Nullable Path file) {
        if (file != null) {
            SecretFile.read(key, file);
        }
    }
}
