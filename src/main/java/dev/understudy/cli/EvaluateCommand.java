package dev.understudy.cli;

import dev.understudy.app.FileEvaluation;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.config.DurationText;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import dev.understudy.pairs.PairParser;
import dev.understudy.readiness.StageFacts;
import dev.understudy.rows.JsonFields.BadFieldException;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.RowsException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        description = {
            "Evaluate pairs of answers that were logged elsewhere, without Kafka: the same evidence, gates and verdicts.",
            "One JSON object a line: {\"requestId\":\"r1\",\"entityId\":\"u7\",\"time\":\"2026-11-22T10:00:00Z\","
                    + "\"attributes\":{\"region\":\"eu\"},\"production\":{\"score\":0.4,\"latencyNanos\":900000},"
                    + "\"candidate\":{\"score\":0.5,\"latencyNanos\":800000},\"outcome\":1,\"batch\":\"b1\"}. Every field"
                    + " but the two sides may be left out."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy evaluate --input examples/pairs.jsonl",
            "  understudy evaluate --input pairs.jsonl --tail 1.5ms --format json",
            "",
            "A side has score, label or probabilities, and latencyNanos or latencyMicros; or \"error\":\"TIMEOUT\" in their"
                    + " place. batch names the model call that the row was part of in either version: rows of one batch are"
                    + " one observation of latency, rows without one are none. The outcome is a class, a number, or"
                    + " {\"label\":..,\"value\":..,\"businessValue\":..}; the file is the past, so all outcomes count."
        })
final class EvaluateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--input", required = true, paramLabel = "FILE", description = "JSON lines; - for standard input.")
    private String input;

    @Option(
            names = "--task",
            defaultValue = "binary",
            description = "binary, multiclass or regression (default: ${DEFAULT-VALUE}).")
    private Task task;

    @Option(
            names = "--threshold",
            defaultValue = "0.5",
            description = "A binary score at or above it means class 1, where a side has no label (default:"
                    + " ${DEFAULT-VALUE}).")
    private double threshold;

    @Option(names = "--model", defaultValue = "model", description = "Name in the report (default: ${DEFAULT-VALUE}).")
    private String model;

    @Option(names = "--production", defaultValue = "production", description = "Likewise (default: ${DEFAULT-VALUE}).")
    private String production;

    @Option(names = "--candidate", defaultValue = "candidate", description = "Likewise (default: ${DEFAULT-VALUE}).")
    private String candidate;

    @Option(
            names = "--percent",
            defaultValue = "0",
            description = "Share that the candidate was to serve (default: ${DEFAULT-VALUE}, shadow).")
    private int percent;

    @Option(
            names = "--tail",
            paramLabel = "DURATION",
            description = "Production's p99 batch time, e.g. 1.5ms; without it the tail-latency gate has no reference.")
    private @Nullable String tail;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() throws RowsException {
        UnderstudyConfig settings = config.load();
        if (percent < 0 || percent > 100) {
            throw new ParameterException(spec.commandLine(), "--percent must be 0 to 100, was " + percent);
        }
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new ParameterException(spec.commandLine(), "--threshold must be 0 to 1, was " + threshold);
        }
        ModelPair pair = pair();
        References references = references(settings);
        FileEvaluation evaluation = new FileEvaluation(settings, task, references);
        long bad = read(evaluation);
        Duration hold = FileEvaluation.hold(settings, percent);
        Instant now = Instant.now();
        List<ReadinessSummary> summaries =
                evaluation.decide(pair, new StageFacts(0, percent, null, hold, Map.of(), references, 1), now);
        ReadinessReport report = new ReadinessReport();
        summaries.forEach(report::take);
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                format == Format.JSON
                        ? report.jsonArray(now).toPrettyString() + System.lineSeparator()
                        : report.text(now));
        out.flush();
        if (bad > 0) {
            spec.commandLine().getErr().println(bad + " lines were left out");
        }
        return bad == 0 ? 0 : 1;
    }

    private ModelPair pair() {
        try {
            return new ModelPair(model, new ModelVersion(production), new ModelVersion(candidate));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private References references(UnderstudyConfig settings) {
        References references = FileEvaluation.references(settings);
        if (tail == null) {
            return references;
        }
        try {
            return references.withTailNanos(DurationText.parseNanos(tail));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--tail: " + e.getMessage(), e);
        }
    }

    /** Returns how many lines were left out. */
    private long read(FileEvaluation evaluation) throws RowsException {
        PairParser parser = new PairParser(task, threshold);
        PrintWriter err = spec.commandLine().getErr();
        long bad = 0;
        try (JsonLines lines =
                input.equals("-") ? JsonLines.read(System.in, "standard input") : JsonLines.open(Path.of(input))) {
            for (JsonLines.Line line = lines.next(); line != null; line = lines.next()) {
                String problem = line.problem();
                if (line.object() != null) {
                    try {
                        evaluation.evidence().add(parser.parse(line.object(), line.number()));
                        continue;
                    } catch (BadFieldException e) {
                        problem = String.valueOf(e.getMessage());
                    }
                }
                bad++;
                err.println("line " + line.number() + " is left out: " + problem);
            }
        }
        return bad;
    }
}
