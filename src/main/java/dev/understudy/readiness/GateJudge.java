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
    static final double WORST = -1;
    static final double BEST = 1;
    /** B(n)² for n between n* and ten times n*, roughly. */
    private static final double SQUARED_MULTIPLIER = 8.4;

    private static final double LONGEST_PROJECTION = 1e9;

    private final ReadinessSettings settings;
    private final double alpha;
    private final double harmAlphaPerGate;

    /**
     * @param gates how many gates can fail
     * @param candidates how many candidates are judged at once
     */
    GateJudge(ReadinessSettings settings, int gates, int candidates) {
        this.settings = settings;
        this.alpha = settings.alpha() / candidates;
        this.harmAlphaPerGate = settings.harmAlpha() / (Math.max(1, gates) * (double) candidates);
    }

    /** Judges by one metric; m0 is what the mean must lie above. */
    GateResult judge(Gate gate, Optional<GateStatistics> statistics, double m0) {
        if (statistics.isEmpty()) {
            return nothing(gate, m0, "TOO_FEW_REQUESTS");
        }
        GateStatistics seen = statistics.get();
        String tooLittle = tooLittle(seen);
        ConfidenceSequence sequence = sequence(seen);
        double lower = sequence.lower();
        if (tooLittle != null) {
            return result(gate, GateStatus.INSUFFICIENT, seen, lower, m0, tooLittle, null);
        }
        if (sequence.logEvidenceBelow(m0) >= -StrictMath.log(harmAlphaPerGate)) {
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

    /**
     * Judges the difference of two independent means by their bounds: lower of the candidate's arm minus upper of
     * production's, each at α/2. Harm is proven when the other two bounds, at half the chance of harm each, lie apart the
     * other way; by the union bound their difference is ever wrong with the gate's share of that chance.
     */
    GateResult judgeArms(
            Gate gate, Optional<GateStatistics> production, Optional<GateStatistics> candidate, double m0) {
        if (production.isEmpty() || candidate.isEmpty()) {
            return nothing(gate, m0, "TOO_FEW_REQUESTS");
        }
        GateStatistics p = production.get();
        GateStatistics c = candidate.get();
        double observed = c.mean() - p.mean();
        double bound = sequence(c, alpha / 2).lower() - sequence(p, alpha / 2).upper();
        String reason = tooLittle(c) != null ? tooLittle(c) : tooLittle(p);
        GateStatus status;
        if (reason != null) {
            status = GateStatus.INSUFFICIENT;
        } else if (sequence(c, harmAlphaPerGate / 2).upper()
                        - sequence(p, harmAlphaPerGate / 2).lower()
                < m0) {
            status = GateStatus.FAIL;
            reason = "HARM_PROVEN";
        } else if (bound > m0) {
            status = GateStatus.PASS;
        } else {
            status = GateStatus.UNDECIDED;
            reason = observed <= m0 ? "OBSERVED_BELOW_MARGIN" : "BOUND_BELOW_MARGIN";
        }
        return new GateResult(gate, status, observed, bound, m0, p.n() + c.n(), p.users() + c.users(), reason, null);
    }

    /** A gate of which nothing can be said, and why. */
    static GateResult nothing(Gate gate, double m0, String reason) {
        return new GateResult(gate, GateStatus.INSUFFICIENT, null, null, m0, 0, 0, reason, null);
    }

    private @Nullable String tooLittle(GateStatistics seen) {
        if (seen.n() < settings.minimumRequests()) {
            return "TOO_FEW_REQUESTS";
        }
        if (seen.users() < settings.minimumEntities()) {
            return "TOO_FEW_ENTITIES";
        }
        return seen.kEff() < settings.minimumBuckets() ? "TOO_CONCENTRATED" : null;
    }

    private ConfidenceSequence sequence(GateStatistics seen) {
        return sequence(seen, alpha);
    }

    private ConfidenceSequence sequence(GateStatistics seen, double chance) {
        return new ConfidenceSequence(seen, WORST, BEST, chance, settings.nStar(), settings.priorUsers());
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
     * Further observations until the bound clears m0, if they are as those seen: the larger of
     * 8.4·(V/V_iid)·s²/(x̄−m0)² − n and of what the bound itself says when requests and entities grow in proportion. The
     * second sees the prior, which is all that matters for rare events. Null when it is out of reach.
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
