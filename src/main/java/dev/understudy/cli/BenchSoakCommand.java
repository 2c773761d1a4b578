package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.bench.MemoryTrend;
import dev.understudy.bench.SoakBench;
import dev.understudy.bench.SoakResult;
import dev.understudy.bench.SoakSettings;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "soak",
        description = {
            "Run SCORE, SHADOW with one candidate, and EVALUATE at a steady rate for long, and see whether memory grows.",
            "Every ten seconds each process collects its heap and says what is left, and its resident memory is read"
                    + " (on Linux). Growth is the Theil-Sen slope over the second half."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy bench soak --minutes 1",
            "  understudy bench soak --minutes 60 --rate 2000 --format json"
        })
final class BenchSoakCommand implements Callable<Integer> {
    private static final Duration INTERVAL = Duration.ofSeconds(10);
    private static final double MEBI = 1 << 20;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "PATH",
            description = "A version's directory or an .onnx file with numeric inputs; it is production and candidate"
                    + " (default: the shipped logistic regression on 30 features).")
    private @Nullable Path model;

    @Option(names = "--minutes", defaultValue = "10", description = "How long (default: ${DEFAULT-VALUE}).")
    private int minutes;

    @Option(names = "--rate", defaultValue = "2000", description = "Requests a second (default: ${DEFAULT-VALUE}).")
    private int rate;

    @Mixin
    private BenchOptions options;

    @Override
    public Integer call() throws ModelException, IOException {
        SoakSettings settings = new OptionValues(spec)
                .read(
                        "",
                        () -> new SoakSettings(
                                model == null ? BenchCommand.shipped("bench-linear") : model,
                                options.directory(),
                                options.partitions(),
                                rate,
                                Duration.ofMinutes(minutes),
                                INTERVAL));
        SoakResult result =
                new SoakBench(settings, RunCommand::stageProcess, line -> BenchCommand.say(spec, line)).run();
        options.print(spec, () -> json(result), () -> text(result));
        return 0;
    }

    private static String text(SoakResult result) {
        Table table = new Table("process", "memory", "at 20 %, MiB", "at the end, MiB", "growth, MiB/h");
        for (SoakResult.ProcessMemory process : result.processes()) {
            row(table, process.stage(), "heap after collection", process.heap());
            process.resident().ifPresent(trend -> row(table, process.stage(), "resident", trend));
        }
        return table
                + String.format(
                        Locale.ROOT,
                        "%,d requests, %,d repeated, %,d missing%n",
                        result.requests(),
                        result.repeats(),
                        result.missing());
    }

    private static void row(Table table, String process, String memory, MemoryTrend trend) {
        table.row(
                process,
                memory,
                mebibytes((double) trend.earlyBytes()),
                mebibytes((double) trend.endBytes()),
                mebibytes(trend.growthPerHour()));
    }

    private static ObjectNode json(SoakResult result) {
        ObjectNode json = BenchJson.report();
        json.put("requests", result.requests());
        json.put("repeats", result.repeats());
        json.put("missing", result.missing());
        ArrayNode processes = json.putArray("processes");
        for (SoakResult.ProcessMemory process : result.processes()) {
            ObjectNode one = processes.addObject();
            one.put("process", process.stage());
            one.set("heap", json(process.heap()));
            process.resident().ifPresent(trend -> one.set("resident", json(trend)));
        }
        return json;
    }

    private static ObjectNode json(MemoryTrend trend) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("earlyBytes", trend.earlyBytes());
        json.put("endBytes", trend.endBytes());
        json.put("growthBytesPerHour", Math.round(trend.growthPerHour()));
        return json;
    }

    private static String mebibytes(double bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / MEBI);
    }
}
