package dev.understudy.cli;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.report.Decisions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Decisions for people. */
final class ReadinessText {
    private ReadinessText() {}

    /** The seconds of a time are enough to act by; none stands for evidence without times. */
    private static String time(Optional<Instant> time) {
        return time.filter(known -> !known.equals(Instant.EPOCH))
                .map(known -> known.truncatedTo(ChronoUnit.SECONDS).toString())
                .orElse("-");
    }

    /** The candidates by rank, then what is known of each, then the segments. */
    static String of(Decisions decisions, Instant now) {
        StringBuilder text = new StringBuilder();
        Map<ReadinessSummary, Integer> ranks = decisions.ranks(now);
        Table table = new Table("rank", "candidate", "production", "verdict", "stage", "since", "next", "not before");
        List<ReadinessSummary> ranked = decisions.ranked(now);
        for (ReadinessSummary summary : ranked) {
            table.row(
                    String.valueOf(ranks.get(summary)),
                    summary.getModel() + " " + summary.getCandidateVersion(),
                    summary.getProductionVersion(),
                    Decisions.verdict(summary, now),
                    summary.getStage().getPercent() + " %",
                    time(summary.getStage().getSince()),
                    summary.getNextStage().map(next -> next + " %").orElse("-"),
                    time(summary.getNotBefore()));
        }
        text.append(table);
        ranked.forEach(summary -> text.append(System.lineSeparator()).append(SummaryText.of(summary, now)));
        Table segments = new Table("candidate", "segment", "verdict", "gates");
        boolean any = false;
        for (ReadinessSummary summary : decisions.summaries()) {
            if (!Decisions.ALL.equals(summary.getSegment())) {
                any = true;
                segments.row(
                        summary.getCandidateVersion(),
                        summary.getSegment(),
                        Decisions.verdict(summary, now),
                        SummaryText.gates(summary.getGates()));
            }
        }
        if (any) {
            text.append(System.lineSeparator())
                    .append(segments)
                    .append("A segment's verdict is on its own gates; what counts is the candidate's, above.")
                    .append(System.lineSeparator());
        }
        return text.toString();
    }
}
