package dev.understudy.readiness;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says decisions and their numbers in plain words. */
final class Explanation {
    private Explanation() {}

    /** The whole decision: the verdict, its reasons, then every gate that the reasons did not mention. */
    static String of(
            Verdict verdict,
            List<Reason> reasons,
            List<GateResult> gates,
            int percent,
            @Nullable Integer nextStage,
            @Nullable Instant notBefore) {
        List<String> sentences = new ArrayList<>();
        sentences.add(
                switch (verdict) {
                    case HOLD -> "HOLD at " + stage(percent) + ": the evidence cannot be relied on.";
                    case REJECT ->
                        percent == 0
                                ? "REJECT in shadow: harm is proven, stop the candidate."
                                : "REJECT at " + stage(percent) + ": harm is proven, roll back.";
                    case NOT_READY -> "NOT_READY at " + stage(percent) + ": not everything is proven yet.";
                    case READY ->
                        nextStage == null
                                ? "READY: the candidate holds its ground at " + stage(percent) + "."
                                : "READY: the next stage, " + nextStage + " %, may start"
                                        + (notBefore == null ? "." : " (earliest: " + notBefore + ").");
                });
        reasons.forEach(reason -> sentences.add(reason.message()));
        gates.stream()
                .map(Explanation::of)
                .filter(text -> !sentences.contains(text))
                .forEach(sentences::add);
        return String.join(" ", sentences);
    }

    private static String stage(int percent) {
        return percent == 0 ? "0 % (shadow)" : percent + " %";
    }

    /** One gate. */
    static String of(GateResult gate) {
        Double observed = gate.observed();
        Double bound = gate.bound();
        if (observed == null || bound == null) {
            return "Gate " + gate.name() + ": nothing to judge yet.";
        }
        String numbers = String.format(
                "%s, at worst %s; allowed are %s (%s requests of %s entities).",
                observed(gate.gate(), observed),
                amount(gate.gate(), -bound),
                amount(gate.gate(), -gate.margin()),
                count(gate.requests()),
                count(gate.entities()));
        return "Gate " + gate.name() + " "
                + switch (gate.status()) {
                    case PASS -> "passed: " + numbers;
                    case FAIL -> "failed, worse than allowed for certain: " + numbers;
                    case UNDECIDED -> "is undecided: " + numbers + needed(gate);
                    case INSUFFICIENT -> "has too little data" + tooLittle(gate.reason()) + ": " + numbers;
                };
    }

    private static String tooLittle(@Nullable String reason) {
        if (reason == null) {
            return "";
        }
        return switch (reason) {
            case "TOO_FEW_REQUESTS" -> ", too few requests";
            case "TOO_FEW_ENTITIES" -> ", too few entities";
            default -> ", too much of it from too few entities";
        };
    }

    private static String needed(GateResult gate) {
        Long more = gate.requestsNeeded();
        if (more != null) {
            return " About " + count(more) + " more requests are needed if things stay as they are.";
        }
        return "OBSERVED_BELOW_MARGIN".equals(gate.reason())
                ? " What was observed is itself beyond the margin."
                : " More requests alone are unlikely to decide it.";
    }

    private static String observed(Gate gate, double d) {
        return switch (gate) {
            case ERRORS ->
                d == 0
                        ? "the candidate's error rate equals production's"
                        : "the candidate's error rate is " + amount(gate, Math.abs(d)) + (d < 0 ? " above" : " below")
                                + " production's";
            case FLIPS -> amount(gate, -d) + " of labels differ";
            case SCORE_SHIFT -> "scores differ by " + amount(gate, -d) + " on average";
            case TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY, BRIER -> "the mean difference is " + amount(gate, d);
        };
    }

    /** How much worse, in the gate's unit. */
    private static String amount(Gate gate, double harm) {
        double shown = harm == 0 ? 0 : harm;
        return switch (gate) {
            case ERRORS -> String.format(Locale.ROOT, "%.3f points", 100 * shown);
            case FLIPS -> percent(shown);
            case SCORE_SHIFT, TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY, BRIER ->
                String.format(Locale.ROOT, "%.4f", shown);
        };
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    /** The two largest units, e.g. {@code 1 d 4 h} or {@code 12 s}. */
    static String of(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds >= 86_400) {
            return two(seconds / 86_400, "d", seconds % 86_400 / 3_600, "h");
        }
        if (seconds >= 3_600) {
            return two(seconds / 3_600, "h", seconds % 3_600 / 60, "min");
        }
        if (seconds >= 60) {
            return two(seconds / 60, "min", seconds % 60, "s");
        }
        return seconds > 0 || duration.isZero() ? seconds + " s" : duration.toMillis() + " ms";
    }

    private static String two(long large, String largeUnit, long small, String smallUnit) {
        return large + " " + largeUnit + (small == 0 ? "" : " " + small + " " + smallUnit);
    }
}
