package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.Stickiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The reasons to HOLD: what makes the evidence itself unreliable, so that neither good nor bad news can be believed. */
final class EvidenceChecks {
    /** Fewer answers say nothing about the share that is invalid. */
    private static final long ANSWERS_FOR_INVALID_RATE = 100;
    /**
     * Entities that production served after the candidate had: two, or 0.5 % of those watched, are let pass. A rollout
     * reaches the pipeline's instances one after the other, and an entity that calls within those seconds may see both
     * versions. A flag that really chooses by request instead of by entity shows itself far above: at a share of 5 %
     * an entity with only three requests is a violation with a chance of 10 %, at 50 % with 50 %. Two are what
     * decides for the 256 entities that evidence watches.
     */
    private static final long VIOLATIONS_LET_PASS = 2;

    private static final double VIOLATION_SHARE_LET_PASS = 0.005;

    private final ReadinessSettings settings;

    EvidenceChecks(ReadinessSettings settings) {
        this.settings = settings;
    }

    List<Reason> reasons(Seen all, StageFacts stage, InputHealth health) {
        List<Reason> reasons = new ArrayList<>();
        if (health.missing() > 0) {
            reasons.add(new Reason(
                    "LEDGER_GAP", Explanation.count(health.missing()) + " comparisons were due and did not come."));
        }
        if (health.surplus() > 0) {
            reasons.add(new Reason(
                    "LEDGER_GAP", Explanation.count(health.surplus()) + " more comparisons came than were due."));
        }
        Duration lag = health.lag();
        if (lag != null && lag.compareTo(settings.staleAfter()) > 0) {
            reasons.add(new Reason(
                    "STALE_INPUT",
                    "The evaluation is " + Explanation.of(lag) + " behind its input; at most "
                            + Explanation.of(settings.staleAfter()) + " are allowed."));
        }
        Duration silent = health.flagsStale();
        if (silent != null && silent.compareTo(settings.flagsStaleAfter()) > 0) {
            reasons.add(new Reason(
                    "STALE_FLAGS",
                    "The flags have not been heard of for " + Explanation.of(silent) + "; at most "
                            + Explanation.of(settings.flagsStaleAfter()) + " are allowed."));
        }
        Duration idle = health.idle();
        if (all.comparisons() == 0 || idle == null) {
            reasons.add(new Reason("NO_TRAFFIC", "No comparison has arrived since the stage began."));
        } else if (idle.compareTo(settings.idleAfter()) > 0) {
            reasons.add(new Reason(
                    "NO_TRAFFIC",
                    "The last comparison arrived " + Explanation.of(idle) + " ago; after "
                            + Explanation.of(settings.idleAfter()) + " the evidence no longer counts as current."));
        }
        GateStatistics served = all.servedShare();
        double declared = stage.percent() / 100.0;
        if (served != null && SampleRatio.isWrong(served, declared, settings)) {
            reasons.add(new Reason(
                    "SAMPLE_RATIO",
                    "The candidate served " + Explanation.percent(served.mean()) + " of requests, but "
                            + Explanation.percent(declared) + " was declared: the flag and the declared stage"
                            + " disagree."));
        }
        Stickiness stickiness = all.stickiness();
        if (stickiness != null && isUnsticky(stickiness)) {
            reasons.add(new Reason(
                    "STICKINESS",
                    Explanation.count(stickiness.violations()) + " of " + Explanation.count(stickiness.sampled())
                            + " entities watched went back to production after the candidate had served them: the flag"
                            + " must choose by entity."));
        }
        if (all.answers() >= ANSWERS_FOR_INVALID_RATE
                && all.invalidAnswers() > settings.invalidLimit() * all.answers()) {
            reasons.add(new Reason(
                    "INVALID_RATE",
                    Explanation.count(all.invalidAnswers()) + " of " + Explanation.count(all.answers())
                            + " answers are invalid (not a number, or no probability); at most "
                            + Explanation.percent(settings.invalidLimit()) + " are allowed."));
        }
        if (all.mismatched() > 0) {
            reasons.add(new Reason(
                    "SCHEMA_MISMATCH",
                    Explanation.count(all.mismatched())
                            + " pairs cannot be compared: the versions' tasks or classes differ."));
        }
        return reasons;
    }

    static boolean isUnsticky(Stickiness stickiness) {
        return stickiness.violations() > Math.max(VIOLATIONS_LET_PASS, VIOLATION_SHARE_LET_PASS * stickiness.sampled());
    }
}
