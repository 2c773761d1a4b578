package dev.understudy.readiness;

import dev.understudy.evidence.Accuracy;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says decisions and their numbers in plain words. */
final class Explanation {
    private Explanation() {}

    /** The whole decision: the verdict, its reasons, then in one sentence the gates that passed. */
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
                    case NOT_READY -> "NOT_READY at " + stage(percent) + ".";
                    case READY ->
                        nextStage == null
                                ? "READY: the candidate holds its ground at " + stage(percent) + "."
                                : "READY for " + nextStage + " %"
                                        + (notBefore == null
                                                ? "."
                                                : " from " + notBefore.truncatedTo(ChronoUnit.SECONDS) + ".");
                });
        reasons.forEach(reason -> sentences.add(reason.message()));
        String passed = gates.stream()
                .filter(gate -> gate.status() == GateStatus.PASS && gate.bound() != null)
                .map(Explanation::passed)
                .collect(Collectors.joining(", "));
        if (!passed.isEmpty()) {
            sentences.add("Passed: " + passed + ".");
        }
        return String.join(" ", sentences);
    }

    private static String stage(int percent) {
        return percent == 0 ? "0 % (shadow)" : percent + " %";
    }

    private static String passed(GateResult gate) {
        Double bound = gate.bound();
        return gate.name() + " (" + (bound == null ? "" : worst(gate, bound) + ", ") + allowed(gate) + ")";
    }

    /**
     * One gate.
     *
     * @param age how long the evidence has been collected, event time; what is still needed comes at the same rate
     */
    static String of(GateResult gate, Duration age) {
        Double observed = gate.observed();
        Double bound = gate.bound();
        if (observed == null || bound == null) {
            return "Gate " + gate.name() + ": " + nothing(gate) + ".";
        }
        String numbers = String.format(
                "%s, %s; %s (%s %s of %s %s).",
                observed(gate.gate(), observed),
                worst(gate, bound),
                allowed(gate),
                count(gate.requests()),
                gate.gate().basis().name,
                count(gate.entities()),
                clusters(gate.gate()));
        return "Gate " + gate.name() + " "
                + switch (gate.status()) {
                    case PASS -> "passed: " + numbers;
                    case FAIL -> "failed, worse than allowed for certain: " + numbers;
                    case UNDECIDED -> "is undecided: " + numbers + needed(gate, age);
                    case INSUFFICIENT -> "has too little data" + tooLittle(gate) + ": " + numbers;
                };
    }

    /** One slice. */
    static String of(Slice slice) {
        return String.format(
                "Segment %s is harmed: gate %s, %s, at best %s; %s (%s %s of %s entities).",
                slice.segment(),
                slice.gate().key(),
                observed(slice.gate(), slice.observed()),
                change(slice.gate(), slice.upperBound()),
                allowed(slice.gate(), slice.margin()),
                count(slice.requests()),
                slice.gate().basis().name,
                count(slice.entities()));
    }

    private static String nothing(GateResult gate) {
        if ("NO_REFERENCE".equals(gate.reason())) {
            return gate.gate() == Gate.TAIL_LATENCY
                    ? "no reference, since the stage was declared without production's p99 batch time"
                            + " (`stage start --tail`)"
                    : "no reference, since the stage was declared without a bound of errors (readiness.value-bound)";
        }
        return switch (gate.gate().basis()) {
            case BATCHES -> "no batch was scored by both versions yet (shadow.like-for-like-share)";
            case OUTCOMES, ARMS -> "no outcomes yet";
            case REQUESTS -> "nothing to judge yet";
        };
    }

    private static String clusters(Gate gate) {
        return gate.basis() == Gate.Basis.BATCHES ? "time blocks" : "entities";
    }

    private static String tooLittle(GateResult gate) {
        String reason = gate.reason() == null ? "" : gate.reason();
        return switch (reason) {
            case "TOO_FEW_REQUESTS" -> ", too few " + gate.gate().basis().name;
            case "TOO_FEW_ENTITIES" -> ", too few " + clusters(gate.gate());
            case "TOO_CONCENTRATED" -> ", too much of it from too few " + clusters(gate.gate());
            case "LABELS_IMMATURE" -> ", too few requests have their outcome";
            default -> "";
        };
    }

    private static String needed(GateResult gate, Duration age) {
        Long more = gate.requestsNeeded();
        if (more != null) {
            return " About " + count(more) + " more " + gate.gate().basis().name + " are needed if things stay as they"
                    + " are" + atThisRate(gate, more, age) + ".";
        }
        return "OBSERVED_BELOW_MARGIN".equals(gate.reason())
                ? " What was observed is itself beyond the margin."
                : " More data alone is unlikely to decide it.";
    }

    private static String atThisRate(GateResult gate, long more, Duration age) {
        if (age.toSeconds() < 1 || gate.requests() == 0) {
            return "";
        }
        double seconds = (double) more / gate.requests() * age.toSeconds();
        return seconds > 1e9 ? "" : ", " + of(Duration.ofSeconds(Math.round(seconds))) + " at this rate";
    }

    /** Beyond the budget of a stage, still undecided. */
    static String inconclusive(long requests, long budget, List<GateResult> open, Duration age) {
        String eta = open.stream()
                .map(gate -> {
                    Long more = gate.requestsNeeded();
                    return gate.name()
                            + (more == null
                                    ? ": cannot be said"
                                    : ": about " + count(more) + atThisRate(gate, more, age));
                })
                .collect(Collectors.joining("; "));
        return "Undecided after " + count(requests) + " requests, beyond the stage's budget of " + count(budget)
                + ". Still needed, " + eta + ".";
    }

    /** Too few outcomes to hold the versions against them. */
    static String immature(Accuracy accuracy, double required, List<GateResult> open) {
        String waiting = open.stream()
                .filter(gate -> "LABELS_IMMATURE".equals(gate.reason()))
                .map(GateResult::name)
                .collect(Collectors.joining(", "));
        Double coverage = accuracy.coverage();
        return coverage == null
                ? "No request is old enough for its outcome to count: " + waiting + " wait for it."
                : count(accuracy.labelled()) + " of " + count(accuracy.requests())
                        + " requests that are old enough have their outcome, " + percent(coverage) + "; "
                        + percent(required) + " are needed before " + waiting + " can be judged.";
    }

    private static String worst(GateResult gate, double bound) {
        return "at worst " + change(gate.gate(), bound);
    }

    private static String allowed(GateResult gate) {
        return allowed(gate.gate(), gate.margin());
    }

    private static String allowed(Gate gate, double m0) {
        return gate == Gate.ACCURACY_BETTER
                ? "at least " + change(gate, m0) + " is asked for"
                : "allowed is " + change(gate, m0);
    }

    private static String observed(Gate gate, double d) {
        return switch (gate) {
            case ERRORS -> "the candidate's error rate is " + change(gate, d);
            case TAIL_LATENCY -> "the share of slow batches is " + change(gate, d);
            case TYPICAL_LATENCY -> "a batch is typically " + change(gate, d);
            case FLIPS -> change(gate, d) + " of labels";
            case SCORE_SHIFT -> "scores " + change(gate, d) + " on average";
            case ACCURACY, ACCURACY_BETTER -> "accuracy is " + change(gate, d);
            case BRIER -> "the Brier score is " + change(gate, d);
            case ABSOLUTE_ERROR -> "errors are " + change(gate, d);
            case BUSINESS_VALUE -> "the business value is " + change(gate, d);
        };
    }

    /** What a mean difference d amounts to, in the unit in which people think of the gate. */
    private static String change(Gate gate, double d) {
        return switch (gate) {
            case ERRORS, TAIL_LATENCY -> points(-d, "higher", "lower");
            case ACCURACY, ACCURACY_BETTER -> points(d, "higher", "lower");
            case TYPICAL_LATENCY -> slower(d);
            case FLIPS -> percent(-d) + " changed";
            case SCORE_SHIFT -> String.format(Locale.ROOT, "%.4f apart", positive(-d));
            case BRIER -> number(-d, "higher", "lower");
            case ABSOLUTE_ERROR -> ofBound(-d, "larger", "smaller");
            case BUSINESS_VALUE -> ofBound(d, "higher", "lower");
        };
    }

    private static String points(double change, String up, String down) {
        return String.format(Locale.ROOT, "%.3f points %s", 100 * Math.abs(change), change < 0 ? down : up);
    }

    private static String number(double change, String up, String down) {
        return String.format(Locale.ROOT, "%.5f %s", Math.abs(change), change < 0 ? down : up);
    }

    private static String ofBound(double change, String up, String down) {
        return String.format(
                Locale.ROOT, "%.3f %% of the declared bound %s", 100 * Math.abs(change), change < 0 ? down : up);
    }

    /** d is the decimal logarithm of T_p/T_c. */
    private static String slower(double d) {
        double factor = StrictMath.pow(10, Math.abs(d));
        return String.format(Locale.ROOT, "%.1f %% %s", 100 * (factor - 1), d > 0 ? "faster" : "slower");
    }

    /** Without a negative zero. */
    private static double positive(double value) {
        return value == 0 ? 0 : value;
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * positive(share));
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
