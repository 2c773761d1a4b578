package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.Origin;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What evidence a log of comparisons amounts to, computed with plain sets and without partial states: each origin counts
 * once for a pair; a comparison is in its window unless its partition was past the grace.
 */
final class OfflineEvaluation {
    private final EvaluateSettings settings;
    private final Map<EvidenceSlot, PairEvidence> evidence = new java.util.HashMap<>();
    private final Map<Integer, Long> watermarks = new TreeMap<>();
    private final Set<List<Object>> counted = new HashSet<>();
    private long replays;

    private OfflineEvaluation(EvaluateSettings settings) {
        this.settings = settings;
    }

    static OfflineEvaluation of(EvaluateSettings settings, List<SyntheticComparisons.Placed> log) {
        OfflineEvaluation evaluation = new OfflineEvaluation(settings);
        log.forEach(evaluation::add);
        return evaluation;
    }

    private void add(SyntheticComparisons.Placed placed) {
        Comparison comparison = placed.comparison();
        ModelPair pair = Observations.pair(comparison);
        Origin origin = new Origin(
                comparison.getOrigin().getPartition(), comparison.getOrigin().getOffset());
        long before = watermarks.getOrDefault(placed.partition(), Long.MIN_VALUE);
        watermarks.merge(placed.partition(), placed.timestampMillis(), Math::max);
        if (!counted.add(List.of(pair, origin))) {
            replays++;
            return;
        }
        PairObservation observation = Observations.observation(comparison, placed.timestampMillis());
        List<EvidenceSlot> slots = new ArrayList<>();
        slots.add(EvidenceSlot.cumulative(pair, comparison.getEpoch(), Segments.ALL));
        long window = Math.floorDiv(placed.timestampMillis(), 60_000L) * 60_000L;
        boolean late =
                before >= window + settings.window().plus(settings.grace()).toMillis();
        if (!late) {
            slots.add(EvidenceSlot.window(pair, comparison.getEpoch(), window));
        }
        settings.segments()
                .forEach(
                        comparison.getAttributes(),
                        segment -> slots.add(EvidenceSlot.cumulative(pair, comparison.getEpoch(), segment)));
        for (EvidenceSlot slot : slots) {
            evidence.computeIfAbsent(
                            slot,
                            s -> PairEvidence.create(
                                    s.segment().equals(Segments.ALL) ? Detail.FULL : Detail.GATES, settings.shape()))
                    .add(observation);
        }
    }

    Map<EvidenceSlot, PairEvidence> evidence() {
        return evidence;
    }

    /** Bytes in hexadecimal by slot, for comparing to the byte. */
    Map<String, String> fingerprints() {
        return fingerprints(evidence);
    }

    static Map<String, String> fingerprints(Map<EvidenceSlot, PairEvidence> evidence) {
        Map<String, String> prints = new TreeMap<>();
        evidence.forEach((slot, pair) -> prints.put(
                slot.storeKey().replace('\n', ' '),
                pair.total() + ":" + java.util.HexFormat.of().formatHex(pair.bytes())));
        return prints;
    }

    long replays() {
        return replays;
    }
}
