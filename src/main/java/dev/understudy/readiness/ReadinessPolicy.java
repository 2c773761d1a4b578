package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.PairEvidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Decides on a candidate from the evidence of one rollout stage: HOLD when the evidence itself is broken, else REJECT when
 * harm is proven, else NOT_READY while anything is missing or undecided, else READY. A pure function: the same evidence,
 * facts, settings and time give the same decision.
 */
public final class ReadinessPolicy {
    private static final int FULL_ROLLOUT = 100;
    /** Fewer answers say nothing about the share that is invalid. */
    private static final long ANSWERS_FOR_INVALID_RATE = 100;

    private final ReadinessSettings settings;

    public ReadinessPolicy(ReadinessSettings settings) {
        this.settings = settings;
    }

    /**
     * The decision.
     *
     * @param evidence of the stage's epoch, for `all` or for a segment
     * @param now when it is made
     */
    public Readiness decide(PairEvidence evidence, StageFacts stage, InputHealth health, Instant now) {
        Set<Task> tasks = evidence.tasks();
        List<Gate> required = settings.required().stream()
                .filter(gate -> gate.appliesTo(tasks))
                .toList();
        List<GateResult> gates = judge(evidence, stage, required);
        Instant since =
                stage.since() != null ? stage.since() : evidence.firstEvent().orElse(null);
        Duration hold = stage.hold() != null ? stage.hold() : holdOf(stage.percent());
        Integer nextStage = nextStage(stage.percent());
        Instant notBefore = nextStage == null || since == null ? null : since.plus(hold);
        double declaredShare = stage.percent() / 100.0;
        Optional<GateStatistics> served = Optional.empty();
        Double servedShare = served.map(GateStatistics::mean).orElse(null);

        List<Reason> reasons = holdReasons(evidence, health, served, declaredShare);
        Verdict verdict = Verdict.HOLD;
        if (reasons.isEmpty()) {
            verdict = Verdict.REJECT;
            reasons = rejectReasons(gates);
        }
        if (reasons.isEmpty()) {
            verdict = Verdict.NOT_READY;
            reasons = notReadyReasons(evidence, required, gates, since, hold);
        }
        if (reasons.isEmpty()) {
            verdict = Verdict.READY;
            reasons = List.of(new Reason(
                    "ALL_GATES_PASSED",
                    "All " + gates.size() + " gates passed and the stage lasted its " + Explanation.of(hold) + "."));
        }
        return new Readiness(
                verdict,
                reasons,
                gates,
                stage.epoch(),
                stage.percent(),
                since,
                nextStage,
                notBefore,
                now,
                now.plus(settings.validFor()),
                declaredShare,
                servedShare,
                Explanation.of(verdict, reasons, gates, stage.percent(), nextStage, notBefore));
    }

    private List<GateResult> judge(PairEvidence evidence, StageFacts stage, List<Gate> required) {
        List<Gate> measured =
                required.stream().filter(gate -> gate.metric().isPresent()).toList();
        GateJudge judge = new GateJudge(settings, measured.size(), stage.candidates());
        List<GateResult> results = new ArrayList<>();
        for (Gate gate : measured) {
            gate.metric()
                    .ifPresent(metric ->
                            results.add(judge.judge(gate, evidence.statistics(metric), margin(gate, stage.margins()))));
        }
        return results;
    }

    private double margin(Gate gate, Map<String, Double> declared) {
        Double margin = declared.get(gate.key());
        return margin != null ? margin : settings.margins().getOrDefault(gate.key(), gate.defaultMargin());
    }

    private Duration holdOf(int percent) {
        Map.Entry<Integer, Duration> entry = settings.holds().floorEntry(percent);
        return entry == null ? Duration.ZERO : entry.getValue();
    }

    private @Nullable Integer nextStage(int percent) {
        if (percent >= FULL_ROLLOUT) {
            return null;
        }
        Integer next = settings.holds().higherKey(percent);
        return next == null ? (Integer) FULL_ROLLOUT : next;
    }

    private List<Reason> holdReasons(
            PairEvidence evidence, InputHealth health, Optional<GateStatistics> served, double declaredShare) {
        List<Reason> reasons = new ArrayList<>();
        if (health.lag() != null && health.lag().compareTo(settings.staleAfter()) > 0) {
            reasons.add(new Reason(
                    "STALE_INPUT",
                    "The evaluation is " + Explanation.of(health.lag()) + " behind its input; at most "
                            + Explanation.of(settings.staleAfter()) + " are allowed."));
        }
        if (evidence.total() == 0 || health.idle() == null) {
            reasons.add(new Reason("NO_TRAFFIC", "No comparison has arrived since the stage began."));
        } else if (health.idle().compareTo(settings.idleAfter()) > 0) {
            reasons.add(new Reason(
                    "NO_TRAFFIC",
                    "The last comparison arrived " + Explanation.of(health.idle()) + " ago; after "
                            + Explanation.of(settings.idleAfter()) + " the evidence no longer counts as current."));
        }
        long answers = evidence.answers();
        if (answers >= ANSWERS_FOR_INVALID_RATE && evidence.invalidAnswers() > settings.invalidLimit() * answers) {
            reasons.add(new Reason(
                    "INVALID_RATE",
                    Explanation.count(evidence.invalidAnswers()) + " of " + Explanation.count(answers)
                            + " answers are invalid (not a number, or no probability); at most "
                            + Explanation.percent(settings.invalidLimit()) + " are allowed."));
        }
        if (served.isPresent() && SampleRatio.isWrong(served.get(), declaredShare, settings)) {
            reasons.add(new Reason(
                    "SAMPLE_RATIO",
                    "The candidate served " + Explanation.percent(served.get().mean()) + " of requests, but "
                            + Explanation.percent(declaredShare) + " was declared: the flag and the declared stage"
                            + " disagree."));
        }
        return reasons;
    }

    private static List<Reason> rejectReasons(List<GateResult> gates) {
        return gates.stream()
                .filter(gate -> gate.status() == GateStatus.FAIL)
                .map(gate -> new Reason("GATE_FAILED", Explanation.of(gate)))
                .toList();
    }

    private List<Reason> notReadyReasons(
            PairEvidence evidence,
            List<Gate> required,
            List<GateResult> gates,
            @Nullable Instant since,
            Duration hold) {
        List<Reason> reasons = new ArrayList<>();
        List<GateResult> open =
                gates.stream().filter(gate -> gate.status() != GateStatus.PASS).toList();
        if (!open.isEmpty() && settings.requestBudget() > 0 && evidence.total() > settings.requestBudget()) {
            reasons.add(new Reason("INCONCLUSIVE", inconclusive(evidence, open)));
        }
        for (GateResult gate : open) {
            reasons.add(new Reason(
                    gate.status() == GateStatus.UNDECIDED ? "GATE_UNDECIDED" : "GATE_INSUFFICIENT",
                    Explanation.of(gate)));
        }
        String missing = required.stream()
                .filter(gate -> gate.metric().isEmpty())
                .map(Gate::key)
                .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            reasons.add(new Reason("GATES_MISSING", "Required, but not judged by this version: " + missing + "."));
        }
        Duration age = since == null
                ? Duration.ZERO
                : evidence.lastEvent()
                        .map(last -> Duration.between(since, last))
                        .orElse(Duration.ZERO);
        if (age.compareTo(hold) < 0) {
            reasons.add(new Reason(
                    "STAGE_YOUNG",
                    "The stage has lasted " + Explanation.of(age.isNegative() ? Duration.ZERO : age) + " of its "
                            + Explanation.of(hold) + "."));
        }
        return reasons;
    }

    private String inconclusive(PairEvidence evidence, List<GateResult> open) {
        long needed = 0;
        boolean known = true;
        for (GateResult gate : open) {
            Long more = gate.requestsNeeded();
            known &= more != null;
            needed = Math.max(needed, more == null ? 0 : more);
        }
        return String.format(
                Locale.ROOT,
                "Undecided after %s requests, beyond the stage's budget of %s; %s.",
                Explanation.count(evidence.total()),
                Explanation.count(settings.requestBudget()),
                known
                        ? "about " + Explanation.count(needed) + " more would be needed"
                        : "how many more would be needed cannot be said");
    }
}
