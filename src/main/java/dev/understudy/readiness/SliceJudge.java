package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;

/**
 * Finds the segments that a candidate harms although it may be harmless on the whole. All slices, a gate in a segment
 * each, are looked at together: of those that are flagged by the e-Benjamini-Hochberg procedure a share of at most α_harm
 * is harmless, whatever the dependence between them.
 *
 * <p>A segment has too few buckets of entities for a variance of its own, so it takes over how much that of all requests
 * exceeds the independent one: V_slice = (V/V_iid of all requests)·s²/n.
 */
final class SliceJudge {
    private final ReadinessSettings settings;
    private final int candidates;
    private final List<Slice> slices = new ArrayList<>();
    private final List<Double> evidence = new ArrayList<>();
    private final int hypotheses;

    /** @param hypotheses how many slices there are, with evidence or without */
    SliceJudge(ReadinessSettings settings, int candidates, int hypotheses) {
        this.settings = settings;
        this.candidates = candidates;
        this.hypotheses = Math.max(1, hypotheses);
    }

    /** Adds a slice; one with too little data cannot be flagged, but is one of the hypotheses. */
    void add(String segment, Gate gate, GateStatistics parent, GateStatistics seen, double m0) {
        double inflation = parent.vIid() == 0 ? 1 : parent.v() / parent.vIid();
        GateStatistics inflated = new GateStatistics(
                seen.n(),
                seen.mean(),
                seen.s2(),
                seen.vIid(),
                Math.max(1, inflation) * seen.vIid(),
                0,
                seen.kEff(),
                seen.users());
        ConfidenceSequence sequence = new ConfidenceSequence(
                inflated,
                GateJudge.WORST,
                GateJudge.BEST,
                settings.alpha() / candidates / hypotheses,
                settings.nStar(),
                settings.priorUsers());
        boolean enough = seen.n() >= settings.minimumRequests() && seen.users() >= settings.minimumEntities();
        slices.add(new Slice(segment, gate, seen.mean(), sequence.upper(), m0, seen.n(), seen.users(), false));
        evidence.add(enough ? sequence.logEvidenceBelow(m0) : Double.NEGATIVE_INFINITY);
    }

    /** All slices, those flagged first, then by how far the upper bound lies below or above the margin. */
    List<Slice> judge() {
        double[] logEvidence = new double[hypotheses];
        Arrays.fill(logEvidence, Double.NEGATIVE_INFINITY);
        for (int i = 0; i < evidence.size(); i++) {
            logEvidence[i] = evidence.get(i);
        }
        BitSet flagged = FalseDiscovery.rejected(logEvidence, settings.harmAlpha() / candidates);
        List<Slice> judged = new ArrayList<>();
        for (int i = 0; i < slices.size(); i++) {
            Slice slice = slices.get(i);
            judged.add(new Slice(
                    slice.segment(),
                    slice.gate(),
                    slice.observed(),
                    slice.upperBound(),
                    slice.margin(),
                    slice.requests(),
                    slice.entities(),
                    flagged.get(i)));
        }
        judged.sort(Comparator.comparing((Slice slice) -> !slice.flagged())
                .thenComparingDouble(slice -> slice.upperBound() - slice.margin())
                .thenComparing(Slice::segment)
                .thenComparing(Slice::gate));
        return judged;
    }
}
