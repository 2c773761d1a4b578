package dev.understudy.flags.launchdarkly;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.FlagsDraft;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes drafts in the JSON that LaunchDarkly's service sends. */
final class FlagJson {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private FlagJson() {}

    static Map<String, String> of(FlagsDraft draft, int version) {
        Map<String, String> flags = new LinkedHashMap<>();
        flags.put("ml-model-version", serving(draft.serving(), version).toString());
        ArrayNode candidates = JSON.arrayNode();
        draft.candidates().forEach(candidates::add);
        ObjectNode shadow = flag("shadow-candidates", version, draft.candidatesOn());
        shadow.putArray("variations").add(candidates.toString()).add("v9");
        shadow.put("offVariation", 1);
        shadow.putObject("fallthrough").put("variation", 0);
        flags.put("shadow-candidates", shadow.toString());
        draft.shadowModes().forEach((name, on) -> {
            ObjectNode mode = flag("shadow-mode-" + name, version, true);
            mode.putArray("variations").add(true).add(false);
            mode.put("offVariation", 1);
            mode.putObject("fallthrough").put("variation", on ? 0 : 1);
            flags.put("shadow-mode-" + name, mode.toString());
        });
        return flags;
    }

    /** A flag that gives everybody this value, which is any JSON. */
    static String constant(String key, int version, String value) {
        return "{\"key\":\"" + key + "\",\"version\":" + version + ",\"on\":true,\"salt\":\"s\",\"variations\":["
                + value + "],\"fallthrough\":{\"variation\":0}}";
    }

    private static ObjectNode serving(FlagsDraft.Serving serving, int version) {
        ObjectNode flag = flag("ml-model-version", version, serving.on());
        ArrayNode variations = flag.putArray("variations");
        serving.versions().forEach(variations::add);
        flag.put("offVariation", 2); // not the default version: being off must not depend on it
        ArrayNode targets = flag.putArray("targets");
        serving.targets().forEach((name, entities) -> {
            ObjectNode target =
                    targets.addObject().put("variation", serving.versions().indexOf(name));
            ArrayNode values = target.putArray("values");
            entities.forEach(values::add);
        });
        ArrayNode rules = flag.putArray("rules");
        for (FlagsDraft.Rule one : serving.rules()) {
            ObjectNode rule = rules.addObject().put("id", "r" + rules.size());
            rule.putArray("clauses")
                    .addObject()
                    .put("attribute", one.attribute())
                    .put("op", "in")
                    .putArray("values")
                    .add(one.value());
            answer(rule, serving.versions(), one.answer());
        }
        answer(flag.putObject("fallthrough"), serving.versions(), serving.otherwise());
        return flag;
    }

    private static void answer(ObjectNode into, List<String> versions, FlagsDraft.Answer answer) {
        if (answer instanceof FlagsDraft.Fixed fixed) {
            into.put("variation", versions.indexOf(fixed.version()));
        } else if (answer instanceof FlagsDraft.Shares shares) {
            ObjectNode rollout = into.putObject("rollout").put("contextKind", "user");
            ArrayNode weighted = rollout.putArray("variations");
            for (String name : List.of("v2", "v1", "v3")) {
                int percent = shares.percent().getOrDefault(name, 0);
                if (percent > 0) {
                    weighted.addObject()
                            .put("variation", versions.indexOf(name))
                            .put("weight", percent * 1000);
                }
            }
        }
    }

    private static ObjectNode flag(String key, int version, boolean on) {
        return JSON.objectNode()
                .put("key", key)
                .put("version", version)
                .put("on", on)
                .put("salt", "fixed");
    }
}
