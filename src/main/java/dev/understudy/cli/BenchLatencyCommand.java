package dev.understudy.cli;

import dev.understudy.bench.LatencyBench;
import dev.understudy.bench.LatencyConfiguration;
import dev.understudy.bench.LatencyRate;
import dev.understudy.bench.LatencyResult;
import dev.understudy.bench.LatencySettings;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.kafka.Guarantee;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "latency",
        description = {
            "Measure how long it takes from the time at which a request is due until its prediction can be read, at fixed"
                    + " rates.",
            "Open loop: requests are due at even intervals whatever became of those before, and one that is sent late is"
                    + " late. An embedded broker and SCORE in JVMs of their own, no candidate; generator and reader in this"
                    + " one. All share the cores of this machine, which saturation has to be seen by."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy bench latency --quick",
            "  understudy bench latency --rates 1000,80%% --rounds 5 --format json",
            "  understudy bench latency --guarantees exactly_once_v2 --commit-interval 20ms",
            "",
            "Every combination of guarantee, commit interval and linger is measured, in turn, in every round."
        })
final class BenchLatencyCommand implements Callable<Integer> {
    private static final List<Guarantee> BOTH = List.of(Guarantee.AT_LEAST_ONCE, Guarantee.EXACTLY_ONCE_V2);

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            description = "A version's directory or an .onnx file with numeric inputs (default: the shipped logistic"
                    + " regression on 30 features).")
    private @Nullable Path model;

    @Option(
            names = "--quick",
            description =
                    "One round, two seconds, 100 and 1000 a second, at least once: says whether it works, not how fast"
                            + " it is.")
    private boolean quick;

    @Option(
            names = "--rates",
            split = ",",
            paramLabel = "RATE",
            description = "Requests a second, or a share of measured saturation (default: 100,1000,10000,80%%).")
    private @Nullable List<String> rates;

    @Option(
            names = "--guarantees",
            split = ",",
            paramLabel = "GUARANTEE",
            description = "Of SCORE: at_least_once, exactly_once_v2 (default: both).")
    private @Nullable List<Guarantee> guarantees;

    @Option(
            names = "--commit-interval",
            split = ",",
            paramLabel = "DURATION",
            description = "Of SCORE, such as 100ms (default: that of the configuration's defaults).")
    private List<String> commitIntervals = List.of();

    @Option(
            names = "--linger",
            split = ",",
            paramLabel = "DURATION",
            description = "Of SCORE's producer, such as 5ms (default: that of the configuration's defaults).")
    private List<String> lingers = List.of();

    @Option(
            names = "--seconds",
            description = "Measured at each rate, after some that are not (default: 20 after 3, quick: 2).")
    private @Nullable Integer seconds;

    @Option(names = "--rounds", description = "Rounds of each configuration (default: 3, quick: 1).")
    private @Nullable Integer rounds;

    @Mixin
    private BenchOptions options;

    @Override
    public Integer call() throws ModelException, IOException {
        LatencySettings settings = settings();
        LatencyResult result =
                new LatencyBench(settings, RunCommand::stageProcess, line -> BenchCommand.say(spec, line)).run();
        options.print(spec, () -> LatencyReport.json(result), () -> LatencyReport.text(result));
        return 0;
    }

    private LatencySettings settings() {
        OptionValues values = new OptionValues(spec);
        List<String> texts =
                rates != null ? rates : quick ? List.of("100", "1000") : List.of("100", "1000", "10000", "80%");
        List<LatencyRate> parsed = values.read(
                "--rates: ", () -> texts.stream().map(LatencyRate::parse).toList());
        return values.read(
                "",
                () -> new LatencySettings(
                        model == null ? BenchCommand.shipped("bench-linear") : model,
                        options.directory(),
                        options.partitions(),
                        quick ? 20_000 : 200_000,
                        Duration.ofSeconds(quick ? 1 : 3),
                        Duration.ofSeconds(seconds != null ? seconds : quick ? 2 : 20),
                        rounds != null ? rounds : quick ? 1 : 3,
                        parsed,
                        configurations(values)));
    }

    private List<LatencyConfiguration> configurations(OptionValues values) {
        UnderstudyConfig.Score defaults =
                ConfigLoader.ofProcess().loadDefaults().score();
        List<LatencyConfiguration> all = new ArrayList<>();
        for (Guarantee guarantee : guarantees != null ? guarantees : quick ? List.of(Guarantee.AT_LEAST_ONCE) : BOTH) {
            for (Duration commit : durations(values, "--commit-interval", commitIntervals, defaults.commitInterval())) {
                for (Duration linger : durations(values, "--linger", lingers, defaults.linger())) {
                    all.add(new LatencyConfiguration(guarantee, commit, linger));
                }
            }
        }
        return all;
    }

    private static List<Duration> durations(
            OptionValues values, String option, List<String> texts, Duration otherwise) {
        return texts.isEmpty()
                ? List.of(otherwise)
                : texts.stream().map(text -> values.duration(option, text)).toList();
    }
}
