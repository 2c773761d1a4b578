package dev.understudy.cli;

import dev.understudy.app.FileEvaluation;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.Counted;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import dev.understudy.pairs.PairReader;
import dev.understudy.readiness.StageFacts;
import dev.understudy.report.Decisions;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.RowsException;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
                    + " one observation of latency, rows without one are none. \"served\":\"candidate\" marks a request"
                    + " that the candidate answered. The outcome is a class, a number, or"
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
            description = "binary, multiclass or regression (default: multiclass where a side names a class other than"
                    + " 0 and 1, else binary).")
    private @Nullable Task task;

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
        OptionValues values = new OptionValues(spec);
        values.requirePercent(percent);
        values.requireShare("--threshold", threshold);
        ModelPair pair = values.pair(model, production, candidate);
        References references = values.withTail(FileEvaluation.references(settings), tail);
        PrintWriter err = spec.commandLine().getErr();
        FileEvaluation evaluation;
        boolean timed;
        long bad = 0;
        try (JsonLines lines = RowInput.openLines(input)) {
            PairReader pairs = new PairReader(lines, Optional.ofNullable(task), threshold);
            evaluation = new FileEvaluation(settings, pairs.task(), references);
            long good = 0;
            for (PairReader.Row row = pairs.next(); row != null; row = pairs.next()) {
                if (row.pair() == null) {
                    bad++;
                    err.println("line " + row.line() + " is left out: " + row.problem());
                } else {
                    good++;
                    evaluation.evidence().add(row.pair());
                }
            }
            if (good == 0) {
                throw new RowsException(
                        "there is no pair to evaluate in " + input + ", " + Counted.of(bad, "line") + " left out");
            }
            timed = pairs.isTimed();
        }
        Duration hold = FileEvaluation.hold(settings, percent);
        Instant now = Instant.now();
        List<ReadinessSummary> summaries =
                evaluation.decide(pair, new StageFacts(0, percent, null, hold, Map.of(), references, 1), now);
        note(err, summaries.get(0).getBatchLatency().isPresent(), timed);
        Decisions report = new Decisions();
        summaries.forEach(report::take);
        PrintWriter out = spec.commandLine().getOut();
        out.print(
                format == Format.JSON
                        ? report.jsonArray(now).toPrettyString() + System.lineSeparator()
                        : ReadinessText.of(report, now));
        out.flush();
        if (bad > 0) {
            err.println(Counted.of(bad, "line") + (bad == 1 ? " was" : " were") + " left out");
        }
        return bad == 0 ? 0 : 1;
    }

    /** What the file cannot show, before somebody looks for it among the gates. */
    private void note(PrintWriter err, boolean hasBatches, boolean timed) {
        if (!hasBatches) {
            err.println(
                    "Note: NO_BATCHES: no row names a batch and has latencies, so nothing is said on latency; rows of one model call share"
                            + " its time and are no observations of their own.");
        } else if (tail == null) {
            err.println("Note: NO_REFERENCE: without --tail, production's p99 batch time, tail-latency is not judged.");
        }
        if (!timed) {
            err.println("Note: no row has a time, so how long the stage lasted cannot be shown.");
        }
    }
}
