package dev.understudy.readiness;

import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.Stickiness;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether the evidence can be relied on at all; if not, nobody is promoted and nobody rolled back. */
final class EvidenceChecks {
    /** Fewer answers say nothing about the share that is invalid. */
    private static final long ANSWERS_FOR_INVALID_RATE = 100;

    /** As few entities may go back whatever the share: an instance that is replaced may route by older flags for a moment. */
    private static final long VIOLATIONS_ALWAYS_ALLOWED = 2;

    private final ReadinessSettings settings;

    EvidenceChecks(ReadinessSettings settings) {
        this.settings = settings;
    }

    /** What is wrong, most fundamental first; empty when nothing is. */
    List<Reason> reasons(CandidateEvidence all, InputHealth health, double declaredShare) {
        List<Reason> reasons = new ArrayList<>();
        checkLedger(health, reasons);
        checkFreshness(all.pairs(), health, reasons);
        checkExposure(all, declaredShare, reasons);
        checkAnswers(all.pairs(), reasons);
        return reasons;
    }

    private static void checkLedger(InputHealth health, List<Reason> reasons) {
        if (health.ledgerGap() != 0) {
            reasons.add(new Reason(
                    "LEDGER_GAP",
                    Explanation.count(health.ledgerGap()) + " comparisons do not match what was due: requests are"
                            + " missing on the shadow path, or appeared there, and the rest may not be like them."));
        }
    }

    private void checkFreshness(PairEvidence pairs, InputHealth health, List<Reason> reasons) {
        Duration lag = health.lag();
        if (lag != null && lag.compareTo(settings.staleAfter()) > 0) {
            reasons.add(new Reason(
                    "STALE_INPUT",
                    "The evaluation is " + Explanation.of(lag) + " behind its input; at most "
                            + Explanation.of(settings.staleAfter()) + " are allowed."));
        }
        Duration stale = health.flagsStale();
        if (stale != null && stale.compareTo(settings.flagsStaleAfter()) > 0) {
            reasons.add(new Reason(
                    "STALE_FLAGS",
                    "The flags have been out of reach for " + Explanation.of(stale) + "; after "
                            + Explanation.of(settings.flagsStaleAfter()) + " nobody knows who should be served."));
        }
        Duration idle = health.idle();
        if (pairs.total() == 0 || idle == null) {
            reasons.add(new Reason("NO_TRAFFIC", "No comparison has arrived since the stage began."));
        } else if (idle.compareTo(settings.idleAfter()) > 0) {
            reasons.add(new Reason(
                    "NO_TRAFFIC",
                    "The last comparison arrived " + Explanation.of(idle) + " ago; after "
                            + Explanation.of(settings.idleAfter()) + " the evidence no longer counts as current."));
        }
    }

    private void checkExposure(CandidateEvidence all, double declaredShare, List<Reason> reasons) {
        Optional<GateStatistics> served = all.exposure().servedShare();
        if (served.isPresent() && SampleRatio.isWrong(served.get(), declaredShare, settings)) {
            reasons.add(new Reason(
                    "SAMPLE_RATIO",
                    "The candidate served " + Explanation.percent(served.get().mean()) + " of requests, but "
                            + Explanation.percent(declaredShare) + " was declared: the flag and the declared stage"
                            + " disagree."));
        }
        Stickiness stickiness = all.exposure().stickiness();
        double allowed = Math.max(VIOLATIONS_ALWAYS_ALLOWED, settings.stickinessTolerance() * stickiness.sampled());
        if (stickiness.violations() > allowed) {
            reasons.add(new Reason(
                    "STICKINESS",
                    Explanation.count(stickiness.violations()) + " of " + Explanation.count(stickiness.sampled())
                            + " watched entities were served by production after the candidate had served them: is the"
                            + " flag's percentage by entity?"));
        }
    }

    private void checkAnswers(PairEvidence pairs, List<Reason> reasons) {
        long answers = pairs.answers();
        if (answers >= ANSWERS_FOR_INVALID_RATE && pairs.invalidAnswers() > settings.invalidLimit() * answers) {
            reasons.add(new Reason(
                    "INVALID_RATE",
                    Explanation.count(pairs.invalidAnswers()) + " of " + Explanation.count(answers)
                            + " answers are invalid (not a number, or no probability); at most "
                            + Explanation.percent(settings.invalidLimit()) + " are allowed."));
        }
        if (pairs.mismatched() > 0) {
            reasons.add(new Reason(
                    "SCHEMA_MISMATCH",
                    "On " + Explanation.count(pairs.mismatched()) + " requests the two versions do not predict the same"
                            + " thing: their tasks or classes differ."));
        }
    }
}
