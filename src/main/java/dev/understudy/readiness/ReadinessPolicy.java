package dev.understudy.readiness;

import dev.understudy.domain.Task;
import dev.understudy.evidence.Accuracy;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.SegmentEvidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Decides on a candidate from the evidence of one rollout stage: HOLD when the evidence itself is broken, else REJECT when
 * harm is proven, else NOT_READY while anything is missing or undecided, else READY. A pure function: the same evidence,
 * facts, settings and time give the same decision.
 */
public final class ReadinessPolicy {
    private static final int FULL_ROLLOUT = 100;

    private final ReadinessSettings settings;
    private final EvidenceChecks checks;

    public ReadinessPolicy(ReadinessSettings settings) {
        this.settings = settings;
        this.checks = new EvidenceChecks(settings);
    }

    /** What it was told. */
    public ReadinessSettings settings() {
        return settings;
    }

    /**
     * The decisions over all requests and on each segment.
     *
     * @param all evidence of the stage's epoch
     * @param segments the same, by {@code attribute=value}
     * @param now when they are made
     */
    public Decisions decide(
            CandidateEvidence all,
            Map<String, SegmentEvidence> segments,
            StageFacts stage,
            InputHealth health,
            Instant now) {
        Judgement judgement = new Judgement(all, stage, now);
        List<Reason> hold = checks.reasons(all, health, stage.percent() / 100.0);
        List<GateResult> gates = judgement.gates();
        List<Slice> slices = judgement.slices(segments);
        List<Slice> shown = slices.stream()
                .filter(slice -> slice.flagged() || slice.equals(slices.get(0)))
                .toList();
        Map<String, Readiness> bySegment = new TreeMap<>();
        segments.forEach((segment, evidence) -> {
            List<Slice> own = slices.stream()
                    .filter(slice -> slice.flagged() && slice.segment().equals(segment))
                    .toList();
            List<GateResult> segmentGates = judgement.gatesOf(evidence, own);
            bySegment.put(
                    segment,
                    judgement.decide(
                            hold,
                            segmentGates,
                            List.of(),
                            List.of(),
                            null,
                            evidence.outcomes().accuracy()));
        });
        return new Decisions(
                judgement.decide(
                        hold,
                        gates,
                        slices,
                        shown,
                        judgement.arms(),
                        all.outcomes().accuracy()),
                bySegment);
    }

    /** One decision in the making. */
    private final class Judgement {
        private final CandidateEvidence all;
        private final StageFacts stage;
        private final Instant now;
        private final @Nullable Instant since;
        private final Duration hold;
        private final Duration age;
        private final List<Gate> asked;
        private final GateJudge judge;

        Judgement(CandidateEvidence all, StageFacts stage, Instant now) {
            this.all = all;
            this.stage = stage;
            this.now = now;
            this.since = stage.since() != null
                    ? stage.since()
                    : all.pairs().firstEvent().orElse(null);
            this.hold = stage.hold() != null ? stage.hold() : holdOf(stage.percent());
            this.age = age();
            this.asked = asked(all.pairs().tasks());
            this.judge = new GateJudge(
                    settings, (int) asked.stream().filter(this::canFail).count(), stage.candidates());
        }

        private Duration age() {
            Instant last = all.pairs().lastEvent().orElse(null);
            return since == null || last == null || last.isBefore(since)
                    ? Duration.ZERO
                    : Duration.between(since, last);
        }

        /** The required gates that make sense here. */
        private List<Gate> asked(Set<Task> tasks) {
            boolean serves = stage.percent() > 0;
            return settings.required().stream()
                    .filter(gate -> gate.appliesTo(tasks))
                    .filter(gate ->
                            gate != Gate.ACCURACY_BETTER || settings.better().reading() != Better.Reading.OFF)
                    .filter(gate -> gate != Gate.BUSINESS_VALUE
                            || (serves && all.outcomes().businessBound().isPresent()))
                    .toList();
        }

        /** Not being better is no harm, and what is censored says nothing for certain. */
        private boolean canFail(Gate gate) {
            return gate != Gate.ACCURACY_BETTER && !isCensored(gate);
        }

        private boolean isCensored(Gate gate) {
            return settings.labelPolicy() == LabelPolicy.CENSORED && gate.basis() == Gate.Basis.OUTCOMES;
        }

        List<GateResult> gates() {
            boolean immature = isImmature(all.outcomes().accuracy());
            return asked.stream()
                    .map(gate -> limited(gate, judge(gate), immature))
                    .toList();
        }

        private GateResult judge(Gate gate) {
            double m0 = -margin(gate);
            return switch (gate) {
                case TAIL_LATENCY ->
                    all.batches().tailNanos().isEmpty()
                            ? GateJudge.nothing(gate, m0, "NO_REFERENCE")
                            : judge.judge(gate, metric(gate), m0);
                case ABSOLUTE_ERROR ->
                    all.outcomes().valueBound().isEmpty()
                            ? GateJudge.nothing(gate, m0, "NO_REFERENCE")
                            : judge.judge(gate, metric(gate), m0);
                case ACCURACY_BETTER -> better(gate);
                case BUSINESS_VALUE ->
                    judge.judgeArms(
                            gate,
                            all.outcomes().arm(Arm.PRODUCTION),
                            all.outcomes().arm(Arm.CANDIDATE),
                            m0);
                case ERRORS, TYPICAL_LATENCY, FLIPS, SCORE_SHIFT, ACCURACY, BRIER ->
                    judge.judge(gate, metric(gate), m0);
            };
        }

        private GateResult better(Gate gate) {
            double by = settings.better().by();
            return settings.better().reading() == Better.Reading.RELATIVE
                    ? judge.judge(gate, all.outcomes().relativeAccuracy(1 + by), 0)
                    : judge.judge(gate, all.outcomes().relativeAccuracy(1), by);
        }

        private Optional<GateStatistics> metric(Gate gate) {
            return gate.metric().flatMap(metric -> switch (gate.basis()) {
                case REQUESTS -> all.pairs().statistics(metric);
                case BATCHES -> all.batches().statistics(metric);
                case OUTCOMES, ARMS -> all.outcomes().statistics(metric);
            });
        }

        private Optional<GateStatistics> metric(Gate gate, SegmentEvidence evidence) {
            return gate.metric()
                    .flatMap(metric -> gate.basis() == Gate.Basis.REQUESTS
                            ? evidence.pairs().statistics(metric)
                            : evidence.outcomes().statistics(metric));
        }

        /** What may not be concluded from a gate although its numbers would. */
        private GateResult limited(Gate gate, GateResult result, boolean immature) {
            if (isCensored(gate)) {
                GateStatus status = result.status() == GateStatus.FAIL ? GateStatus.UNDECIDED : result.status();
                return result.with(status, "CENSORED");
            }
            if (gate.basis() == Gate.Basis.OUTCOMES && immature) {
                return result.with(GateStatus.INSUFFICIENT, "LABELS_IMMATURE");
            }
            if (gate == Gate.ACCURACY_BETTER && result.status() == GateStatus.FAIL) {
                return result.with(GateStatus.UNDECIDED, "OBSERVED_BELOW_MARGIN");
            }
            return result;
        }

        /** A gate of a segment fails only if it is flagged among all slices. */
        List<GateResult> gatesOf(SegmentEvidence evidence, List<Slice> flagged) {
            boolean immature = isImmature(all.outcomes().accuracy());
            List<GateResult> results = new ArrayList<>();
            for (Gate gate : asked) {
                if (gate.isSliced()) {
                    GateResult result =
                            limited(gate, judge.judge(gate, metric(gate, evidence), -margin(gate)), immature);
                    boolean harmed = flagged.stream().anyMatch(slice -> slice.gate() == gate);
                    if (harmed) {
                        result = result.with(GateStatus.FAIL, "HARM_PROVEN");
                    } else if (result.status() == GateStatus.FAIL) {
                        result = result.with(GateStatus.UNDECIDED, "OBSERVED_BELOW_MARGIN");
                    }
                    results.add(result);
                }
            }
            return results;
        }

        /** All slices, worst first. Immature labels are no evidence of harm either. */
        List<Slice> slices(Map<String, SegmentEvidence> segments) {
            boolean immature = isImmature(all.outcomes().accuracy());
            List<Gate> sliced = asked.stream()
                    .filter(gate -> gate.isSliced() && canFail(gate))
                    .filter(gate -> !(immature && gate.basis() == Gate.Basis.OUTCOMES))
                    .toList();
            SliceJudge slices = new SliceJudge(settings, stage.candidates(), sliced.size() * segments.size());
            new TreeMap<>(segments)
                    .forEach((segment, evidence) -> sliced.forEach(gate -> {
                        Optional<GateStatistics> parent = metric(gate);
                        Optional<GateStatistics> seen = metric(gate, evidence);
                        if (parent.isPresent() && seen.isPresent()) {
                            slices.add(segment, gate, parent.get(), seen.get(), -margin(gate));
                        }
                    }));
            return slices.judge();
        }

        private double margin(Gate gate) {
            Double margin = stage.margins().get(gate.key());
            return margin != null ? margin : settings.margins().getOrDefault(gate.key(), gate.defaultMargin());
        }

        private boolean isImmature(Accuracy accuracy) {
            Double coverage = accuracy.coverage();
            return coverage == null || coverage < settings.coverage();
        }

        Readiness decide(
                List<Reason> holdReasons,
                List<GateResult> gates,
                List<Slice> slices,
                List<Slice> shown,
                @Nullable Arms arms,
                Accuracy accuracy) {
            Verdict verdict = Verdict.HOLD;
            List<Reason> reasons = holdReasons;
            if (reasons.isEmpty()) {
                verdict = Verdict.REJECT;
                reasons = rejectReasons(gates, slices);
            }
            if (reasons.isEmpty()) {
                verdict = Verdict.NOT_READY;
                reasons = notReadyReasons(gates, accuracy);
            }
            if (reasons.isEmpty()) {
                verdict = Verdict.READY;
                reasons = List.of(new Reason(
                        "ALL_GATES_PASSED",
                        "All " + gates.size() + " gates passed and the stage lasted its " + Explanation.of(hold)
                                + "."));
            }
            Integer nextStage = nextStage(stage.percent());
            Instant notBefore = nextStage == null || since == null ? null : since.plus(hold);
            return new Readiness(
                    verdict,
                    reasons,
                    gates,
                    stage.epoch(),
                    stage.percent(),
                    since,
                    hold,
                    nextStage,
                    notBefore,
                    now,
                    now.plus(settings.validFor()),
                    stage.percent() / 100.0,
                    all.exposure().servedShare().map(GateStatistics::mean).orElse(null),
                    settings.alpha() / stage.candidates(),
                    stage.candidates(),
                    shown,
                    arms,
                    Explanation.of(verdict, reasons, gates, stage.percent(), nextStage, notBefore));
        }

        private List<Reason> rejectReasons(List<GateResult> gates, List<Slice> slices) {
            List<Reason> reasons = new ArrayList<>();
            gates.stream()
                    .filter(gate -> gate.status() == GateStatus.FAIL)
                    .forEach(gate -> reasons.add(new Reason("GATE_FAILED", Explanation.of(gate, age))));
            slices.stream()
                    .filter(Slice::flagged)
                    .forEach(slice -> reasons.add(new Reason("SLICE_HARMED", Explanation.of(slice))));
            return reasons;
        }

        private List<Reason> notReadyReasons(List<GateResult> gates, Accuracy accuracy) {
            List<Reason> reasons = new ArrayList<>();
            List<GateResult> open = gates.stream()
                    .filter(gate -> gate.status() != GateStatus.PASS && !"CENSORED".equals(gate.reason()))
                    .toList();
            long total = all.pairs().total();
            if (!open.isEmpty() && settings.requestBudget() > 0 && total > settings.requestBudget()) {
                reasons.add(new Reason(
                        "INCONCLUSIVE", Explanation.inconclusive(total, settings.requestBudget(), open, age)));
            }
            if (open.stream().anyMatch(gate -> "LABELS_IMMATURE".equals(gate.reason()))) {
                reasons.add(new Reason("LABELS_IMMATURE", Explanation.immature(accuracy, settings.coverage(), open)));
            }
            open.stream()
                    .filter(gate -> !"LABELS_IMMATURE".equals(gate.reason()))
                    .forEach(gate -> reasons.add(new Reason(
                            gate.status() == GateStatus.UNDECIDED ? "GATE_UNDECIDED" : "GATE_INSUFFICIENT",
                            Explanation.of(gate, age))));
            if (age.compareTo(hold) < 0) {
                reasons.add(new Reason(
                        "STAGE_YOUNG",
                        "The stage has lasted " + Explanation.of(age) + " of its " + Explanation.of(hold) + "."));
            }
            return reasons;
        }

        @Nullable
        Arms arms() {
            OptionalDouble bound = all.outcomes().businessBound();
            Optional<GateStatistics> production = all.outcomes().arm(Arm.PRODUCTION);
            Optional<GateStatistics> candidate = all.outcomes().arm(Arm.CANDIDATE);
            if (bound.isEmpty() || (production.isEmpty() && candidate.isEmpty())) {
                return null;
            }
            double unit = bound.getAsDouble();
            GateResult result =
                    judge.judgeArms(Gate.BUSINESS_VALUE, production, candidate, -margin(Gate.BUSINESS_VALUE));
            return new Arms(
                    production.map(GateStatistics::n).orElse(0L),
                    candidate.map(GateStatistics::n).orElse(0L),
                    production.map(arm -> unit * arm.mean()).orElse(null),
                    candidate.map(arm -> unit * arm.mean()).orElse(null),
                    result.observed() == null ? null : (Double) (unit * result.observed()),
                    result.bound() == null ? null : (Double) (unit * result.bound()));
        }
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
}
