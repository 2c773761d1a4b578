package dev.understudy.cli;

import dev.understudy.avro.Accuracy;
import dev.understudy.avro.BatchLatency;
import dev.understudy.avro.GateResult;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.OutcomeCounts;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.ServedArms;
import dev.understudy.avro.Slice;
import dev.understudy.domain.DurationText;
import dev.understudy.report.Decisions;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** One summary for people: the decision in words, its gates, and what it rests on. */
final class SummaryText {
    private static final String NL = System.lineSeparator();

    private SummaryText() {}

    /** The decision alone, in one line. */
    static String sentence(ReadinessSummary summary, Instant now) {
        return summary.getModel() + " " + summary.getCandidateVersion()
                + (Decisions.ALL.equals(summary.getSegment()) ? "" : ", " + summary.getSegment())
                + ": "
                + (Decisions.expired(summary, now) ? "HOLD, EXPIRED: " + Decisions.expiry(summary) + " It said: " : "")
                + summary.getExplanation();
    }

    static String of(ReadinessSummary summary, Instant now) {
        StringBuilder text = new StringBuilder(sentence(summary, now)).append(NL);
        if (!summary.getGates().isEmpty()) {
            text.append(gateTable(summary.getGates()).indent(2));
        }
        for (Slice slice : summary.getSlices()) {
            text.append(String.format(
                    Locale.ROOT,
                    "  %s slice: %s, gate %s: observed %s, at best %s, allowed %s (%,d requests, %,d entities)%n",
                    slice.getFlagged() ? "harmed" : "worst",
                    slice.getSegment(),
                    slice.getGate(),
                    number(slice.getObserved()),
                    number(slice.getUpperBound()),
                    number(slice.getMargin()),
                    slice.getRequests(),
                    slice.getEntities()));
        }
        line(text, "ledger", ledger(summary.getLedger()));
        summary.getBatchLatency().ifPresent(batches -> line(text, "batches", batches(batches)));
        summary.getAccuracy().ifPresent(accuracy -> line(text, "labels", accuracy(accuracy)));
        summary.getOutcomes().ifPresent(outcomes -> line(text, "outcomes", outcomes(outcomes)));
        summary.getArms().ifPresent(arms -> line(text, "arms", arms(arms)));
        if (summary.getStage().getCandidates() > 1) {
            line(
                    text,
                    "alpha",
                    number(summary.getAlpha()) + ", shared among "
                            + summary.getStage().getCandidates() + " candidates");
        }
        return text.toString();
    }

    static String gates(List<GateResult> gates) {
        return gates.stream()
                .map(gate -> gate.getName() + " " + gate.getStatus())
                .collect(Collectors.joining(", "));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("  ").append(name).append(": ").append(value).append(NL);
    }

    private static String gateTable(List<GateResult> gates) {
        Table table =
                new Table("gate", "status", "observed", "bound", "must exceed", "seen", "entities", "needed", "reason");
        for (GateResult gate : gates) {
            table.row(
                    gate.getName(),
                    gate.getStatus().name(),
                    number(gate.getObserved()),
                    number(gate.getBound()),
                    number(gate.getMargin()),
                    Numbers.whole(gate.getRequests()),
                    Numbers.whole(gate.getEntities()),
                    gate.getRequestsNeeded().map(Numbers::whole).orElse("-"),
                    gate.getReason().orElse("-"));
        }
        return table.toString();
    }

    private static String ledger(Ledger ledger) {
        return String.format(
                Locale.ROOT,
                "%s due = %,d compared + %,d failed + %,d timed out + %,d quarantined + %,d shed %s; gap %,d",
                ledger.getEligible().map(Numbers::whole).orElse("?"),
                ledger.getCompared(),
                ledger.getFailed(),
                ledger.getTimedOut(),
                ledger.getQuarantined(),
                ledger.getShed(),
                ledger.getPending().map(SummaryText::pending).orElse("+ ? pending"),
                ledger.getGap());
    }

    /** A comparison may be read before the prediction that says it is due. */
    private static String pending(long pending) {
        return pending < 0
                ? "- " + Numbers.whole(-pending) + " ahead of their predictions"
                : "+ " + Numbers.whole(pending) + " pending";
    }

    private static String batches(BatchLatency batches) {
        return String.format(
                Locale.ROOT,
                "%,d like for like: p50 %s -> %s, p99 %s -> %s, typically x%s (production against itself x%s, spread %s)",
                batches.getBatches(),
                nanos(batches.getProduction().getP50Nanos()),
                nanos(batches.getCandidate().getP50Nanos()),
                nanos(batches.getProduction().getP99Nanos()),
                nanos(batches.getCandidate().getP99Nanos()),
                number(batches.getRatio()),
                number(batches.getNoiseRatio()),
                number(batches.getNoiseSpread()));
    }

    private static String accuracy(Accuracy accuracy) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT, "%,d of %,d mature requests", accuracy.getLabelled(), accuracy.getRequests()));
        both(text, "accuracy", accuracy.getAccuracyProd(), accuracy.getAccuracyCand());
        both(text, "Brier", accuracy.getBrierProd(), accuracy.getBrierCand());
        both(text, "log loss", accuracy.getLogLossProd(), accuracy.getLogLossCand());
        both(text, "ECE", accuracy.getEceProd(), accuracy.getEceCand());
        both(text, "AUC", accuracy.getAucProd(), accuracy.getAucCand());
        both(text, "RMSE", accuracy.getRmseProd(), accuracy.getRmseCand());
        both(text, "MAE", accuracy.getMaeProd(), accuracy.getMaeCand());
        return text.toString();
    }

    private static void both(StringBuilder text, String name, Optional<Double> production, Optional<Double> candidate) {
        if (production.isPresent() && candidate.isPresent()) {
            text.append(String.format(Locale.ROOT, ", %s %s -> %s", name, number(production), number(candidate)));
        }
    }

    private static String outcomes(OutcomeCounts counts) {
        return String.format(
                Locale.ROOT,
                "%,d joined (%,d early, %,d late), %,d too late, %,d said twice, %,d contradicted, %,d of no known class,"
                        + " %,d without a comparison",
                counts.getJoined(),
                counts.getEarly(),
                counts.getLate(),
                counts.getTooLate(),
                counts.getDuplicate(),
                counts.getConflicting(),
                counts.getUnknownLabel(),
                counts.getUnmatched());
    }

    private static String arms(ServedArms arms) {
        return String.format(
                Locale.ROOT,
                "production %s (%,d), candidate %s (%,d), difference %s, at worst %s",
                number(arms.getProductionMean()),
                arms.getProductionN(),
                number(arms.getCandidateMean()),
                arms.getCandidateN(),
                number(arms.getDifference()),
                number(arms.getBound()));
    }

    private static String nanos(Optional<Double> nanos) {
        return nanos.map(DurationText::formatNanos).orElse("-");
    }

    private static String number(Optional<Double> value) {
        return value.map(SummaryText::number).orElse("-");
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value == 0 ? 0.0 : value);
    }
}
