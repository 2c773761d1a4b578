package dev.understudy.app;

import dev.understudy.config.ConfigLoader;
import dev.understudy.evaluate.EvaluateSettings;
import java.nio.file.Path;

/** How EVALUATE counts under a configuration. */
public final class ConfiguredEvaluation {
    private ConfiguredEvaluation() {}

    /** As the pipeline reads it from that file. */
    public static EvaluateSettings settings(Path config) {
        return Evaluation.settings(ConfigLoader.ofProcess().load(config));
    }
}
