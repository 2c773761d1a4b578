package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.evidence.Evidence;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one partition: their bytes in a store, and an index of them that is rebuilt from the store at the start.
 */
final class PartialEvidence {
    private final InPlaceStore store;
    private final Map<String, EvidenceSlot> slots = new HashMap<>();
    private final Map<EvidenceKind, NavigableMap<Long, Set<String>>> windows = new EnumMap<>(EvidenceKind.class);
    private final Set<String> changed = new HashSet<>();

    /** Everything counts as changed: what was told last before the start is not known. */
    PartialEvidence(InPlaceStore store) {
        this.store = store;
        for (EvidenceKind kind : EvidenceKind.values()) {
            windows.put(kind, new TreeMap<>());
        }
        for (String key : store.keys()) {
            register(key);
            changed.add(key);
        }
    }

    byte @Nullable [] get(String key) {
        return store.get(key);
    }

    void put(String key, byte[] bytes) {
        if (changed.add(key) && !slots.containsKey(key)) {
            register(key);
        }
        store.put(key, bytes);
    }

    /** Changes what stands at the key, or what begins there. */
    <E extends Evidence> void change(String key, Supplier<E> begin, Function<byte[], E> wrap, Consumer<E> change) {
        byte[] bytes = store.get(key);
        E known = bytes == null ? begin.get() : wrap.apply(bytes);
        change.accept(known);
        put(key, known.bytes());
    }

    /** Tells the slot again although its own bytes are the same. */
    void touch(String key) {
        if (slots.containsKey(key)) {
            changed.add(key);
        }
    }

    void delete(String key) {
        store.delete(key);
        changed.remove(key);
        EvidenceSlot slot = slots.remove(key);
        if (slot != null && !slot.isCumulative()) {
            Set<String> keys = windowsOf(slot.kind()).get(slot.windowStart());
            if (keys != null) {
                keys.remove(key);
                if (keys.isEmpty()) {
                    windowsOf(slot.kind()).remove(slot.windowStart());
                }
            }
        }
    }

    private void register(String key) {
        EvidenceSlot slot = EvidenceSlot.ofStoreKey(key);
        slots.put(key, slot);
        if (!slot.isCumulative()) {
            windowsOf(slot.kind())
                    .computeIfAbsent(slot.windowStart(), start -> new HashSet<>())
                    .add(key);
        }
    }

    private NavigableMap<Long, Set<String>> windowsOf(EvidenceKind kind) {
        NavigableMap<Long, Set<String>> ofKind = windows.get(kind);
        if (ofKind == null) {
            throw new IllegalStateException("every kind has an index, " + kind + " had none");
        }
        return ofKind;
    }

    /** Hands on those of the slots that changed since the last time, and forgets that they did. */
    void takeChanged(Predicate<EvidenceSlot> which, BiConsumer<EvidenceSlot, byte[]> taker) {
        changed.removeIf(key -> {
            EvidenceSlot slot = slots.get(key);
            if (slot != null && !which.test(slot)) {
                return false;
            }
            byte[] bytes = store.get(key);
            if (bytes != null && slot != null) {
                taker.accept(slot, bytes);
            }
            return true;
        });
    }

    /** Keys of the windows of a kind that start at or before the time. */
    List<String> windowsUpTo(EvidenceKind kind, long lastStart) {
        List<String> keys = new ArrayList<>();
        windowsOf(kind).headMap(lastStart, true).values().forEach(keys::addAll);
        return keys;
    }

    EvidenceSlot slot(String key) {
        EvidenceSlot slot = slots.get(key);
        if (slot == null) {
            throw new IllegalStateException("no slot has the key '" + key + "'");
        }
        return slot;
    }

    /** All windows of a kind, of one pair and epoch. */
    List<byte[]> windows(EvidenceKind kind, ModelPair pair, long epoch) {
        List<byte[]> found = new ArrayList<>();
        for (Set<String> keys : windowsOf(kind).values()) {
            for (String key : keys) {
                EvidenceSlot slot = slot(key);
                byte[] bytes = slot.epoch() == epoch && slot.pair().equals(pair) ? store.get(key) : null;
                if (bytes != null) {
                    found.add(bytes);
                }
            }
        }
        return found;
    }

    /** The highest epoch of each pair of which something is kept, by {@link ModelPair#key()}. */
    Map<String, Long> latestEpochs() {
        Map<String, Long> latest = new TreeMap<>();
        slots.values().forEach(slot -> latest.merge(slot.pair().key(), slot.epoch(), Math::max));
        return latest;
    }

    /** Slots with their keys, apart from the index, so that they may be deleted meanwhile. */
    Map<String, EvidenceSlot> find(Predicate<EvidenceSlot> wanted) {
        Map<String, EvidenceSlot> found = new HashMap<>();
        slots.forEach((key, slot) -> {
            if (wanted.test(slot)) {
                found.put(key, slot);
            }
        });
        return found;
    }
}
