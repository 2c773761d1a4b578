package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.Answer;
import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.KnownFlags;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One state of the flags that concern us, with the answers given under it. A change of any flag makes a new one. */
final class FlagState {
    private final Map<String, FlagShape> shapes;
    private final KnownFlags known;
    private final AnswerCache cache;
    private final boolean sameForAll;
    private volatile @Nullable Answer forAll;

    FlagState(Map<String, FlagShape> shapes, KnownFlags known, int cacheSlots) {
        this.shapes = Map.copyOf(shapes);
        this.known = known;
        this.cache = new AnswerCache(cacheSlots);
        this.sameForAll = cacheSlots != 0 && shapes.values().stream().allMatch(FlagShape::sameForAll);
    }

    Map<String, FlagShape> shapes() {
        return shapes;
    }

    /** Of a flag that is known. */
    FlagShape shape(String key) {
        return Objects.requireNonNull(shapes.get(key), key);
    }

    KnownFlags known() {
        return known;
    }

    /** The answer given before to that question, or null. */
    @Nullable
    Answer remembered(String entityId, Map<String, String> attributes) {
        return isForAll(entityId) ? forAll : cache.get(entityId, attributes);
    }

    void remember(String entityId, Map<String, String> attributes, Answer answer) {
        if (isForAll(entityId)) {
            forAll = answer;
        } else {
            cache.put(entityId, attributes, answer);
        }
    }

    /** An empty entity id is refused whatever the flags say. */
    private boolean isForAll(String entityId) {
        return sameForAll && !entityId.isEmpty();
    }
}
