package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/**
 * Judges one gate: INSUFFICIENT before any bound can be trusted, FAIL when harm is proven, PASS when the lower bound lies
 * above m0, else UNDECIDED.
 *
 * <p>Harm is proven when the evidence for "mean below m0" reaches G·C/α_harm: by Ville's inequality, summed over G gates
 * and C candidates, harmless candidates then ever fail with chance α_harm. The arms have no e-value of their own; there
 * the upper bound of the candidate's mean and the lower bound of production's, each at α_harm/(2·G·C), prove it: by the
 * union of the two bounds the chance is α_harm/(G·C) again.
 */
final class GateJudge {
    private static final double WORST = -1;
    private static final double BEST = 1;
    /** B(n)² for n between n* and ten times n*, roughly. */
    private static final double SQUARED_MULTIPLIER = 8.4;

    private static final double LONGEST_PROJECTION = 1e9;

    private final ReadinessSettings settings;
    private final double alpha;
    private final double harmAlpha;

    /**
     * @param gates how many gates can fail
     * @param candidates how many candidates are judged at once
     */
    GateJudge(ReadinessSettings settings, int gates, int candidates) {
        this.settings = settings;
        this.alpha = settings.alpha() / candidates;
        this.harmAlpha = settings.harmAlpha() / (Math.max(1, gates) * (double) candidates);
    }

    /** Whether the evidence for harm reaches this judge's threshold. */
    boolean provesHarm(GateStatistics seen, double m0) {
        return insufficiency(seen, settings) == null
                && sequence(seen, alpha).logEvidenceBelow(m0) >= StrictMath.log(1 / harmAlpha);
    }

    /**
     * A gate on one mean.
     *
     * @param harm whether harm is proven; it has no say while there is too little data
     */
    GateResult judge(Gate gate, GateStatistics seen, double m0, boolean harm) {
        double lower = sequence(seen, alpha).lower();
        Finding finding = Finding.of(insufficiency(seen, settings), harm, seen.mean(), lower, m0);
        return result(
                gate,
                finding.status(),
                seen,
                lower,
                m0,
                finding.reason(),
                finding.moreMayHelp() ? requestsNeeded(seen, m0) : null);
    }

    /** What can be shown of a gate that must not be judged. */
    GateResult insufficient(Gate gate, @Nullable GateStatistics seen, double m0, String reason) {
        return seen == null
                ? new GateResult(gate, GateStatus.INSUFFICIENT, null, null, null, m0, 0, 0, reason, null)
                : result(
                        gate,
                        GateStatus.INSUFFICIENT,
                        seen,
                        sequence(seen, alpha).lower(),
                        m0,
                        reason,
                        null);
    }

    /** The gate on two arms: the candidate's mean minus production's, neither paired with the other. */
    GateResult judgeArms(GateStatistics production, GateStatistics candidate, double m0, boolean canFail) {
        double observed = candidate.mean() - production.mean();
        double lower = lowerDifference(production, candidate, alpha);
        long n = production.n() + candidate.n();
        long entities = production.users() + candidate.users();
        String insufficient = insufficiency(candidate, settings);
        insufficient = insufficient == null ? insufficiency(production, settings) : insufficient;
        double upper = -lowerDifference(candidate, production, harmAlpha);
        boolean harm = insufficient == null && canFail && upper < m0;
        Finding finding = Finding.of(insufficient, harm, observed, lower, m0);
        Long needed = finding.moreMayHelp()
                ? further(n, times -> lowerDifference(grown(production, times), grown(candidate, times), alpha) > m0)
                : null;
        return new GateResult(
                Gate.BUSINESS, finding.status(), observed, lower, upper, m0, n, entities, finding.reason(), needed);
    }

    /** How a gate stands, whatever it is on. */
    private record Finding(GateStatus status, @Nullable String reason) {
        private static final String BOUND_BELOW_MARGIN = "BOUND_BELOW_MARGIN";

        /** The first that holds: too little data, proven harm, a bound above m0. */
        static Finding of(@Nullable String insufficient, boolean harm, double observed, double lower, double m0) {
            if (insufficient != null) {
                return new Finding(GateStatus.INSUFFICIENT, insufficient);
            }
            if (harm) {
                return new Finding(GateStatus.FAIL, "HARM_PROVEN");
            }
            if (lower > m0) {
                return new Finding(GateStatus.PASS, null);
            }
            return new Finding(GateStatus.UNDECIDED, observed <= m0 ? "OBSERVED_BELOW_MARGIN" : BOUND_BELOW_MARGIN);
        }

        /** Whether the bound may clear m0 once there are more requests, if they are as those seen. */
        boolean moreMayHelp() {
            return BOUND_BELOW_MARGIN.equals(reason);
        }
    }

    /** Lower bound of mean(better) − mean(worse), each side at half of a. */
    double lowerDifference(GateStatistics worse, GateStatistics better, double a) {
        return sequence(better, a / 2).lower() - sequence(worse, a / 2).upper();
    }

    double alpha() {
        return alpha;
    }

    private ConfidenceSequence sequence(GateStatistics seen, double a) {
        return new ConfidenceSequence(seen, WORST, BEST, a, settings.nStar(), settings.priorUsers());
    }

    /** Why no bound on so little can be trusted yet; null when it can. */
    static @Nullable String insufficiency(GateStatistics seen, ReadinessSettings settings) {
        if (seen.n() < settings.minimumRequests()) {
            return "TOO_FEW_REQUESTS";
        }
        if (seen.users() < settings.minimumEntities()) {
            return "TOO_FEW_ENTITIES";
        }
        return seen.kEff() < settings.minimumBuckets() ? "TOO_CONCENTRATED" : null;
    }

    private GateResult result(
            Gate gate,
            GateStatus status,
            GateStatistics seen,
            double lower,
            double m0,
            @Nullable String reason,
            @Nullable Long needed) {
        return new GateResult(
                gate,
                status,
                seen.mean(),
                lower,
                sequence(seen, harmAlpha).upper(),
                m0,
                seen.n(),
                seen.users(),
                reason,
                needed);
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
        Long byBound =
                further(seen.n(), times -> sequence(grown(seen, times), alpha).lower() > m0);
        return byBound == null ? null : (Long) Math.max(byBound, (long) Math.ceil(byRule));
    }

    /** How many more than n it takes until what is seen passes, to 0.1 %; null when it is out of reach. */
    private static @Nullable Long further(long n, DoublePredicate passesWhenGrown) {
        double enough = 2;
        while (!passesWhenGrown.test(enough)) {
            enough *= 2;
            if (enough > LONGEST_PROJECTION) {
                return null;
            }
        }
        double tooLittle = enough / 2;
        while (enough / tooLittle > 1.001) {
            double middle = Math.sqrt(enough * tooLittle);
            if (passesWhenGrown.test(middle)) {
                enough = middle;
            } else {
                tooLittle = middle;
            }
        }
        return (long) Math.ceil(n * (enough - 1));
    }

    private static GateStatistics grown(GateStatistics seen, double times) {
        return new GateStatistics(
                (long) (seen.n() * times),
                seen.mean(),
                seen.s2(),
                seen.vIid() / times,
                seen.vUsers() / times,
                seen.vBlocks() / times,
                seen.kEff(),
                (long) (seen.users() * times));
    }
}
