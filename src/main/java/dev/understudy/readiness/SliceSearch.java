package dev.understudy.readiness;

import dev.understudy.evidence.GateStatistics;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Looks for harm that hides in a segment, over all (segment, gate) at once. The evidence is the gates' e-value for "mean
 * below m0", with the variance V_slice = (V/V_iid of the parent)·s²/n, since a slice alone has too few entities to measure
 * by how much its requests depend on each other; e-Benjamini-Hochberg at α_harm/C chooses.
 *
 * <p>Slices below the gates' minimum numbers have no evidence, but count among the S that share α: otherwise slices that
 * become large enough one after the other would be tested more leniently than they are. While no slice is harmful, the
 * chance that any is ever flagged is α_harm/C: to flag one, the mean of the S e-processes, itself an e-process, must reach
 * C/α_harm.
 *
 * @param slices all that have enough data, worst first: by how many margins the upper bound at α/S lies above m0
 */
record SliceSearch(List<Slice> slices) {
    static SliceSearch of(
            Seen all,
            Map<String, Seen> segments,
            List<Question> questions,
            StageFacts stage,
            ReadinessSettings settings) {
        List<Candidate> candidates = new ArrayList<>();
        new TreeMap<>(segments).forEach((segment, seen) -> {
            for (Question question : questions) {
                if (question.canFail() && question.gate().inSegments()) {
                    candidates.add(new Candidate(segment, question, statistics(question.gate(), all, seen, settings)));
                }
            }
        });
        double alpha = settings.alpha() / stage.candidates() / Math.max(1, candidates.size());
        double[] evidence = candidates.stream()
                .mapToDouble(candidate -> candidate.logEvidence(alpha, settings))
                .toArray();
        BitSet flagged = FalseDiscovery.rejected(evidence, settings.harmAlpha() / stage.candidates());
        List<Slice> slices = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            Slice slice = candidates.get(i).slice(alpha, settings, flagged.get(i));
            if (slice != null) {
                slices.add(slice);
            }
        }
        slices.sort(Comparator.comparingDouble(Slice::marginsAboveHarm));
        return new SliceSearch(slices);
    }

    /** Null where there is too little to judge. */
    private static @Nullable GateStatistics statistics(Gate gate, Seen all, Seen segment, ReadinessSettings settings) {
        GateStatistics seen = segment.statistics().get(gate);
        GateStatistics parent = all.statistics().get(gate);
        if (seen == null
                || parent == null
                || GateJudge.insufficiency(seen, settings) != null
                || (gate.source() == Gate.Source.OUTCOMES && segment.labelsImmature(settings))) {
            return null;
        }
        double designEffect = parent.vIid() == 0 ? 1 : parent.v() / parent.vIid();
        return new GateStatistics(
                seen.n(),
                seen.mean(),
                seen.s2(),
                seen.vIid(),
                designEffect * seen.vIid(),
                0,
                seen.kEff(),
                seen.users());
    }

    /** The flagged slices and the worst one, worst first. */
    List<Slice> reported() {
        List<Slice> reported = new ArrayList<>();
        for (int i = 0; i < slices.size(); i++) {
            if (i == 0 || slices.get(i).flagged()) {
                reported.add(slices.get(i));
            }
        }
        return reported;
    }

    List<Slice> flagged() {
        return slices.stream().filter(Slice::flagged).toList();
    }

    boolean isFlagged(String segment, Gate gate) {
        return slices.stream()
                .anyMatch(slice -> slice.flagged()
                        && slice.gate() == gate
                        && slice.segment().equals(segment));
    }

    /** One of the S questions. */
    private record Candidate(
            String segment, Question question, @Nullable GateStatistics seen) {
        double logEvidence(double alpha, ReadinessSettings settings) {
            return seen == null
                    ? Double.NEGATIVE_INFINITY
                    : sequence(seen, alpha, settings).logEvidenceBelow(question.m0());
        }

        @Nullable
        Slice slice(double alpha, ReadinessSettings settings, boolean flagged) {
            return seen == null
                    ? null
                    : new Slice(
                            segment,
                            question.gate(),
                            seen.mean(),
                            sequence(seen, alpha, settings).upper(),
                            question.m0(),
                            seen.n(),
                            seen.users(),
                            flagged);
        }

        private static ConfidenceSequence sequence(GateStatistics seen, double alpha, ReadinessSettings settings) {
            return new ConfidenceSequence(seen, -1, 1, alpha, settings.nStar(), settings.priorUsers());
        }
    }
}
