package dev.understudy.flags;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What made-up entities get, counted: the same for every flag system, and true where a description is too simple.
 *
 * @param entities how many were asked for: {@code sample-0}, {@code sample-1} ...
 * @param served how many each version serves
 * @param shadowed how many each version shadows, as far as the flags say
 * @param reasons why the serving versions serve
 * @param unusable how many of the flags' answers could not be used
 */
public record SampledShares(
        int entities,
        Map<ModelVersion, Integer> served,
        Map<ModelVersion, Integer> shadowed,
        Map<RoutingReason, Integer> reasons,
        long unusable) {
    public SampledShares {
        served = Map.copyOf(served);
        shadowed = Map.copyOf(shadowed);
        reasons = new EnumMap<>(reasons);
    }

    /** Routes that many entities with these attributes. Others must not route meanwhile. */
    public static SampledShares of(ModelFlags flags, int entities, Map<String, String> attributes) {
        Map<ModelVersion, Integer> served = new HashMap<>();
        Map<ModelVersion, Integer> shadowed = new HashMap<>();
        Map<RoutingReason, Integer> reasons = new EnumMap<>(RoutingReason.class);
        long before = flags.health().unusableAnswers();
        for (int entity = 0; entity < entities; entity++) {
            Routing routing = flags.route("sample-" + entity, attributes);
            served.merge(routing.served().version(), 1, Integer::sum);
            reasons.merge(routing.served().reason(), 1, Integer::sum);
            routing.candidates().forEach(version -> shadowed.merge(version, 1, Integer::sum));
        }
        return new SampledShares(
                entities, served, shadowed, reasons, flags.health().unusableAnswers() - before);
    }

    /** How many the version serves. */
    public int servedBy(ModelVersion version) {
        return served.getOrDefault(version, 0);
    }

    /** How many the version shadows. */
    public int shadowedBy(ModelVersion version) {
        return shadowed.getOrDefault(version, 0);
    }

    /** The versions that serve or shadow, by name. */
    public SortedSet<ModelVersion> versions() {
        SortedSet<ModelVersion> versions = new TreeSet<>(Comparator.comparing(ModelVersion::name));
        versions.addAll(served.keySet());
        versions.addAll(shadowed.keySet());
        return versions;
    }

    /** So many of the entities, in percent. */
    public double percent(int count) {
        return 100.0 * count / entities;
    }

    /** How far, in percentage points, a share of all entities may be from the one here, 19 times of 20, at most. */
    public double accuracy() {
        return 100 * 1.96 * Math.sqrt(0.25 / entities);
    }
}
