package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.KnownFlags;
import java.util.Map;
import java.util.Objects;

/** One state of the flags that concern us, with the answers given under it. A change of any flag makes a new one. */
final class FlagState {
    private final Map<String, FlagShape> shapes;
    private final KnownFlags known;
    private final AnswerCache answers;

    FlagState(Map<String, FlagShape> shapes, KnownFlags known, int cacheSlots) {
        this.shapes = Map.copyOf(shapes);
        this.known = known;
        this.answers = new AnswerCache(cacheSlots, shapes.values().stream().allMatch(FlagShape::sameForAll));
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

    AnswerCache answers() {
        return answers;
    }
}
