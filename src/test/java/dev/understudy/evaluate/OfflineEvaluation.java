package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.Origin;
import dev.understudy.evaluate.SyntheticTraffic.Placed;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EntityHash;
import dev.understudy.evidence.Evidence;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.OutcomeObservation;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What evidence a log amounts to, computed with plain sets and maps and without partial states: each origin counts once
 * for a pair; a comparison is in its window unless its partition was past the grace; the first outcome of a request counts
 * if the request's cohort is mature at the end of the log.
 */
final class OfflineEvaluation {
    private final EvaluateSettings settings;
    private final SyntheticTraffic.Log log;
    private final Map<EvidenceSlot, Evidence> evidence = new HashMap<>();
    private final Map<EvidenceSlot, LargestDifferences> differences = new HashMap<>();
    private final Map<ModelPair, Long> due = new HashMap<>();
    private final Map<ModelPair, Long> came = new HashMap<>();
    private final Map<Integer, Long> watermarks = new TreeMap<>();
    private final Map<List<String>, Outcome> firstOutcomes = new HashMap<>();
    private long replays;

    private OfflineEvaluation(EvaluateSettings settings, SyntheticTraffic.Log log) {
        this.settings = settings;
        this.log = log;
    }

    static OfflineEvaluation of(EvaluateSettings settings, SyntheticTraffic.Log log) {
        OfflineEvaluation evaluation = new OfflineEvaluation(settings, log);
        evaluation.evaluate();
        return evaluation;
    }

    private void evaluate() {
        for (Placed<Outcome> placed : log.outcomes()) {
            Outcome outcome = placed.value();
            firstOutcomes.putIfAbsent(List.of(outcome.getEntityId(), outcome.getRequestId()), outcome);
        }
        Map<Integer, Long> ends = new TreeMap<>();
        log.comparisons().forEach(placed -> ends.merge(placed.partition(), placed.timestampMillis(), Math::max));
        Set<List<Object>> counted = new HashSet<>();
        for (Placed<Comparison> placed : log.comparisons()) {
            Comparison comparison = placed.value();
            long before = watermarks.getOrDefault(placed.partition(), Long.MIN_VALUE);
            watermarks.merge(placed.partition(), placed.timestampMillis(), Math::max);
            if (counted.add(List.of(pairOf(comparison), origin(comparison.getOrigin())))) {
                add(comparison, placed.timestampMillis(), before, ends.getOrDefault(placed.partition(), 0L));
            } else {
                replays++;
            }
        }
        Set<Origin> predicted = new HashSet<>();
        for (Placed<Prediction> placed : log.predictions()) {
            if (predicted.add(origin(placed.value().getOrigin()))) {
                add(placed.value(), placed.timestampMillis());
            }
        }
    }

    private static Origin origin(dev.understudy.avro.Origin origin) {
        return new Origin(origin.getPartition(), origin.getOffset());
    }

    private static ModelPair pairOf(Comparison comparison) {
        return Observations.pair(
                comparison.getModel(), comparison.getProductionVersion(), comparison.getCandidateVersion());
    }

    private void add(Comparison comparison, long time, long watermarkBefore, long watermarkAtEnd) {
        ModelPair pair = pairOf(comparison);
        long epoch = comparison.getEpoch();
        PairObservation observation = Observations.observation(comparison, time);
        came.merge(pair, 1L, Long::sum);
        List<String> segments = new ArrayList<>(List.of(Segments.ALL));
        settings.segments().forEach(comparison.getAttributes(), segments::add);
        for (String segment : segments) {
            pairs(EvidenceSlot.cumulative(pair, epoch, EvidenceKind.PAIRS, segment))
                    .add(observation);
        }
        Observations.batch(comparison, time)
                .ifPresent(batch -> batches(EvidenceSlot.cumulative(pair, epoch, EvidenceKind.BATCHES, Segments.ALL))
                        .add(batch));
        long window = Math.floorDiv(time, 60_000L) * 60_000L;
        boolean late = watermarkBefore
                >= window + settings.window().plus(settings.grace()).toMillis();
        if (!late) {
            pairs(EvidenceSlot.window(pair, epoch, EvidenceKind.PAIRS, window)).add(observation);
            Observations.batch(comparison, time)
                    .ifPresent(batch -> batches(EvidenceSlot.window(pair, epoch, EvidenceKind.BATCHES, window))
                            .add(batch));
            addDifferences(comparison, observation, segments, window);
        }
        long cohortMillis = settings.outcomes().maturity().toMillis() / 6;
        long cohortEnd = (Math.floorDiv(time, cohortMillis) + 1) * cohortMillis;
        if (cohortEnd + settings.outcomes().maturity().toMillis() <= watermarkAtEnd) {
            addOutcome(comparison, observation, segments);
        }
    }

    private void addDifferences(
            Comparison comparison, PairObservation observation, List<String> segments, long window) {
        if (!observation.isPair()) {
            return;
        }
        double difference = PartitionDifferences.difference(observation.production(), observation.candidate());
        if (difference == 0) {
            return;
        }
        LargestDifferences largest = differences.computeIfAbsent(
                EvidenceSlot.window(pairOf(comparison), comparison.getEpoch(), EvidenceKind.DIFFERENCES, window),
                slot -> new LargestDifferences(settings.disagreements()));
        for (String segment : segments) {
            largest.offer(
                    segment,
                    difference,
                    comparison.getOrigin().getPartition(),
                    comparison.getOrigin().getOffset(),
                    () -> PartitionDifferences.disagreement(comparison, segment, difference, window));
        }
    }

    private void addOutcome(Comparison comparison, PairObservation observation, List<String> segments) {
        Outcome outcome = firstOutcomes.get(List.of(comparison.getEntityId(), comparison.getRequestId()));
        for (String segment : segments) {
            EvidenceSlot slot =
                    EvidenceSlot.cumulative(pairOf(comparison), comparison.getEpoch(), EvidenceKind.OUTCOMES, segment);
            OutcomeEvidence known =
                    kind(slot, OutcomeEvidence.class, s -> OutcomeEvidence.create(detail(s), settings.shape()));
            if (observation.isPair()) {
                known.expect();
            }
            if (outcome != null) {
                known.add(new OutcomeObservation(
                        EntityHash.of(comparison.getEntityId()),
                        observation.task(),
                        observation.classes(),
                        Observations.served(comparison),
                        observation.isPair(),
                        observation.production(),
                        observation.candidate(),
                        Observations.truth(outcome)));
            }
        }
    }

    private void add(Prediction prediction, long time) {
        for (ShadowTarget target : prediction.getShadowTargets()) {
            ModelPair pair = Observations.pair(
                    prediction.getModel(), target.getProductionVersion(), target.getCandidateVersion());
            due.merge(pair, 1L, Long::sum);
            kind(
                            EvidenceSlot.cumulative(pair, target.getEpoch(), EvidenceKind.EXPOSURE, Segments.ALL),
                            ExposureEvidence.class,
                            slot -> ExposureEvidence.create())
                    .add(Observations.exposure(prediction, target, time));
        }
    }

    private PairEvidence pairs(EvidenceSlot slot) {
        return kind(slot, PairEvidence.class, s -> PairEvidence.create(detail(s), settings.shape()));
    }

    private BatchEvidence batches(EvidenceSlot slot) {
        return kind(slot, BatchEvidence.class, s -> BatchEvidence.create(settings.shape()));
    }

    private static Detail detail(EvidenceSlot slot) {
        return slot.segment().equals(Segments.ALL) ? Detail.FULL : Detail.GATES;
    }

    private <E extends Evidence> E kind(EvidenceSlot slot, Class<E> type, Function<EvidenceSlot, E> create) {
        return type.cast(evidence.computeIfAbsent(slot, create));
    }

    /** What the merge should hold, in hexadecimal by slot, for comparing to the byte; the ledger is compared apart. */
    Map<String, String> fingerprints() {
        Map<EvidenceSlot, byte[]> bytes = new HashMap<>();
        evidence.forEach((slot, known) -> bytes.put(slot, known.bytes()));
        differences.forEach((slot, largest) -> bytes.put(slot, largest.encode()));
        return fingerprints(bytes);
    }

    static Map<String, String> fingerprints(Map<EvidenceSlot, byte[]> evidence) {
        Map<String, String> prints = new TreeMap<>();
        evidence.forEach((slot, bytes) ->
                prints.put(slot.storeKey().replace('\n', ' '), HexFormat.of().formatHex(bytes)));
        return prints;
    }

    /** Comparisons by pair: how many were due, and how many came. */
    Map<ModelPair, List<Long>> ledger() {
        Map<ModelPair, List<Long>> ledger = new HashMap<>();
        due.forEach((pair, count) -> ledger.put(pair, List.of(count, came.getOrDefault(pair, 0L))));
        return ledger;
    }

    /** Comparisons per pair and window. */
    Map<EvidenceSlot, Long> windowTotals() {
        Map<EvidenceSlot, Long> totals = new HashMap<>();
        evidence.forEach((slot, known) -> {
            if (!slot.isCumulative() && known instanceof PairEvidence pairs) {
                totals.put(slot, pairs.total());
            }
        });
        return totals;
    }

    long replays() {
        return replays;
    }
}
