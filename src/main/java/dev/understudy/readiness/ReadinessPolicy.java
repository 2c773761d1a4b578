package dev.understudy.readiness;

import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.SegmentEvidence;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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

    public ReadinessPolicy(ReadinessSettings settings) {
        this.settings = settings;
    }

    /** What it was told. */
    public ReadinessSettings settings() {
        return settings;
    }

    /** The decision over all requests and that of each segment. */
    public record Decisions(Readiness all, Map<String, Readiness> bySegment) {}

    /**
     * Decides on the candidate, and on each segment: a segment has the gates that requests and outcomes answer, fails one
     * iff harm there is flagged among all slices, and cannot be relied on when the whole cannot.
     *
     * @param all evidence of the stage's epoch
     * @param segments the same by {@code attribute=value}
     * @param now when it is made
     */
    public Decisions decide(
            CandidateEvidence all,
            Map<String, SegmentEvidence> segments,
            StageFacts stage,
            InputHealth health,
            Instant now) {
        Map<String, Seen> seen = new TreeMap<>();
        segments.forEach((segment, evidence) -> seen.put(segment, Seen.of(evidence)));
        return decide(Seen.of(all, stage, settings), seen, stage, health, now);
    }

    Decisions decide(Seen all, Map<String, Seen> segments, StageFacts stage, InputHealth health, Instant now) {
        Decision decision = new Decision(all, segments, stage, health, now);
        Map<String, Readiness> bySegment = new TreeMap<>();
        segments.forEach((segment, seen) -> bySegment.put(segment, decision.onSegment(segment, seen)));
        return new Decisions(decision.onAll(), bySegment);
    }

    private @Nullable Integer nextStage(int percent) {
        if (percent >= FULL_ROLLOUT) {
            return null;
        }
        Integer next = settings.holds().higherKey(percent);
        return next == null ? (Integer) FULL_ROLLOUT : next;
    }

    /** What all verdicts of one candidate at one time have in common. */
    private final class Decision {
        private final Seen all;
        private final StageFacts stage;
        private final Instant now;
        private final List<Question> questions;
        private final GateJudge judge;
        private final SliceSearch slices;
        private final List<Reason> holdReasons;
        private final @Nullable Instant since;
        private final Duration hold;

        Decision(Seen all, Map<String, Seen> segments, StageFacts stage, InputHealth health, Instant now) {
            this.all = all;
            this.stage = stage;
            this.now = now;
            this.questions = Question.of(all, stage, settings);
            int canFail = (int) questions.stream().filter(Question::canFail).count();
            this.judge = new GateJudge(settings, canFail, stage.candidates());
            this.slices = SliceSearch.of(all, segments, questions, stage, settings);
            this.holdReasons = new EvidenceChecks(settings).reasons(all, stage, health);
            this.since = stage.since() != null ? stage.since() : all.first();
            this.hold = stage.hold() != null ? stage.hold() : settings.hold(stage.percent());
        }

        Readiness onAll() {
            List<GateResult> gates = new ArrayList<>();
            for (Question question : questions) {
                GateResult result = answer(question, all, null);
                gates.add(question.decides() ? result : result.merelyShown());
            }
            List<Reason> harm = failures(gates, all);
            for (Slice slice : slices.flagged()) {
                harm.add(new Reason("SLICE_HARM", Explanation.of(slice)));
            }
            return readiness(all, gates, harm, slices.reported(), arms());
        }

        Readiness onSegment(String segment, Seen seen) {
            List<GateResult> gates = new ArrayList<>();
            for (Question question : questions) {
                if (question.gate().inSegments()) {
                    GateResult result = answer(question, seen, segment);
                    gates.add(question.decides() ? result : result.merelyShown());
                }
            }
            return readiness(seen, gates, failures(gates, seen), List.of(), null);
        }

        private GateResult answer(Question question, Seen seen, @Nullable String segment) {
            Gate gate = question.gate();
            double m0 = question.m0();
            GateStatistics statistics = seen.statistics().get(gate);
            String unjudgeable = seen.unjudgeable().get(gate);
            if (Seen.NO_REFERENCE.equals(unjudgeable)) {
                return judge.insufficient(gate, statistics, m0, Seen.NO_REFERENCE);
            }
            if (needsLabels(question) && seen.labelsImmature(settings)) {
                return judge.insufficient(gate, statistics, m0, "LABELS_IMMATURE");
            }
            if (gate.source() == Gate.Source.ARMS) {
                GateStatistics production = seen.arms().production();
                GateStatistics candidate = seen.arms().candidate();
                return production == null || candidate == null
                        ? judge.insufficient(gate, null, m0, "TOO_FEW_REQUESTS")
                        : judge.judgeArms(production, candidate, m0, question.canFail());
            }
            if (statistics == null) {
                return judge.insufficient(gate, null, m0, "TOO_FEW_REQUESTS");
            }
            boolean harm = segment == null
                    ? question.canFail() && judge.provesHarm(statistics, m0)
                    : slices.isFlagged(segment, gate);
            GateResult result = judge.judge(gate, statistics, m0, harm);
            // Against whatever it was measured, harm is harm; but what passes by a blind reference has not passed.
            return unjudgeable == null || result.status() == GateStatus.FAIL
                    ? result
                    : judge.insufficient(gate, statistics, m0, unjudgeable);
        }

        /**
         * Outcomes that are missing may be missing for a reason. Where they are censored they are for certain: then the
         * arms are what is left, and there every request needs an outcome with a value, which coverage cannot tell.
         */
        private boolean needsLabels(Question question) {
            return switch (question.gate().source()) {
                case PAIRS, BATCHES -> false;
                case OUTCOMES -> true;
                case ARMS -> settings.labelPolicy() == LabelPolicy.INDEPENDENT;
            };
        }

        private Readiness readiness(
                Seen seen, List<GateResult> gates, List<Reason> harm, List<Slice> reported, @Nullable Arms arms) {
            Integer nextStage = nextStage(stage.percent());
            Instant notBefore = nextStage == null || since == null ? null : since.plus(hold);
            Verdict verdict = Verdict.HOLD;
            List<Reason> reasons = holdReasons;
            if (reasons.isEmpty()) {
                verdict = Verdict.REJECT;
                reasons = harm;
            }
            if (reasons.isEmpty()) {
                verdict = Verdict.NOT_READY;
                reasons = notReadyReasons(seen, gates);
            }
            if (reasons.isEmpty()) {
                verdict = Verdict.READY;
                long deciding = gates.stream().filter(GateResult::decides).count();
                reasons = List.of(new Reason(
                        "ALL_GATES_PASSED",
                        "All " + deciding + " gates passed and the stage lasted its " + Explanation.of(hold) + "."));
            }
            GateStatistics served = all.servedShare();
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
                    served == null ? null : (Double) served.mean(),
                    judge.alpha(),
                    stage.candidates(),
                    reported,
                    arms,
                    Explanation.of(verdict, reasons, gates, stage.percent(), nextStage, notBefore));
        }

        private List<Reason> failures(List<GateResult> gates, Seen seen) {
            List<Reason> reasons = new ArrayList<>();
            for (GateResult gate : gates) {
                if (gate.status() == GateStatus.FAIL) {
                    reasons.add(new Reason("GATE_FAILED", Explanation.of(gate, seen.span(), settings)));
                }
            }
            return reasons;
        }

        private List<Reason> notReadyReasons(Seen seen, List<GateResult> gates) {
            List<Reason> reasons = new ArrayList<>();
            List<GateResult> open = gates.stream()
                    .filter(gate -> gate.decides() && gate.status() != GateStatus.PASS)
                    .toList();
            if (!open.isEmpty() && settings.requestBudget() > 0 && seen.comparisons() > settings.requestBudget()) {
                reasons.add(new Reason("INCONCLUSIVE", inconclusive(seen, open)));
            }
            boolean immature = false;
            for (GateResult gate : open) {
                if ("LABELS_IMMATURE".equals(gate.reason())) {
                    immature = true;
                } else {
                    reasons.add(new Reason(
                            gate.status() == GateStatus.UNDECIDED ? "GATE_UNDECIDED" : "GATE_INSUFFICIENT",
                            Explanation.of(gate, seen.span(), settings)));
                }
            }
            if (immature) {
                reasons.add(new Reason("LABELS_IMMATURE", labels(seen)));
            }
            Duration age = since == null || seen.last() == null ? Duration.ZERO : Duration.between(since, seen.last());
            if (age.compareTo(hold) < 0) {
                reasons.add(new Reason(
                        "STAGE_YOUNG",
                        "The stage has lasted " + Explanation.of(age.isNegative() ? Duration.ZERO : age) + " of its "
                                + Explanation.of(hold) + "."));
            }
            return reasons;
        }

        private String labels(Seen seen) {
            return seen.maturedRequests() == 0
                    ? "No request is old enough yet that its outcome can be expected."
                    : String.format(
                            Locale.ROOT,
                            "Outcomes cover %s of matured requests (%s of %s); %s are needed.",
                            Explanation.percent((double) seen.labelled() / seen.maturedRequests()),
                            Explanation.count(seen.labelled()),
                            Explanation.count(seen.maturedRequests()),
                            Explanation.percent(settings.coverage()));
        }

        private String inconclusive(Seen seen, List<GateResult> open) {
            GateResult longest = null;
            double most = -1;
            boolean known = true;
            for (GateResult gate : open) {
                Long more = gate.requestsNeeded();
                known &= more != null;
                double share = more == null ? -1 : (double) more / gate.requests();
                if (share > most) {
                    most = share;
                    longest = gate;
                }
            }
            Long more = longest == null ? null : longest.requestsNeeded();
            return String.format(
                    Locale.ROOT,
                    "Undecided after %s requests, beyond the stage's budget of %s; %s.",
                    Explanation.count(seen.comparisons()),
                    Explanation.count(settings.requestBudget()),
                    known && longest != null && more != null
                            ? "about " + Explanation.eta(more, longest, seen.span()) + " would be needed"
                            : "how many more would be needed cannot be said");
        }

        /** In the unit of the values. */
        private @Nullable Arms arms() {
            GateStatistics production = all.arms().production();
            GateStatistics candidate = all.arms().candidate();
            if (all.arms().bound().isEmpty() || (production == null && candidate == null)) {
                return null;
            }
            double unit = all.arms().bound().getAsDouble();
            return new Arms(
                    production == null ? 0 : production.n(),
                    candidate == null ? 0 : candidate.n(),
                    production == null ? null : (Double) (production.mean() * unit),
                    candidate == null ? null : (Double) (candidate.mean() * unit),
                    production == null || candidate == null
                            ? null
                            : (Double) ((candidate.mean() - production.mean()) * unit),
                    production == null || candidate == null
                            ? null
                            : (Double) (judge.lowerDifference(production, candidate, judge.alpha()) * unit));
        }
    }
}
