package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ModelResult;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.PairObservation;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The largest differences of the open windows of one partition, for people who want to look at examples. */
final class PartitionDifferences {
    private final EvaluateSettings settings;
    private final PartialEvidence evidence;
    /** Decoded, for few comparisons are among the largest. */
    private final Map<String, LargestDifferences> open = new HashMap<>();

    PartitionDifferences(EvaluateSettings settings, PartialEvidence evidence) {
        this.settings = settings;
        this.evidence = evidence;
    }

    void add(
            PairKeys keys,
            long windowStart,
            Comparison comparison,
            PairObservation observation,
            List<String> segments) {
        if (settings.disagreements() == 0 || !observation.isPair()) {
            return;
        }
        double difference = difference(observation.production(), observation.candidate());
        if (difference == 0) {
            return;
        }
        String key = keys.window(EvidenceKind.DIFFERENCES, windowStart, Segments.ALL);
        LargestDifferences largest = open.computeIfAbsent(key, this::read);
        boolean kept = offer(largest, Segments.ALL, difference, comparison, windowStart);
        for (String segment : segments) {
            kept |= offer(largest, segment, difference, comparison, windowStart);
        }
        if (kept) {
            evidence.put(key, largest.encode());
        }
    }

    void forget(String key) {
        open.remove(key);
    }

    /**
     * Candidate minus production where both gave a number; for classes, how much more probable the candidate takes the
     * class that it chose, or 1 where there are no probabilities; 0 for the same class.
     */
    static double difference(Answer production, Answer candidate) {
        Double p = production.score();
        Double c = candidate.score();
        if (p != null && c != null) {
            return c - p;
        }
        String label = candidate.label();
        if (label == null || label.equals(production.label())) {
            return 0;
        }
        Double probableP = production.probabilities().get(label);
        Double probableC = candidate.probabilities().get(label);
        return probableP == null || probableC == null ? 1 : Math.max(0, probableC - probableP);
    }

    private LargestDifferences read(String key) {
        byte[] known = evidence.get(key);
        return known == null
                ? new LargestDifferences(settings.disagreements())
                : LargestDifferences.decode(known, settings.disagreements());
    }

    private static boolean offer(
            LargestDifferences largest, String segment, double difference, Comparison comparison, long windowStart) {
        return largest.offer(
                segment,
                difference,
                comparison.getOrigin().getPartition(),
                comparison.getOrigin().getOffset(),
                () -> disagreement(comparison, segment, difference, windowStart));
    }

    static Disagreement disagreement(Comparison comparison, String segment, double difference, long windowStart) {
        ModelResult candidate = comparison
                .getCandidate()
                .orElseThrow(() -> new IllegalStateException("a pair of answers has an answer of the candidate"));
        return Disagreement.newBuilder()
                .setModel(comparison.getModel())
                .setProductionVersion(comparison.getProductionVersion())
                .setCandidateVersion(comparison.getCandidateVersion())
                .setSegment(segment)
                .setWindowStart(Instant.ofEpochMilli(windowStart))
                .setRequestId(comparison.getRequestId())
                .setOrigin(comparison.getOrigin())
                .setProduction(comparison.getProduction())
                .setCandidate(candidate)
                .setDifference(difference)
                .setFeatures(comparison.getFeatures())
                .build();
    }
}
