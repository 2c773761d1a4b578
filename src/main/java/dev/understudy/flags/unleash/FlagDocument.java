package dev.understudy.flags.unleash;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagKeys;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * The flags that concern us in what an Unleash server sent, prepared for its engine. Equal documents give equal answers.
 *
 * @param forEngine what the engine is given: our flags, marked, and all that their answers depend on
 * @param flags our flags, by key
 * @param descriptions what they are set to, for people
 * @param complaint what is wrong with the flags whoever asks, for people
 */
record FlagDocument(
        String forEngine,
        SortedMap<String, FlagDefinition> flags,
        SortedMap<String, FlagDescription> descriptions,
        Optional<String> complaint) {
    /** Added to the key of a flag: one that is on where the prerequisites of the flag are met. */
    static final String PREREQUISITES = "?prerequisites";

    /** Added to the key of a flag: one that is on for everybody, unless the engine cannot read the flag's strategies. */
    static final String READABLE = "?readable";

    /** No flags at all. */
    static final FlagDocument NONE =
            new FlagDocument("{\"version\":2,\"features\":[]}", new TreeMap<>(), new TreeMap<>(), Optional.empty());

    private static final ObjectMapper JSON = new ObjectMapper();

    FlagDocument {
        flags = Collections.unmodifiableSortedMap(new TreeMap<>(flags));
        descriptions = Collections.unmodifiableSortedMap(new TreeMap<>(descriptions));
    }

    /** Reads the answer of {@code /api/client/features}. */
    static FlagDocument read(String text, FlagKeys keys, ModelVersion defaultVersion) throws FlagDocumentException {
        JsonNode sent;
        try {
            sent = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new FlagDocumentException("the answer is no JSON", e);
        }
        if (!sent.path("features").isArray()) {
            throw new FlagDocumentException("the answer is not Unleash's");
        }
        return new Reading(sent, keys, defaultVersion).read();
    }

    /** Whether the time of day can change an answer. */
    boolean isByClock() {
        return forEngine.contains("\"contextName\":\"currentTime\"");
    }

    private static final class Reading {
        private final SortedMap<String, ObjectNode> sent = new TreeMap<>();
        private final JsonNode sentSegments;
        private final FlagKeys keys;
        private final ModelVersion defaultVersion;
        private final ObjectNode engine = JSON.createObjectNode().put("version", 2);
        private final ArrayNode features = engine.putArray("features");
        private final SortedMap<String, FlagDefinition> flags = new TreeMap<>();
        private final SortedMap<String, FlagDescription> descriptions = new TreeMap<>();
        private Optional<String> complaint = Optional.empty();

        Reading(JsonNode document, FlagKeys keys, ModelVersion defaultVersion) {
            for (JsonNode feature : document.path("features")) {
                if (feature instanceof ObjectNode object) {
                    sent.put(feature.path("name").asText(), object);
                }
            }
            this.sentSegments = document.path("segments");
            this.keys = keys;
            this.defaultVersion = defaultVersion;
        }

        FlagDocument read() throws FlagDocumentException {
            for (Map.Entry<String, ObjectNode> flag : sent.entrySet()) {
                if (keys.cover(flag.getKey())) {
                    if (!isFlag(flag.getValue())) {
                        throw new FlagDocumentException("a flag of the answer is not Unleash's");
                    }
                    take(flag.getKey(), flag.getValue());
                }
            }
            addParents();
            addSegments();
            return new FlagDocument(engine.toString(), flags, descriptions, complaint);
        }

        private static boolean isFlag(ObjectNode feature) {
            boolean isFlag = areObjects(feature.path("strategies")) && areObjects(feature.path("variants"));
            for (JsonNode strategy : feature.path("strategies")) {
                isFlag &= areObjects(strategy.path("constraints")) && areObjects(strategy.path("variants"));
            }
            return isFlag;
        }

        /** Whether it is a list of objects, or not there. */
        private static boolean areObjects(JsonNode list) {
            return list.isMissingNode()
                    || list.isNull()
                    || (list.isArray()
                            && StreamSupport.stream(list.spliterator(), false).allMatch(JsonNode::isObject));
        }

        private void take(String key, ObjectNode feature) {
            FlagUse use = FlagUse.of(key, keys);
            descriptions.put(key, FlagWords.describe(feature, sentSegments, use, defaultVersion));
            FlagDefinition definition = FlagMarker.mark(feature, use, defaultVersion);
            flags.put(key, definition);
            features.add(feature);
            if (definition.hasPrerequisites()) {
                addProbe(key + PREREQUISITES).set("dependencies", feature.get("dependencies"));
            }
            addProbe(key + READABLE)
                    .putArray("strategies")
                    .addAll(feature.withArray("strategies"))
                    .addObject()
                    .put("name", "default");
            definition.complaint().ifPresent(what -> complaint = Optional.of("flag '" + key + "' " + what));
        }

        private ObjectNode addProbe(String name) {
            return features.addObject().put("name", name).put("enabled", true);
        }

        private void addParents() {
            Set<String> parents = new TreeSet<>();
            for (JsonNode feature : features) {
                for (JsonNode dependency : feature.path("dependencies")) {
                    parents.add(dependency.path("feature").asText());
                }
            }
            parents.removeAll(flags.keySet());
            for (String parent : parents) {
                ObjectNode feature = sent.get(parent);
                if (feature != null) {
                    features.add(feature);
                }
            }
        }

        private void addSegments() {
            Set<Integer> used = new HashSet<>();
            for (JsonNode feature : features) {
                for (JsonNode strategy : feature.path("strategies")) {
                    strategy.path("segments").forEach(id -> used.add(id.asInt()));
                }
            }
            ArrayNode segments = engine.putArray("segments");
            for (JsonNode segment : sentSegments) {
                if (used.contains(segment.path("id").asInt())) {
                    segments.add(segment);
                }
            }
        }
    }
}
