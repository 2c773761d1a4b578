package dev.understudy.flags;

import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Answers already given for one state of the flags. Bounded by its slots: an answer goes to the first free slot of the
 * few from its hash on, and where none is free it replaces any of them, so nothing has to be ordered or locked. It is
 * thrown away with the state of the flags that it belongs to.
 */
public final class AnswerCache {
    /** At most 12 MB of answers to requests with one attribute, 20 MB with three. */
    public static final int SLOTS = 1 << 15;

    /**
     * How many slots an answer may go to. Of 20,000 that take turns in 32,768 slots, 8 keep 99 %, 4 would keep 94 % and 1
     * 56 %, since those that share a slot drive each other out.
     */
    private static final int REACH = 8;

    private record Entry(int hash, String entityId, Map<String, String> attributes, Answer answer) {
        boolean answers(int askedHash, String askedId, Map<String, String> askedAttributes) {
            return hash == askedHash && entityId.equals(askedId) && askedAttributes.equals(attributes);
        }
    }

    private final AtomicReferenceArray<@Nullable Entry> slots;
    private final int reach;
    private final boolean sameForAll;
    private volatile @Nullable Answer forAll;

    /**
     * Remembers nothing yet.
     *
     * @param slots a power of two; 0 remembers nothing
     * @param sameForAll whether the flags answer everybody alike, so that one answer does for all
     */
    public AnswerCache(int slots, boolean sameForAll) {
        if (slots != 0 && Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("slots must be 0 or a power of two, was " + slots);
        }
        this.slots = new AtomicReferenceArray<>(slots);
        this.reach = Math.min(REACH, slots);
        this.sameForAll = sameForAll && slots != 0;
    }

    /** The answer given before to that question, or null. */
    public @Nullable Answer get(String entityId, Map<String, String> attributes) {
        if (isForAll(entityId)) {
            return forAll;
        }
        if (reach == 0) {
            return null;
        }
        int hash = hash(entityId, attributes);
        for (int step = 0; step < reach; step++) {
            Entry entry = slots.get(slot(hash, step));
            if (entry == null) {
                return null; // a slot once taken stays taken, so nothing was put beyond a free one
            }
            if (entry.answers(hash, entityId, attributes)) {
                return entry.answer();
            }
        }
        return null;
    }

    /** Keeps no map that the caller may change afterwards. */
    public void put(String entityId, Map<String, String> attributes, Answer answer) {
        if (isForAll(entityId)) {
            forAll = answer;
            return;
        }
        if (reach == 0) {
            return;
        }
        int hash = hash(entityId, attributes);
        Entry fresh = new Entry(hash, entityId, Map.copyOf(attributes), answer);
        for (int step = 0; step < reach; step++) {
            Entry entry = slots.get(slot(hash, step));
            if (entry == null || entry.answers(hash, entityId, attributes)) {
                slots.set(slot(hash, step), fresh);
                return;
            }
        }
        slots.set(slot(hash, ThreadLocalRandom.current().nextInt(reach)), fresh);
    }

    /** An empty entity id is refused whatever the flags say. */
    private boolean isForAll(String entityId) {
        return sameForAll && !entityId.isEmpty();
    }

    private int slot(int hash, int step) {
        return (hash + step) & (slots.length() - 1);
    }

    /** Mixed as MurmurHash3 ends: ids that are counted up have hashes that lie in few places. */
    private static int hash(String entityId, Map<String, String> attributes) {
        int hash = 31 * entityId.hashCode() + attributes.hashCode();
        hash = (hash ^ (hash >>> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >>> 13)) * 0xc2b2ae35;
        return hash ^ (hash >>> 16);
    }
}
