package dev.understudy.flags.launchdarkly;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One state of the flags that concern us, with the answers given under it. A change of any flag makes a new one. */
final class FlagState {
    /** A boolean flag that decides alone about one version. */
    record ShadowMode(String key, ModelVersion version) {}

    private final SortedMap<String, FlagShape> shapes;
    private final List<ShadowMode> shadowModes;
    private final AnswerCache cache;
    private final boolean sameForAll;
    private volatile @Nullable Answer forAll;
    private volatile @Nullable String complaint;

    FlagState(Map<String, FlagShape> shapes, FlagKeys keys, int cacheSlots) {
        this.shapes = Collections.unmodifiableSortedMap(new TreeMap<>(shapes));
        this.cache = new AnswerCache(cacheSlots);
        this.sameForAll = cacheSlots != 0 && shapes.values().stream().allMatch(FlagShape::sameForAll);
        List<ShadowMode> modes = new ArrayList<>();
        for (String key : this.shapes.keySet()) {
            if (key.equals(keys.serving()) || key.equals(keys.candidates())) {
                continue;
            }
            Optional<ModelVersion> version =
                    ModelVersion.parse(key.substring(keys.shadowPrefix().length()));
            version.ifPresentOrElse(
                    known -> modes.add(new ShadowMode(key, known)),
                    () -> complaint = "flag '" + key + "' is ignored: after '" + keys.shadowPrefix()
                            + "' there must be the name of a model version");
        }
        this.shadowModes = List.copyOf(modes);
    }

    static boolean concerns(String key, FlagKeys keys) {
        return key.equals(keys.serving()) || key.equals(keys.candidates()) || key.startsWith(keys.shadowPrefix());
    }

    Map<String, FlagShape> shapes() {
        return shapes;
    }

    /** In the order of their keys. */
    List<ShadowMode> shadowModes() {
        return shadowModes;
    }

    boolean decidesAlone(ModelVersion version) {
        for (ShadowMode mode : shadowModes) {
            if (mode.version().equals(version)) {
                return true;
            }
        }
        return false;
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

    Optional<String> complaint() {
        return Optional.ofNullable(complaint);
    }

    void complain(String what) {
        complaint = what;
    }
}
