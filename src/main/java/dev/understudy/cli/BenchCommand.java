package dev.understudy.cli;

import dev.understudy.bench.Bench;
import dev.understudy.bench.BenchResult;
import dev.understudy.bench.BenchSettings;
import dev.understudy.bench.Variant;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "bench",
        description = {
            "Measure what a record costs on this machine: our stages beside the tightest loop that does the same, the"
                    + " smallest Kafka Streams topology, and what most people would write.",
            "An embedded broker in its own JVM, the same records for all, the variants in turn, several rounds; process CPU"
                    + " of everything that a variant runs."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy bench --quick",
            "  understudy bench --model models/fraud/v4 --variants bare,score --format json",
            "  understudy bench latency --quick                  how long a prediction takes, at fixed rates",
            "  understudy bench soak --minutes 10                whether memory grows",
            "",
            "Variants: bare (kafka-clients and ONNX Runtime alone), copy (Kafka Streams that copies bytes), naive (generated"
                    + " classes, a call per record), score (our SCORE, no candidate), score+fork (one candidate), pipeline"
                    + " (SCORE, SHADOW and EVALUATE, each in a process of its own), evaluate (EVALUATE alone, once SCORE and"
                    + " SHADOW have done all records)."
        },
        subcommands = {BenchLatencyCommand.class, BenchSoakCommand.class, BenchUntouchedCommand.class})
final class BenchCommand implements Callable<Integer> {
    private static final List<String> SHIPPED = List.of("bench-linear", "bench-trees");

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            description = "A version's directory or an .onnx file with numeric inputs (default: the two shipped ones, a"
                    + " logistic regression on 30 features and 200 trees of depth 6).")
    private @Nullable Path model;

    @Option(names = "--quick", description = "Two rounds of few records: says whether it works, not how fast it is.")
    private boolean quick;

    @Option(
            names = "--records",
            description = "Records measured in a round, after as many that warm up (default: 1000000, quick: 50000).")
    private @Nullable Integer records;

    @Option(names = "--rounds", description = "Rounds of each variant (default: 5, quick: 2).")
    private @Nullable Integer rounds;

    @Option(
            names = "--variants",
            split = ",",
            paramLabel = "VARIANT",
            description = "Only these (default: all but evaluate).")
    private List<String> variants = Arrays.stream(Variant.values())
            .filter(variant -> variant != Variant.EVALUATE)
            .map(Variant::toString)
            .toList();

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "Stream threads of each of our stages (default: ${DEFAULT-VALUE}).")
    private int threads;

    @Mixin
    private BenchOptions options;

    @Override
    public Integer call() throws ModelException, IOException {
        OptionValues values = new OptionValues(spec);
        List<Variant> wanted = values.read(
                "--variants: ", () -> variants.stream().map(Variant::parse).toList());
        List<BenchResult> results = new ArrayList<>();
        for (Path path :
                model == null ? SHIPPED.stream().map(BenchCommand::shipped).toList() : List.of(model)) {
            BenchSettings settings = values.read(
                    "",
                    () -> new BenchSettings(
                            path,
                            options.directory(),
                            options.partitions(),
                            threads,
                            records != null ? records : quick ? 50_000 : 1_000_000,
                            rounds != null ? rounds : quick ? 2 : 5,
                            wanted));
            say(spec, "Model " + path);
            Bench bench = new Bench(settings, RunCommand::stageProcess, line -> say(spec, line));
            results.add(bench.run());
        }
        options.print(spec, () -> BenchReport.json(results), () -> BenchReport.text(results));
        return 0;
    }

    /** A shipped model, beside the launcher, wherever it is called from. */
    static Path shipped(String name) {
        return models(name).resolve("v1");
    }

    /** The versions of a shipped model. */
    static Path models(String name) {
        return Path.of(System.getProperty("understudy.home", ""))
                .resolve("models")
                .resolve(name);
    }

    /** What people who wait are told; the report alone goes to standard output. */
    static void say(CommandSpec spec, String line) {
        spec.commandLine().getErr().println(line);
        spec.commandLine().getErr().flush();
    }
}
