package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.FlagsDraft;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes drafts in the JSON that Unleash knows flags by. */
final class UnleashJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    /** The server lays variants out by their names: so named, the default is in the middle and candidates at the ends. */
    private static final List<String> NAMES = List.of("a-v2", "b-v1", "c-v3");

    private UnleashJson() {}

    record Flag(boolean on, List<ObjectNode> strategies) {}

    /** The flags of a draft by their keys. */
    static Map<String, Flag> flags(FlagsDraft draft) {
        Map<String, Flag> flags = new LinkedHashMap<>();
        flags.put("ml-model-version", serving(draft.serving()));
        String candidates = JSON.arrayNode()
                .addAll(draft.candidates().stream().map(JSON::textNode).toList())
                .toString();
        flags.put(
                "shadow-candidates",
                new Flag(
                        draft.candidatesOn(),
                        List.of(rollout("shadow-candidates", 100, variant("listed", 1000, "json", candidates)))));
        draft.shadowModes()
                .forEach((name, on) ->
                        flags.put("shadow-mode-" + name, new Flag(on, List.of(rollout("shadow-mode-" + name, 100)))));
        return flags;
    }

    /** What {@code /api/client/features} answers. */
    static String document(Map<String, Flag> flags) {
        ObjectNode document = JSON.objectNode().put("version", 2);
        ArrayNode features = document.putArray("features");
        flags.forEach((key, flag) -> features.addObject()
                .put("name", key)
                .put("type", "release")
                .put("enabled", flag.on())
                .put("project", "default")
                .put("impressionData", false)
                .<ObjectNode>set("strategies", JSON.arrayNode().addAll(flag.strategies()))
                .putArray("variants"));
        document.putArray("segments");
        return document.toString();
    }

    /** A gradual rollout to a share of everybody. */
    static ObjectNode rollout(String group, int percent, ObjectNode... variants) {
        ObjectNode strategy = JSON.objectNode().put("name", "flexibleRollout");
        strategy.putArray("constraints");
        strategy.putObject("parameters")
                .put("rollout", Integer.toString(percent))
                .put("stickiness", "default")
                .put("groupId", group);
        strategy.putArray("variants").addAll(List.of(variants));
        strategy.putArray("segments");
        return strategy;
    }

    static ObjectNode where(ObjectNode strategy, String attribute, List<String> values) {
        ArrayNode constraint = strategy.withArray("constraints")
                .addObject()
                .put("contextName", attribute)
                .put("operator", "IN")
                .putArray("values");
        values.forEach(constraint::add);
        return strategy;
    }

    /** The server wants a variant that takes what the others leave; a large one does. */
    static ObjectNode variant(String name, int weight) {
        return JSON.objectNode()
                .put("name", name)
                .put("weight", weight)
                .put("weightType", weight >= 500 ? "variable" : "fix")
                .put("stickiness", "default");
    }

    static ObjectNode variant(String name, int weight, String type, String payload) {
        ObjectNode variant = variant(name, weight);
        variant.putObject("payload").put("type", type).put("value", payload);
        return variant;
    }

    private static Flag serving(FlagsDraft.Serving serving) {
        List<ObjectNode> strategies = new ArrayList<>();
        serving.targets()
                .forEach((version, entities) ->
                        strategies.add(where(answering(new FlagsDraft.Fixed(version)), "userId", entities)));
        for (FlagsDraft.Rule rule : serving.rules()) {
            strategies.add(where(answering(rule.answer()), rule.attribute(), List.of(rule.value())));
        }
        strategies.add(answering(serving.otherwise()));
        return new Flag(serving.on(), strategies);
    }

    private static ObjectNode answering(FlagsDraft.Answer answer) {
        if (answer instanceof FlagsDraft.Fixed fixed) {
            return rollout("ml-model-version", 100, variant(fixed.version(), 1000));
        }
        Map<String, Integer> percent = ((FlagsDraft.Shares) answer).percent();
        List<ObjectNode> variants = new ArrayList<>();
        for (String name : NAMES) {
            String version = name.substring(2);
            int weight = 10 * percent.getOrDefault(version, 0);
            if (weight > 0) {
                variants.add(variant(name, weight, "string", version));
            }
        }
        return rollout("ml-model-version", 100, variants.toArray(ObjectNode[]::new));
    }
}
