package dev.understudy.cli;

import dev.understudy.app.Pipeline;
import dev.understudy.avro.Accuracy;
import dev.understudy.avro.BatchLatency;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.kafka.TopicReader;
import dev.understudy.report.Decisions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the demo shows while it runs, read from the topics as any downstream system would. */
final class DemoView implements AutoCloseable {
    private static final int SHARES_OVER = 5;

    private final TopicReader<String, Prediction> predictions;
    private final TopicReader<String, ReadinessSummary> readiness;
    private final Decisions report = new Decisions();
    private final Map<String, long[]> servedBySecond = new TreeMap<>();
    /** Comparisons that predictions say are due. */
    private final Map<CandidateEpoch, Long> due = new HashMap<>();

    private long predicted;
    private long failed;
    private int second;

    private record CandidateEpoch(String candidate, long epoch) {}

    DemoView(TopicReader<String, Prediction> predictions, TopicReader<String, ReadinessSummary> readiness) {
        this.predictions = predictions;
        this.readiness = readiness;
    }

    /** Reads what has come since the last call; a call is to be made about once a second. */
    void refresh() {
        second++;
        servedBySecond.values().forEach(counts -> counts[second % SHARES_OVER] = 0);
        predictions.readToEnd(record -> {
            predicted++;
            for (ShadowTarget target : record.value().getShadowTargets()) {
                due.merge(new CandidateEpoch(target.getCandidateVersion(), target.getEpoch()), 1L, Long::sum);
            }
            record.value()
                    .getModelVersion()
                    .ifPresentOrElse(
                            version -> servedBySecond
                                    .computeIfAbsent(version, any -> new long[SHARES_OVER])[second % SHARES_OVER]++,
                            () -> failed++);
        });
        readiness.readToEnd(report::take);
    }

    long predicted() {
        return predicted;
    }

    /** Comparisons that the decisions cover, over all candidates. */
    long covered() {
        return report.summaries().stream()
                .filter(summary -> "all".equals(summary.getSegment()))
                .map(ReadinessSummary::getLedger)
                .mapToLong(ledger -> ledger.getCompared()
                        + ledger.getFailed()
                        + ledger.getTimedOut()
                        + ledger.getQuarantined()
                        + ledger.getShed())
                .sum();
    }

    /**
     * Whether the ledgers of so many candidates balance, with nothing pending, and know of every comparison that the
     * predictions read so far say is due: a ledger of an evaluation that lags behind balances too.
     */
    boolean isBalanced(int candidates) {
        long balanced = report.summaries().stream()
                .filter(summary -> "all".equals(summary.getSegment()))
                .filter(this::isBalanced)
                .count();
        return balanced == candidates;
    }

    private boolean isBalanced(ReadinessSummary summary) {
        Ledger ledger = summary.getLedger();
        long expected = due.getOrDefault(
                new CandidateEpoch(
                        summary.getCandidateVersion(), summary.getStage().getEpoch()),
                0L);
        return ledger.getEligible().orElse(-1L) == expected
                && ledger.getPending().orElse(-1L) == 0
                && ledger.getGap() == 0;
    }

    Decisions report() {
        return report;
    }

    /** One line of totals, for logs. */
    String line(long sent) {
        return String.format(
                Locale.ROOT, "%,d requests, %,d predictions, %,d comparisons evaluated", sent, predicted, covered());
    }

    /** The table. */
    String table(long sent, Pipeline pipeline, Duration left) {
        StringBuilder text = new StringBuilder();
        text.append(String.format(
                Locale.ROOT,
                "%,d requests sent, %,d predicted (%,d without a model), %s left%n",
                sent,
                predicted,
                failed,
                left.toSeconds() + " s"));
        text.append("served over the last ").append(SHARES_OVER).append(" s: ").append(shares());
        pipeline.flagHealth()
                .flatMap(health -> health.problem())
                .ifPresent(problem ->
                        text.append(System.lineSeparator()).append("flags: ").append(problem));
        pipeline.shadowHealth()
                .filter(health -> health.restarts() > 0)
                .ifPresent(health -> text.append(System.lineSeparator())
                        .append("shadow process: restarted ")
                        .append(health.restarts())
                        .append(" times"));
        text.append(System.lineSeparator()).append(System.lineSeparator());
        Table table = new Table(
                "candidate",
                "epoch",
                "compared",
                "pending",
                "flips",
                "labelled",
                "accuracy v1",
                "accuracy",
                "batch x",
                "verdict");
        Instant now = Instant.now();
        for (ReadinessSummary summary : report.summaries()) {
            if ("all".equals(summary.getSegment())) {
                table.row(
                        summary.getCandidateVersion(),
                        Long.toString(summary.getStage().getEpoch()),
                        String.format(Locale.ROOT, "%,d", summary.getLedger().getCompared()),
                        summary.getLedger()
                                .getPending()
                                .map(pending -> String.format(Locale.ROOT, "%,d", pending))
                                .orElse("-"),
                        percent(summary.getDivergence().getFlipRate()),
                        percent(summary.getAccuracy().flatMap(Accuracy::getCoverage)),
                        percent(summary.getAccuracy().flatMap(Accuracy::getAccuracyProd)),
                        percent(summary.getAccuracy().flatMap(Accuracy::getAccuracyCand)),
                        summary.getBatchLatency()
                                .flatMap(BatchLatency::getRatio)
                                .map(ratio -> String.format(Locale.ROOT, "%.2f", ratio))
                                .orElse("-"),
                        Decisions.verdict(summary, now));
            }
        }
        return text.append(table).toString();
    }

    private String shares() {
        long total = servedBySecond.values().stream()
                .mapToLong(counts -> Arrays.stream(counts).sum())
                .sum();
        if (total == 0) {
            return "nobody yet";
        }
        StringBuilder text = new StringBuilder();
        servedBySecond.forEach((version, counts) -> {
            double share = (double) Arrays.stream(counts).sum() / total;
            text.append(version)
                    .append(String.format(Locale.ROOT, " %.1f %%", 100 * share))
                    .append("  ");
        });
        return text.toString().stripTrailing();
    }

    private static String percent(Optional<Double> share) {
        return share.map(value -> String.format(Locale.ROOT, "%.2f %%", 100 * value))
                .orElse("-");
    }

    @Override
    public void close() {
        predictions.close();
        readiness.close();
    }
}
