package dev.understudy.cli;

import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelPair;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which candidate, and beside which production. */
final class PairOptions {
    @Option(names = "--candidate", required = true, paramLabel = "VERSION", description = "The candidate.")
    private String candidate;

    @Option(
            names = "--production",
            paramLabel = "VERSION",
            description = "The version that it is compared with (default: model.default-version).")
    private @Nullable String production;

    ModelPair pair(UnderstudyConfig.Model model, OptionValues values) {
        return values.pair(model.name(), Objects.requireNonNullElse(production, model.defaultVersion()), candidate);
    }
}
