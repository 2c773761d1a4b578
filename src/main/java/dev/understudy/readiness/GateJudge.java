package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Judges one gate: INSUFFICIENT before any bound can be trusted, FAIL when the evidence for "mean below m0" reaches
 * G/α_harm (by Markov's inequality over G gates a harmless candidate then ever fails with chance α_harm), PASS when the
 * lower bound lies above m0, else UNDECIDED.
 */
final class GateJudge {
    private static final double WORST = -1;
    private static final double BEST = 1;
    /** B(n)² for n between n* and ten times n*, roughly. */
    private static final double SQUARED_MULTIPLIER = 8.4;

    private static final double LONGEST_PROJECTION = 1e9;

    private final ReadinessSettings settings;
    private final double alpha;
    private final double logHarmThreshold;

    /**
     * @param gates how many gates are judged together
     * @param candidates how many candidates are judged at once
     */
    GateJudge(ReadinessSettings settings, int gates, int candidates) {
        this.settings = settings;
        this.alpha = settings.alpha() / candidates;
        this.logHarmThreshold = StrictMath.log(gates * candidates / settings.harmAlpha());
    }

    GateResult judge(Gate gate, Optional<GateStatistics> statistics, double margin) {
        double m0 = -margin;
        if (statistics.isEmpty()) {
            return new GateResult(gate, GateStatus.INSUFFICIENT, null, null, m0, 0, 0, "TOO_FEW_REQUESTS", null);
        }
        GateStatistics seen = statistics.get();
        ConfidenceSequence sequence = sequence(seen);
        double lower = sequence.lower();
        if (seen.n() < settings.minimumRequests()) {
            return result(gate, GateStatus.INSUFFICIENT, seen, lower, m0, "TOO_FEW_REQUESTS", null);
        }
        if (seen.users() < settings.minimumEntities()) {
            return result(gate, GateStatus.INSUFFICIENT, seen, lower, m0, "TOO_FEW_ENTITIES", null);
        }
        if (seen.kEff() < settings.minimumBuckets()) {
            return result(gate, GateStatus.INSUFFICIENT, seen, lower, m0, "TOO_CONCENTRATED", null);
        }
        if (sequence.logEvidenceBelow(m0) >= logHarmThreshold) {
            return result(gate, GateStatus.FAIL, seen, lower, m0, "HARM_PROVEN", null);
        }
        if (lower > m0) {
            return result(gate, GateStatus.PASS, seen, lower, m0, null, null);
        }
        if (seen.mean() <= m0) {
            return result(gate, GateStatus.UNDECIDED, seen, lower, m0, "OBSERVED_BELOW_MARGIN", null);
        }
        return result(gate, GateStatus.UNDECIDED, seen, lower, m0, "BOUND_BELOW_MARGIN", requestsNeeded(seen, m0));
    }

    private ConfidenceSequence sequence(GateStatistics seen) {
        return new ConfidenceSequence(seen, WORST, BEST, alpha, settings.nStar(), settings.priorUsers());
    }

    private static GateResult result(
            Gate gate,
            GateStatus status,
            GateStatistics seen,
            double lower,
            double m0,
            @Nullable String reason,
            @Nullable Long needed) {
        return new GateResult(gate, status, seen.mean(), lower, m0, seen.n(), seen.users(), reason, needed);
    }

    /**
     * Further requests until the bound clears m0, if they are as those seen: the larger of 8.4·(V/V_iid)·s²/(x̄−m0)² − n and
     * of what the bound itself says when requests and entities grow in proportion. The second sees the prior, which is all
     * that matters for rare events. Null when it is out of reach.
     */
    private @Nullable Long requestsNeeded(GateStatistics seen, double m0) {
        double distance = seen.mean() - m0;
        double designEffect = seen.vIid() == 0 ? 1 : seen.v() / seen.vIid();
        double byRule = SQUARED_MULTIPLIER * designEffect * seen.s2() / (distance * distance) - seen.n();
        double enough = 2;
        while (!passes(seen, enough, m0)) {
            enough *= 2;
            if (enough > LONGEST_PROJECTION) {
                return null;
            }
        }
        double tooLittle = enough / 2;
        while (enough / tooLittle > 1.001) {
            double middle = Math.sqrt(enough * tooLittle);
            if (passes(seen, middle, m0)) {
                enough = middle;
            } else {
                tooLittle = middle;
            }
        }
        return (long) Math.ceil(Math.max(byRule, seen.n() * (enough - 1)));
    }

    private boolean passes(GateStatistics seen, double times, double m0) {
        GateStatistics later = new GateStatistics(
                (long) (seen.n() * times),
                seen.mean(),
                seen.s2(),
                seen.vIid() / times,
                seen.vUsers() / times,
                seen.vBlocks() / times,
                seen.kEff(),
                (long) (seen.users() * times));
        return sequence(later).lower() > m0;
    }
}
