package dev.understudy.flags.launchdarkly;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.plan.AdminApi;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagStep;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.Shares;
import dev.understudy.flags.plan.WriteToken;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Changes the default rule of a flag over LaunchDarkly's REST API, by semantic patches. */
public final class LaunchDarklyFlagWriter implements FlagWriter {
    private static final String SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch";
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final LaunchDarklyAdmin admin;
    private final AdminApi api;

    public LaunchDarklyFlagWriter(LaunchDarklyAdmin admin, Optional<WriteToken> token) {
        this.admin = admin;
        this.api = new AdminApi("LaunchDarkly", "", token);
    }

    @Override
    public FlagPlan plan(FlagChange change) throws FlagPlanException {
        if (change instanceof FlagChange.Kill kill) {
            return FlagPlan.of(
                    kill,
                    admin.place(),
                    Optional.empty(),
                    patch(change.key(), JSON.objectNode().put("kind", "turnFlagOff")));
        }
        FlagChange.Share share = (FlagChange.Share) change;
        JsonNode flag = api.get(admin.flagInEnvironment(change.key()));
        JsonNode environment = flag.path("environments").path(admin.environment());
        if (!environment.path("fallthrough").isObject()) {
            throw refusal(change, "it has no environment '" + admin.environment() + "'");
        }
        if (!environment.path("on").asBoolean()) {
            throw FlagPlanException.off("flag '" + change.key() + "'", admin.place());
        }
        requireKnownShape(change, environment.path("fallthrough"));
        Map<String, String> ids = ids(change, flag.path("variations"));
        List<String> versions = List.copyOf(ids.keySet());
        Shares now = shares(change, environment.path("fallthrough"), versions);
        Map<String, BigDecimal> after = now.after(share);
        for (String version : after.keySet()) {
            if (!ids.containsKey(version)) {
                throw new FlagPlanException("flag '" + change.key() + "' has no variation " + version
                        + ": add it in LaunchDarkly, a candidate as the first or the last of the variations");
            }
        }
        Shares then = new Shares(versions.stream()
                .map(version -> new Shares.Slice(version, after.getOrDefault(version, BigDecimal.ZERO)))
                .toList());
        List<FlagStep> steps = now.fulfil(share) ? List.of() : List.of(patch(change.key(), instruction(then, ids)));
        return FlagPlan.of(share, admin.place(), now, steps.isEmpty() ? now : then, steps);
    }

    @Override
    public void apply(FlagPlan plan) throws FlagWriteException {
        api.make(plan, this);
    }

    /** Changes are streamed. */
    @Override
    public Duration propagation() {
        return Duration.ofSeconds(2);
    }

    private FlagStep patch(String key, ObjectNode instruction) {
        ObjectNode body =
                JSON.objectNode().put("environmentKey", admin.environment()).put("comment", "understudy flags plan");
        body.putArray("instructions").add(instruction);
        return api.call("PATCH", admin.flag(key), SEMANTIC_PATCH, body.toString());
    }

    private static ObjectNode instruction(Shares then, Map<String, String> ids) {
        ObjectNode instruction = JSON.objectNode().put("kind", "updateFallthroughVariationOrRollout");
        if (then.layout().size() == 1) {
            return instruction.put("variationId", ids.get(then.layout().get(0).version()));
        }
        instruction.put("rolloutContextKind", "user");
        ObjectNode weights = instruction.putObject("rolloutWeights");
        then.layout()
                .forEach(slice -> weights.put(
                        ids.get(slice.version()),
                        slice.percent().movePointRight(3).intValueExact()));
        return instruction;
    }

    private static void requireKnownShape(FlagChange change, JsonNode fallthrough) throws FlagPlanException {
        JsonNode rollout = fallthrough.path("rollout");
        if (fallthrough.has("variation") == fallthrough.has("rollout")) {
            throw refusal(change, "its default rule has neither a variation nor a percentage rollout");
        }
        if (rollout.has("experimentAllocation")
                || rollout.path("kind").asText("rollout").equals("experiment")) {
            throw refusal(change, "an experiment runs on its default rule");
        }
        String kind = rollout.path("contextKind").asText("user");
        String bucketBy = rollout.path("bucketBy").asText("key");
        if (!kind.equals("user") || !(bucketBy.isEmpty() || bucketBy.equals("key"))) {
            throw refusal(change, "its default rule divides by '" + kind + " " + bucketBy + "'");
        }
    }

    /** Ids of the variations by version, in their order. */
    private static Map<String, String> ids(FlagChange change, JsonNode variations) throws FlagPlanException {
        Map<String, String> ids = new LinkedHashMap<>();
        for (JsonNode variation : variations) {
            String version = variation.path("value").asText();
            if (!variation.path("value").isTextual()
                    || !variation.path("_id").isTextual()
                    || ids.put(version, variation.path("_id").asText()) != null) {
                throw refusal(change, "its variations are not names of versions, each of them once");
            }
        }
        return ids;
    }

    private static Shares shares(FlagChange change, JsonNode fallthrough, List<String> versions)
            throws FlagPlanException {
        try {
            return RolloutShares.of(fallthrough, versions);
        } catch (IllegalArgumentException e) {
            throw refusal(change, String.valueOf(e.getMessage()));
        }
    }

    private static FlagPlanException refusal(FlagChange change, String why) {
        return new FlagPlanException("flag '" + change.key() + "' cannot be changed with certainty: " + why
                + ". By hand: set its default rule to a percentage rollout by the key of the context kind user");
    }
}
