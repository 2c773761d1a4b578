package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Says decisions and their numbers in plain words. */
final class Explanation {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm 'UTC'", Locale.ROOT).withZone(ZoneOffset.UTC);

    private Explanation() {}

    /** The whole decision: the verdict, what led to it, and in one sentence what has passed. */
    static String of(
            Verdict verdict,
            List<Reason> reasons,
            List<GateResult> gates,
            int percent,
            @Nullable Integer nextStage,
            @Nullable Instant notBefore) {
        String passed = gates.stream()
                .filter(gate -> gate.decides() && gate.status() == GateStatus.PASS)
                .map(Explanation::passed)
                .collect(Collectors.joining(", "));
        String why = reasons.stream().map(Reason::message).collect(Collectors.joining(" "));
        String also = passed.isEmpty() ? "" : " Passed: " + passed + ".";
        return switch (verdict) {
            case HOLD -> "HOLD at " + stage(percent) + ", the evidence cannot be relied on: " + why;
            case REJECT ->
                "REJECT at " + stage(percent)
                        + (percent == 0 ? ", stop the candidate: " : ", roll the candidate back: ") + why + also;
            case NOT_READY -> "NOT_READY at " + stage(percent) + ": " + why + also;
            case READY ->
                (nextStage == null
                                ? "READY, the candidate holds its ground at " + stage(percent)
                                : "READY for " + nextStage + " %"
                                        + (notBefore == null ? "" : " from " + MINUTE.format(notBefore)))
                        + ": " + passed + ".";
        };
    }

    private static String stage(int percent) {
        return percent == 0 ? "0 % (shadow)" : percent + " %";
    }

    /** One gate that did not pass. */
    static String of(GateResult gate, Duration span, ReadinessSettings settings) {
        String name = gate.gate().words();
        Double observed = gate.observed();
        Double bound = gate.bound();
        if ("NO_REFERENCE".equals(gate.reason())) {
            return name + " cannot be judged without " + reference(gate.gate()) + ".";
        }
        if ("REFERENCE_IMPLAUSIBLE".equals(gate.reason())) {
            return name + " cannot be judged: the stage's reference, production's p99 batch time, does not fit what"
                    + " production took in this stage; declare the stage again, --tail gives another.";
        }
        if (observed == null || bound == null) {
            return name
                    + ": nothing to judge yet; where such observations never come, leave it out of readiness.gates.";
        }
        return name + " "
                + switch (gate.status()) {
                    case PASS -> "passed";
                    case FAIL -> "failed, harm is proven";
                    case UNDECIDED -> "undecided" + needed(gate, span);
                    case INSUFFICIENT -> tooLittle(gate, settings);
                }
                + ": " + observed(gate.gate(), observed) + extreme(gate, bound)
                + ", must be " + asked(gate.gate(), gate.margin()) + " (" + counts(gate) + ").";
    }

    /** What speaks against a pass is the worst that it may be, and what proves harm the best. */
    private static String extreme(GateResult gate, double bound) {
        if (gate.status() != GateStatus.FAIL) {
            return ", at worst " + signed(gate.gate(), bound);
        }
        // In a segment the proof is that of its slice, and this bound may say less.
        Double best = gate.upperBound();
        return best == null || best >= gate.margin() ? "" : ", at best " + signed(gate.gate(), best);
    }

    private static String passed(GateResult gate) {
        Double bound = gate.bound();
        String atWorst = bound == null ? "" : " (at worst " + signed(gate.gate(), bound) + ")";
        return gate.gate().words() + " " + asked(gate.gate(), gate.margin()) + atWorst;
    }

    /** A slice in which harm is proven. */
    static String of(Slice slice) {
        return slice.gate().words() + " in " + slice.segment() + ": harm is proven, "
                + observed(slice.gate(), slice.observed()) + ", at best " + signed(slice.gate(), slice.upperBound())
                + ", must be " + asked(slice.gate(), slice.margin()) + " ("
                + count(slice.requests()) + " " + slice.gate().source().noun(slice.requests()) + " of "
                + entities(slice.entities()) + ").";
    }

    private static String reference(Gate gate) {
        return switch (gate) {
            case TAIL_LATENCY -> "production's p99 batch time: give it with --tail when the stage is declared";
            case ABSOLUTE_ERROR ->
                "the largest absolute error that counts: set readiness.value-bound before the stage is declared";
            case BUSINESS ->
                "the largest absolute business value that counts: set readiness.business-bound before the stage is"
                        + " declared";
            case ERRORS, TYPICAL_LATENCY, FLIPS, SCORE_SHIFT, ACCURACY, ACCURACY_BETTER, BRIER ->
                throw new IllegalArgumentException(gate + " needs no reference");
        };
    }

    private static String counts(GateResult gate) {
        return count(gate.requests()) + " " + gate.gate().source().noun(gate.requests())
                + (gate.gate().source() == Gate.Source.BATCHES
                        ? " in " + timeBlocks(gate.entities())
                        : " of " + entities(gate.entities()));
    }

    private static String areNeeded(GateResult gate) {
        return gate.gate().source() == Gate.Source.ARMS ? " are needed in each arm" : " are needed";
    }

    private static String tooLittle(GateResult gate, ReadinessSettings settings) {
        String of = gate.gate().source() == Gate.Source.BATCHES ? "time blocks" : "entities";
        String reason = gate.reason() == null ? "" : gate.reason();
        return switch (reason) {
            case "TOO_FEW_REQUESTS" ->
                "has too few " + gate.gate().source().noun(0) + ", at least " + count(settings.minimumRequests())
                        + areNeeded(gate);
            case "TOO_FEW_ENTITIES" ->
                "has too few " + of + ", at least " + count(settings.minimumEntities()) + areNeeded(gate);
            case "TOO_CONCENTRATED" -> "has too much from too few " + of;
            default -> "has too little data";
        };
    }

    private static String needed(GateResult gate, Duration span) {
        Long more = gate.requestsNeeded();
        if (more != null) {
            return ", about " + eta(more, gate, span);
        }
        return "OBSERVED_BELOW_MARGIN".equals(gate.reason())
                ? ", as what was observed is itself not good enough"
                : ", and more of the same is unlikely to decide it";
    }

    /** How many more observations, and how long they take at the rate at which those counted came in event time. */
    static String eta(long more, GateResult gate, Duration span) {
        String text = count(rounded(more)) + " more " + gate.gate().source().noun(rounded(more));
        if (span.isZero() || gate.requests() == 0) {
            return text;
        }
        double seconds = (double) more / gate.requests() * span.toMillis() / 1000;
        return text + ", " + of(Duration.ofSeconds((long) Math.ceil(seconds))) + " at this rate";
    }

    /** Two significant digits: it is an estimate. */
    private static long rounded(long n) {
        return new BigDecimal(n).round(new MathContext(2, RoundingMode.UP)).longValueExact();
    }

    private static String observed(Gate gate, double d) {
        String harm = d <= 0 ? amount(gate, -d) : amount(gate, d);
        return switch (gate) {
            case ERRORS -> d == 0 ? "as many as production" : harm + (d < 0 ? " more" : " fewer") + " than production";
            case TAIL_LATENCY ->
                d == 0
                        ? "as many slow batches as production"
                        : harm + (d < 0 ? " more" : " fewer") + " slow batches than production";
            case TYPICAL_LATENCY -> harm + (d < 0 ? " slower" : " faster") + " than production";
            case FLIPS -> harm + " of labels differ";
            case SCORE_SHIFT -> "scores differ by " + harm;
            case ACCURACY, ACCURACY_BETTER, BUSINESS -> harm + (d < 0 ? " lower" : " higher");
            case BRIER, ABSOLUTE_ERROR -> harm + (d < 0 ? " worse" : " better");
        };
    }

    /** A bound, with a minus where it means worse than production. */
    private static String signed(Gate gate, double d) {
        return switch (gate) {
            case FLIPS, SCORE_SHIFT -> amount(gate, d == 0 ? 0 : -d);
            case TYPICAL_LATENCY -> amount(gate, Math.abs(d)) + (d < 0 ? " slower" : " faster");
            case ERRORS, TAIL_LATENCY -> amount(gate, Math.abs(d)) + (d < 0 ? " more" : " fewer");
            case ACCURACY, ACCURACY_BETTER, BUSINESS -> amount(gate, Math.abs(d)) + (d < 0 ? " lower" : " higher");
            case BRIER, ABSOLUTE_ERROR -> amount(gate, Math.abs(d)) + (d < 0 ? " worse" : " better");
        };
    }

    private static String asked(Gate gate, double m0) {
        return gate == Gate.ACCURACY_BETTER
                ? "above " + (m0 == 0 ? "what is asked" : "production by " + amount(gate, m0))
                : "within " + amount(gate, -m0);
    }

    /** The size of a difference, in the gate's unit. */
    private static String amount(Gate gate, double size) {
        return switch (gate) {
            case ERRORS, TAIL_LATENCY, ACCURACY, ACCURACY_BETTER -> points(decimals(100 * size, 3));
            case FLIPS -> decimals(100 * size, 2) + " %";
            case TYPICAL_LATENCY -> decimals(100 * (Math.pow(10, size) - 1), 1) + " %";
            case ABSOLUTE_ERROR, BUSINESS -> decimals(100 * size, 2) + " % of the bound";
            case SCORE_SHIFT, BRIER -> decimals(size, 4);
        };
    }

    private static String points(String size) {
        return size + (size.equals("1") ? " point" : " points");
    }

    private static String decimals(double value, int places) {
        BigDecimal rounded = BigDecimal.valueOf(value).setScale(places, RoundingMode.HALF_EVEN);
        return rounded.signum() == 0 ? "0" : rounded.stripTrailingZeros().toPlainString();
    }

    static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }

    static String count(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String timeBlocks(long n) {
        return (n > GateStatistics.EXACT_USERS ? "at least " : "")
                + count(n)
                + (n == 1 ? " time block" : " time blocks");
    }

    /** Beyond what is counted exactly the number is a lower bound. */
    private static String entities(long n) {
        return (n > GateStatistics.EXACT_USERS ? "at least " : "") + count(n) + (n == 1 ? " entity" : " entities");
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
