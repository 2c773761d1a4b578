package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.evaluate.EvaluateSettings;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Checks a configuration further than its own keys go, without contacting anybody. */
public final class Configured {
    private Configured() {}

    /**
     * What `run` would refuse of it.
     *
     * @throws ConfigurationException naming the key, its value and what would be right
     */
    public static void check(UnderstudyConfig config) {
        try (Understudy composed = Understudy.of(config)) {
            EvaluateSettings evaluation = Evaluation.settings(composed.config());
            Evaluation.streams(config, evaluation);
            Evaluation.readiness(config);
        }
        if (config.page().enabled()) {
            PipelineReport.settings(config.page());
        }
        secret("flags.launchdarkly.sdk-key-file", config.flags().launchdarkly().sdkKeyFile());
        secret("flags.unleash.token-file", config.flags().unleash().tokenFile());
        secret(
                "flags.flagsmith.environment-key-file",
                config.flags().flagsmith().environmentKeyFile());
    }

    private static void secret(String key, @Nullable Path file) {
        if (file != null) {
            SecretFile.read(key, file);
        }
    }
}
