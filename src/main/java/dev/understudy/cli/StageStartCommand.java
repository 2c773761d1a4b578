package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.app.FileEvaluation;
import dev.understudy.app.RolloutStages;
import dev.understudy.app.StageReferences;
import dev.understudy.app.Understudy;
import dev.understudy.avro.WindowSummary;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.readiness.Gate;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "start",
        description = {
            "Declare that a rollout stage begins now. It gets a new epoch, and evidence starts afresh.",
            "Freezes with it the margins, how long it lasts, and what latency and regression values are measured against:"
                    + " production's p99 batch time and deciles, taken from the preceding windows or given here.",
            "The declaration does not change the flag: set the flag's percentage as well."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy stage start --candidate v2 --percent 5",
            "  understudy stage start --candidate v2 --candidate v3 --percent 0 --tail 1.5ms",
            "  understudy stage start --candidate v2 --percent 25 --hold 48h --margin errors=0.001",
            "",
            "Candidates that are compared with the same production at once share the chance of a wrong PASS: those given"
                    + " here and those that have a stage already."
        })
final class StageStartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--candidate", required = true, paramLabel = "VERSION", description = "A candidate; repeatable.")
    private List<String> candidates;

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

    @Option(
            names = "--tail",
            paramLabel = "TIME",
            description = "Production's p99 batch time, e.g. 1.5ms (default: from the preceding windows).")
    private @Nullable String tail;

    @Option(
            names = "--deciles",
            split = ",",
            paramLabel = "VALUE",
            description = "Regression: the nine edges of production's deciles (default: from the preceding windows).")
    private List<Double> deciles = List.of();

    @Option(
            names = "--reference-window",
            defaultValue = "1h",
            paramLabel = "DURATION",
            description = "How far back the preceding windows go, event time (default: ${DEFAULT-VALUE}).")
    private String referenceWindow;

    @Option(
            names = "--of",
            paramLabel = "N",
            description = "How many candidates share alpha (default: those given and those with a stage).")
    private @Nullable Integer of;

    @Option(
            names = "--force",
            description = "Declare it although a version is not among the models here, for models that are elsewhere.")
    private boolean force;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        UnderstudyConfig settings = config.load();
        OptionValues values = new OptionValues(spec);
        List<ModelPair> pairs = pairs(settings.model(), values);
        checkNumbers(values);
        Duration configuredHold = FileEvaluation.hold(settings, percent);
        Duration held = hold == null ? configuredHold : values.duration("--hold", hold);
        Duration span = values.duration("--reference-window", referenceWindow);
        values.require(span.toMillis() > 0, "--reference-window must be above 0s, was " + referenceWindow);
        References given = given(settings, values);
        pairs.forEach(pair -> requireModels(settings, pair, values));
        noteUnusualPercent(settings);
        PrintWriter out = spec.commandLine().getOut();
        ArrayNode json = JsonNodeFactory.instance.arrayNode();
        try (Understudy understudy = Understudy.of(settings)) {
            Collection<DeclaredStage> inForce = understudy.declaredStages();
            RolloutStages.tooMuch(inForce, pairs, percent).ifPresent(why -> values.require(false, why));
            int sharing = sharing(inForce, pairs);
            List<WindowSummary> windows = understudy.finalWindows();
            for (ModelPair pair : pairs) {
                Taken taken = new Taken(given, StageReferences.of(windows, pair, span));
                DeclaredStage stage = understudy.declareStage(
                        pair, percent, held, margins, taken.references(), sharing, Instant.now());
                noteEnded(inForce, pair);
                if (format == Format.JSON) {
                    json.add(StageShowCommand.json(stage));
                } else {
                    print(out, stage, taken);
                }
            }
        }
        if (format == Format.JSON) {
            out.println(json.size() == 1 ? json.get(0).toPrettyString() : json.toPrettyString());
        }
        out.flush();
        return 0;
    }

    /** References as given, completed from windows, with where each came from. */
    private record Taken(References given, StageReferences windows) {
        References references() {
            return windows.complete(given);
        }

        String tailText() {
            if (given.tailNanos().isPresent()) {
                return DurationText.formatNanos((double) given.tailNanos().getAsLong()) + ", as given";
            }
            return windows.tailNanos()
                    .map(taken -> String.format(
                            Locale.ROOT,
                            "%s, from %,d windows until %s with %,d batches",
                            DurationText.formatNanos(taken.value()),
                            taken.windows(),
                            taken.until(),
                            taken.weight()))
                    .orElse("none: the preceding windows have fewer than " + StageReferences.LEAST_BATCHES
                            + " like-for-like batches, so the tail-latency gate stays INSUFFICIENT (NO_REFERENCE);"
                            + " give one with --tail, or declare the stage again later");
        }

        String decilesText() {
            if (!given.deciles().isEmpty()) {
                return given.deciles() + ", as given";
            }
            return windows.deciles()
                    .map(taken -> taken.value() + ", from " + taken.windows() + " windows until " + taken.until())
                    .orElse("none (only regression has them)");
        }
    }

    private static void print(PrintWriter out, DeclaredStage stage, Taken taken) {
        out.printf(
                "Epoch %d: %s at %d %%, held for %s, since %s%n",
                stage.epoch(), stage.pair(), stage.percent(), DurationText.format(stage.hold()), stage.since());
        stage.margins().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(margin -> out.printf("  margin %s = %s%n", margin.getKey(), margin.getValue()));
        out.printf("  production's p99 batch time: %s%n", taken.tailText());
        out.printf(
                Locale.ROOT,
                "  a batch is slow above that by %.0f %%%n",
                100 * stage.references().tailTolerance());
        out.printf("  production's deciles: %s%n", taken.decilesText());
        stage.references().valueBound().ifPresent(bound -> out.printf("  bound of regression errors: %s%n", bound));
        stage.references().businessBound().ifPresent(bound -> out.printf("  bound of business values: %s%n", bound));
        out.printf(
                "  %s%n",
                stage.candidates() == 1
                        ? "alpha is this candidate's alone"
                        : "alpha is shared among " + stage.candidates() + " candidates");
    }

    private List<ModelPair> pairs(UnderstudyConfig.Model model, OptionValues values) {
        String against = Objects.requireNonNullElse(production, model.defaultVersion());
        return candidates.stream()
                .distinct()
                .map(candidate -> values.pair(model.name(), against, candidate))
                .toList();
    }

    private void checkNumbers(OptionValues values) {
        values.requirePercent(percent);
        values.require(of == null || of >= 1, "--of must be at least 1, was " + of);
        Set<String> gates = Arrays.stream(Gate.values()).map(Gate::key).collect(Collectors.toSet());
        for (Map.Entry<String, Double> margin : margins.entrySet()) {
            values.require(
                    gates.contains(margin.getKey()),
                    "--margin names the unknown gate '" + margin.getKey() + "'; the gates are "
                            + String.join(", ", gates.stream().sorted().toList()));
            values.requireShare("--margin " + margin.getKey(), margin.getValue());
        }
    }

    private References given(UnderstudyConfig settings, OptionValues values) {
        References references = values.withTail(FileEvaluation.references(settings), tail);
        return deciles.isEmpty() ? references : values.read("--deciles: ", () -> references.withDeciles(deciles));
    }

    /** Those given, and others that have a stage beside the same production. */
    private int sharing(Collection<DeclaredStage> inForce, List<ModelPair> pairs) {
        return of != null
                ? of
                : pairs.size() + RolloutStages.beside(inForce, pairs).size();
    }

    private void noteEnded(Collection<DeclaredStage> inForce, ModelPair pair) {
        inForce.stream()
                .filter(stage -> stage.pair().equals(pair))
                .forEach(stage -> note("this ended epoch " + stage.epoch() + " of " + stage.pair() + ", "
                        + stage.percent() + " % since " + stage.since() + "; its evidence decides nothing any more"));
    }

    private void noteUnusualPercent(UnderstudyConfig settings) {
        Set<String> usual = settings.readiness().holds().keySet();
        if (percent != 100 && !usual.contains(Integer.toString(percent))) {
            note(percent + " % is none of the stages of readiness.holds: "
                    + usual.stream()
                            .map(Integer::valueOf)
                            .sorted()
                            .map(String::valueOf)
                            .collect(Collectors.joining(", ")));
        }
    }

    private void note(String text) {
        spec.commandLine().getErr().println("Note: " + text + ".");
    }

    /** A slip of the pen is found here, not after a day in which the candidate was compared with nothing. */
    private void requireModels(UnderstudyConfig settings, ModelPair pair, OptionValues values) {
        Path folder = settings.model().directory().resolve(settings.model().name());
        for (ModelVersion version : List.of(pair.production(), pair.candidate())) {
            values.require(
                    force || !Files.isDirectory(folder) || Files.isDirectory(folder.resolve(version.name())),
                    folder + " has no version " + version
                            + "; is the name right? --force declares it all the same, for models that are elsewhere");
        }
    }
}
