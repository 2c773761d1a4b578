package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.evidence.EvidenceShape;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** Keys in the stores for one pair and epoch, made once, so that a record costs no building of strings. */
final class PairKeys {
    private final ModelPair pair;
    private final long epoch;
    private final EvidenceShape shape;
    private final Map<EvidenceKind, Map<String, String>> cumulative = new EnumMap<>(EvidenceKind.class);
    private final Map<EvidenceKind, Map<Long, Map<String, String>>> windows = new EnumMap<>(EvidenceKind.class);
    private final Map<Integer, String> marks = new HashMap<>();

    /** @param shape of the epoch's evidence, with the references that were declared with it */
    PairKeys(ModelPair pair, long epoch, EvidenceShape shape) {
        this.pair = pair;
        this.epoch = epoch;
        this.shape = shape;
        for (EvidenceKind kind : EvidenceKind.values()) {
            cumulative.put(kind, new HashMap<>());
            windows.put(kind, new HashMap<>());
        }
    }

    ModelPair pair() {
        return pair;
    }

    long epoch() {
        return epoch;
    }

    EvidenceShape shape() {
        return shape;
    }

    String cumulative(EvidenceKind kind, String segment) {
        return of(cumulative, kind)
                .computeIfAbsent(
                        segment,
                        s -> EvidenceSlot.cumulative(pair, epoch, kind, s).storeKey());
    }

    String window(EvidenceKind kind, long start, String segment) {
        return of(windows, kind)
                .computeIfAbsent(start, s -> new HashMap<>())
                .computeIfAbsent(segment, s -> new EvidenceSlot(pair, epoch, kind, s, start).storeKey());
    }

    String mark(int originPartition) {
        return marks.computeIfAbsent(originPartition, p -> MarkKeys.ofPair(pair, p));
    }

    void forgetWindow(EvidenceKind kind, long start) {
        of(windows, kind).remove(start);
    }

    private static <V> V of(Map<EvidenceKind, V> byKind, EvidenceKind kind) {
        V value = byKind.get(kind);
        if (value == null) {
            throw new IllegalStateException("every kind has its keys, " + kind + " had none");
        }
        return value;
    }
}
