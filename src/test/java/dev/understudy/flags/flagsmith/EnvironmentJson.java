package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.FlagsDraft;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Environment documents as Flagsmith's server writes them: features in the order of their creation, a rule as a segment
 * that overrides the feature, an entity with features of its own as an identity override.
 */
final class EnvironmentJson {
    static final String SERVING = "ml-model-version";
    static final String CANDIDATES = "shadow-candidates";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    /** By which the shares are laid out: a first and a last candidate can grow while the one between them gives way. */
    private static final List<String> OPTIONS = List.of("v2", "v1", "v3");

    private final ObjectNode document = JSON.objectNode();
    private final Map<String, Integer> ids = new LinkedHashMap<>();

    EnvironmentJson() {
        document.put("id", 1).put("api_key", "AbCdEfGhIjKlMnOpQrStUv").put("name", "Production");
        document.put("updated_at", "2026-11-22T10:00:00.000000+00:00");
        document.put("allow_client_traits", true).put("use_identity_composite_key_for_hashing", true);
        document.putNull("hide_disabled_flags");
        ObjectNode project = document.putObject("project");
        project.put("id", 1).put("name", "Fraud").put("hide_disabled_flags", false);
        project.putObject("organisation")
                .put("id", 1)
                .put("name", "Bank")
                .put("feature_analytics", false)
                .put("stop_serving_flags", false)
                .put("persist_trait_data", true);
        project.putArray("segments");
        document.putArray("feature_states");
        document.putArray("identity_overrides");
    }

    static EnvironmentJson of(FlagsDraft draft) {
        EnvironmentJson environment = new EnvironmentJson();
        FlagsDraft.Serving serving = draft.serving();
        environment.answer(environment.flag(SERVING, serving.on(), null), serving.otherwise());
        ArrayNode candidates = JSON.arrayNode();
        draft.candidates().forEach(candidates::add);
        environment.flag(CANDIDATES, draft.candidatesOn(), candidates.toString());
        draft.shadowModes().forEach((version, on) -> environment.flag("shadow-mode-" + version, true, on));
        for (FlagsDraft.Rule rule : serving.rules()) {
            ObjectNode segment = environment.segment(
                    rule.attribute() + " " + rule.value(), condition("EQUAL", rule.attribute(), rule.value()));
            environment.answer(environment.override(segment, SERVING, true, null), rule.answer());
        }
        serving.targets()
                .forEach((version, entities) ->
                        entities.forEach(entity -> environment.target(entity, SERVING, true, version)));
        return environment;
    }

    /** A feature of the environment. */
    ObjectNode flag(String name, boolean enabled, @Nullable Object value) {
        ids.put(name, 100 + ids.size());
        ObjectNode state = state(name, enabled, value, 1000 + id(name));
        ((ArrayNode) document.get("feature_states")).add(state);
        return state;
    }

    /** Without a feature that it had. */
    EnvironmentJson without(String name) {
        document.withArrayProperty("feature_states")
                .removeIf(state -> state.path("feature").path("name").asText().equals(name));
        return this;
    }

    /** A segment whose conditions are one rule: the server nests them like this. */
    ObjectNode segment(String name, ObjectNode... conditions) {
        ArrayNode segments = document.path("project").withArrayProperty("segments");
        ObjectNode segment =
                segments.addObject().put("id", 10 + segments.size()).put("name", name);
        ObjectNode all = segment.putArray("rules").addObject().put("type", "ALL");
        all.putArray("conditions");
        for (ObjectNode condition : conditions) {
            ObjectNode any = all.withArrayProperty("rules").addObject().put("type", "ANY");
            any.putArray("rules");
            any.putArray("conditions").add(condition);
        }
        segment.putArray("feature_states");
        return segment;
    }

    /** What a feature is for a segment; the earlier segment goes first. */
    ObjectNode override(ObjectNode segment, String name, boolean enabled, @Nullable Object value) {
        int segmentId = segment.get("id").intValue();
        ObjectNode state = state(name, enabled, value, segmentId * 10_000 + id(name));
        state.putObject("feature_segment").put("priority", segmentId);
        segment.withArrayProperty("feature_states").add(state);
        return state;
    }

    /** What a feature is for one entity. */
    ObjectNode target(String entityId, String name, boolean enabled, @Nullable Object value) {
        ArrayNode identities = document.withArrayProperty("identity_overrides");
        int id = 500 + identities.size();
        ObjectNode identity = identities
                .addObject()
                .put("identifier", entityId)
                .put("environment_api_key", document.get("api_key").textValue())
                .put("django_id", id)
                .put("composite_key", document.get("api_key").textValue() + "_" + entityId);
        identity.putArray("identity_traits");
        ObjectNode state = state(name, enabled, value, id * 10_000 + id(name));
        identity.putArray("identity_features").add(state);
        return state;
    }

    static ObjectNode condition(String operator, @Nullable String property, @Nullable String value) {
        return JSON.objectNode()
                .put("operator", operator)
                .put("property_", property)
                .put("value", value);
    }

    static ObjectNode split(String percent) {
        return condition("PERCENTAGE_SPLIT", null, percent);
    }

    /** Gives a share of the entities the option's value in place of the state's own. */
    static ObjectNode option(ObjectNode state, int id, String value, double percent) {
        ObjectNode option = state.withArrayProperty("multivariate_feature_state_values")
                .addObject()
                .put("id", id)
                .put("percentage_allocation", percent)
                .put("mv_fs_value_uuid", "00000000-0000-4000-8000-00000000000" + id);
        option.putObject("multivariate_feature_option").put("id", id).put("value", value);
        return state;
    }

    ObjectNode document() {
        return document;
    }

    private void answer(ObjectNode state, FlagsDraft.Answer answer) {
        if (answer instanceof FlagsDraft.Fixed fixed) {
            state.put("feature_state_value", fixed.version());
        } else if (answer instanceof FlagsDraft.Shares shares) {
            state.put("feature_state_value", "v1");
            for (String version : OPTIONS) {
                int percent = shares.percent().getOrDefault(version, 0);
                option(state, 1 + OPTIONS.indexOf(version), version, percent);
            }
        }
    }

    private int id(String flag) {
        return Objects.requireNonNull(ids.get(flag), flag);
    }

    private ObjectNode state(String name, boolean enabled, @Nullable Object value, int id) {
        ObjectNode state = JSON.objectNode();
        state.putObject("feature").put("id", id(name)).put("name", name).put("type", "STANDARD");
        state.put("enabled", enabled);
        state.putPOJO("feature_state_value", value);
        state.put("django_id", id).put("featurestate_uuid", "10000000-0000-4000-8000-" + String.format("%012d", id));
        state.putNull("feature_segment");
        state.putArray("multivariate_feature_state_values");
        return state;
    }

    @Override
    public String toString() {
        return document.toString();
    }
}
