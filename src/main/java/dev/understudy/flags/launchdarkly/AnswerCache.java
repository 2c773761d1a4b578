package dev.understudy.flags.launchdarkly;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Answers already given for one state of the flags. Bounded by its slots: an answer whose slot is taken replaces what is
 * there, so nothing has to be evicted or locked. It is thrown away with the state of the flags that it belongs to.
 */
final class AnswerCache {
    private record Entry(String entityId, Map<String, String> attributes, Answer answer) {}

    private final AtomicReferenceArray<@Nullable Entry> slots;

    /** The number of slots is a power of two; 0 remembers nothing. */
    AnswerCache(int slots) {
        if (slots != 0 && Integer.bitCount(slots) != 1) {
            throw new IllegalArgumentException("slots must be 0 or a power of two, was " + slots);
        }
        this.slots = new AtomicReferenceArray<>(slots);
    }

    @Nullable
    Answer get(String entityId, Map<String, String> attributes) {
        if (slots.length() == 0) {
            return null;
        }
        Entry entry = slots.get(slot(entityId, attributes));
        if (entry == null
                || !entry.entityId().equals(entityId)
                || !entry.attributes().equals(attributes)) {
            return null;
        }
        return entry.answer();
    }

    /** The attributes are copied: the caller may change its map afterwards. */
    void put(String entityId, Map<String, String> attributes, Answer answer) {
        if (slots.length() != 0) {
            slots.set(slot(entityId, attributes), new Entry(entityId, new HashMap<>(attributes), answer));
        }
    }

    private int slot(String entityId, Map<String, String> attributes) {
        int hash = 31 * entityId.hashCode() + attributes.hashCode();
        return (hash ^ (hash >>> 16)) & (slots.length() - 1);
    }
}
