package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.config.DurationText;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "start",
        description = {
            "Declare that a rollout stage begins now. It gets a new epoch, and evidence starts afresh.",
            "The declaration does not change the flag: set the flag's percentage as well."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy stage start --candidate v2 --percent 5",
            "  understudy stage start --candidate v2 --percent 25 --hold 48h --margin errors=0.001"
        })
final class StageStartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--candidate", required = true, paramLabel = "VERSION", description = "The candidate.")
    private String candidate;

    @Option(
            names = "--production",
            paramLabel = "VERSION",
            description = "The version that it is compared with (default: model.default-version).")
    private @Nullable String production;

    @Option(
            names = "--percent",
            required = true,
            description = "Share of entities that the candidate serves, 0 (shadow only) to 100.")
    private int percent;

    @Option(
            names = "--hold",
            paramLabel = "DURATION",
            description = "How long the stage lasts at least, e.g. 24h (default: readiness.holds for the percentage).")
    private @Nullable String hold;

    @Option(names = "--margin", paramLabel = "GATE=VALUE", description = "A gate's margin in this stage; repeatable.")
    private Map<String, Double> margins = Map.of();

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        UnderstudyConfig settings = config.load();
        ModelPair pair = pair(settings);
        if (percent < 0 || percent > 100) {
            throw new ParameterException(spec.commandLine(), "--percent must be 0 to 100, was " + percent);
        }
        for (Map.Entry<String, Double> margin : margins.entrySet()) {
            if (!settings.readiness().margins().containsKey(margin.getKey())) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--margin names the unknown gate '" + margin.getKey() + "'; the gates are "
                                + String.join(
                                        ", ",
                                        settings.readiness().margins().keySet().stream()
                                                .sorted()
                                                .toList()));
            }
            if (!(margin.getValue() >= 0 && margin.getValue() <= 1)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--margin " + margin.getKey() + " must be 0 to 1, was " + margin.getValue());
            }
        }
        Duration held = hold(settings);
        noteMissing(settings, pair);
        // Frozen with the stage: a later change of the configuration must not move the goal.
        Map<String, Double> frozen = new TreeMap<>(settings.readiness().margins());
        frozen.putAll(margins);
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(settings)) {
            DeclaredStage stage =
                    understudy.declareStage(pair, percent, held, frozen, References.none(), 1, Instant.now());
            if (format == Format.JSON) {
                out.println(StageShowCommand.json(stage).toPrettyString());
            } else {
                out.printf(
                        "Epoch %d: %s at %d %%, held for %s, since %s%n",
                        stage.epoch(), pair, percent, DurationText.format(held), stage.since());
                frozen.forEach((gate, margin) -> out.printf("  margin %s = %s%n", gate, margin));
            }
            out.flush();
        }
        return 0;
    }

    private ModelPair pair(UnderstudyConfig settings) {
        try {
            ModelVersion against = production == null ? settings.model().version() : new ModelVersion(production);
            return new ModelPair(settings.model().name(), against, new ModelVersion(candidate));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    /** The models may be elsewhere; but a slip of the pen is found here, not after a day of HOLD. */
    private void noteMissing(UnderstudyConfig settings, ModelPair pair) {
        Path folder = settings.model().directory().resolve(settings.model().name());
        for (ModelVersion version : List.of(pair.production(), pair.candidate())) {
            if (Files.isDirectory(folder) && !Files.exists(folder.resolve(version.name()))) {
                spec.commandLine()
                        .getErr()
                        .println("Note: " + folder + " has no version " + version + "; is the name right?");
            }
        }
    }

    private Duration hold(UnderstudyConfig settings) {
        if (hold == null) {
            return settings.readiness().holds().getOrDefault(Integer.toString(percent), Duration.ZERO);
        }
        try {
            return DurationText.parse(hold);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--hold: " + e.getMessage(), e);
        }
    }
}
