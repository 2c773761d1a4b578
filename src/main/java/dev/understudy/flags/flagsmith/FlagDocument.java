package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagKeys;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * What of an environment document decides about our flags. The rest costs the SDK time with every evaluation, may hold
 * what it cannot read, and changes without concerning us: two documents that are equal here give the same answers.
 *
 * @param environment in the server's JSON, in the form that the SDK reads
 * @param splitSegments ids of the segments that divide by percentage and ask nothing else
 * @param divided keys of the flags of which a percentage decides where no rule matches
 * @param seeds what is hashed with an entity to divide it, by what is divided, for people
 * @param misfits what the SDK cannot be trusted with, by the key of the flag that it concerns
 * @param descriptions what our flags are set to, by key, for people
 */
record FlagDocument(
        ObjectNode environment,
        Set<Integer> splitSegments,
        Set<String> divided,
        Map<String, String> seeds,
        Map<String, String> misfits,
        Map<String, FlagDescription> descriptions) {
    static final String STATES = "feature_states";
    static final String OWN_STATES = "identity_features";
    static final String OPTIONS = "multivariate_feature_state_values";

    static FlagDocument of(JsonNode document, FlagKeys keys) {
        FlagDocument read = new FlagDocument(
                JsonNodeFactory.instance.objectNode(),
                new TreeSet<>(),
                new TreeSet<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>());
        read.take(document, keys);
        return read;
    }

    private void take(JsonNode document, FlagKeys keys) {
        copy(document, environment, "api_key", "name");
        ArrayNode flags = states(document.path(STATES), keys);
        environment.set(STATES, flags);
        for (JsonNode flag : flags) {
            if (divides(flag)) {
                divided.add(key(flag));
                takeSeed(flag, "");
            }
        }
        ObjectNode project = environment.putObject("project");
        // Else the SDK keeps silent about flags that are off, where somebody chose so for the project.
        project.put("hide_disabled_flags", false);
        ArrayNode segments = project.putArray("segments");
        for (JsonNode segment : document.path("project").path("segments")) {
            ArrayNode states = states(segment.path(STATES), keys);
            if (!states.isEmpty()) {
                takeSegment(segment, states, segments);
            }
        }
        ArrayNode identities = environment.putArray("identity_overrides");
        for (JsonNode identity : document.path("identity_overrides")) {
            ArrayNode states = states(identity.path(OWN_STATES), keys);
            if (!states.isEmpty()) {
                copy(identity, identities.addObject(), "identifier").set(OWN_STATES, states);
            }
        }
        for (JsonNode flag : flags) {
            descriptions.put(key(flag), FlagWords.describe(document, keys, flag, misfits.get(key(flag))));
        }
    }

    private void takeSegment(JsonNode segment, ArrayNode states, ArrayNode into) {
        SegmentShape shape = SegmentShape.of(segment);
        if (shape.misfit().isPresent()) {
            keysOf(states).forEach(key -> misfits.put(key, shape.misfit().get()));
            return;
        }
        copy(segment, into.addObject(), "id", "rules").set(STATES, states);
        for (JsonNode state : states) {
            if (divides(state)) {
                takeSeed(state, " of segment '" + segment.path("name").asText() + "'");
            }
        }
        if (shape.splitOnly()) {
            splitSegments.add(segment.path("id").asInt());
            divided.addAll(keysOf(states));
        }
    }

    /** Without ids the SDK would make up new ones with every document, and nobody would stay on a side. */
    private void takeSeed(JsonNode state, String where) {
        int id = state.path("django_id").asInt();
        String seed = id == 0 ? state.path("featurestate_uuid").asText("") : Integer.toString(id);
        boolean ordered = StreamSupport.stream(state.path(OPTIONS).spliterator(), false)
                .allMatch(option -> option.hasNonNull("id"));
        if (seed.isEmpty() || !ordered) {
            misfits.put(key(state), "divides by percentage, but Flagsmith sent no ids to divide by");
        } else {
            seeds.put("flag '" + key(state) + "'" + where, seed);
        }
    }

    /** Whether a flag's state gives some entities something else than others. */
    private static boolean divides(JsonNode state) {
        return StreamSupport.stream(state.path(OPTIONS).spliterator(), false)
                .anyMatch(option -> option.path("percentage_allocation").asDouble() > 0);
    }

    /** The keys of the flags that exist. */
    Set<String> keys() {
        return keysOf(environment.path(STATES));
    }

    /** What divides by something else than before, so that entities have changed sides; for people. */
    Optional<String> redrawnSince(FlagDocument before) {
        return seeds.entrySet().stream()
                .filter(seed -> {
                    String old = before.seeds.get(seed.getKey());
                    return old != null && !old.equals(seed.getValue());
                })
                .map(Map.Entry::getKey)
                .findFirst();
    }

    private static Set<String> keysOf(Iterable<JsonNode> states) {
        Set<String> keys = new TreeSet<>();
        states.forEach(state -> keys.add(key(state)));
        return keys;
    }

    private static ArrayNode states(JsonNode from, FlagKeys keys) {
        ArrayNode ours = JsonNodeFactory.instance.arrayNode();
        from.forEach(state -> {
            if (keys.cover(key(state))) {
                ours.add(state);
            }
        });
        return ours;
    }

    static String key(JsonNode state) {
        return state.path("feature").path("name").asText("");
    }

    private static ObjectNode copy(JsonNode from, ObjectNode into, String... names) {
        for (String name : names) {
            if (from.has(name)) {
                into.set(name, from.get(name));
            }
        }
        return into;
    }
}
