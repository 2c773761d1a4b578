package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.flagsmith.MapperFactory;
import com.flagsmith.flagengine.Engine;
import com.flagsmith.flagengine.environments.EnvironmentModel;
import com.flagsmith.flagengine.features.FeatureStateModel;
import com.flagsmith.flagengine.identities.IdentityModel;
import com.flagsmith.flagengine.identities.traits.TraitModel;
import com.flagsmith.flagengine.segments.SegmentModel;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagAnswer;
import dev.understudy.flags.FlagKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The SDK's evaluator over one document, with the reasons that it does not tell: they follow from whose state of a flag it
 * chose, the entity's, a segment's or the environment's.
 *
 * <p>It is asked directly because the SDK's client, given an entity that has flags of its own, keeps the attributes of one
 * question for the next, and divides such an entity by another id, so that naming it in one flag would move it in others.
 */
final class Evaluator {
    private static final ObjectMapper JSON = MapperFactory.getMapper();

    private final FlagKeys keys;
    private final Map<String, String> misfits;
    private final EnvironmentModel environment;
    private final String environmentName;
    private final Map<String, List<FeatureStateModel>> ofEntities = new HashMap<>();
    private final IdentityHashMap<FeatureStateModel, RoutingReason> reasons = new IdentityHashMap<>();
    private final Set<String> off = new HashSet<>();
    private final boolean sameForAll;

    Evaluator(FlagDocument document, FlagKeys keys) throws NoDocumentException {
        this.keys = keys;
        this.misfits = document.misfits();
        try {
            this.environment = JSON.treeToValue(document.environment(), EnvironmentModel.class);
        } catch (JsonProcessingException e) {
            throw new NoDocumentException("the SDK cannot read the environment document");
        }
        require(environment.getApiKey() != null, "api_key of the environment");
        this.environmentName = document.environment().path("name").asText("");
        for (SegmentModel segment : environment.getProject().getSegments()) {
            require(segment.getId() != null, "id of a segment");
            boolean splitOnly = document.splitSegments().contains(segment.getId());
            for (FeatureStateModel state : segment.getFeatureStates()) {
                take(state, splitOnly ? RoutingReason.ROLLOUT : RoutingReason.RULE);
            }
        }
        for (IdentityModel identity : environment.getIdentityOverrides()) {
            for (FeatureStateModel state : identity.getIdentityFeatures()) {
                take(state, RoutingReason.TARGET);
            }
            // Pages may name an entity more than once.
            ofEntities
                    .computeIfAbsent(identity.getIdentifier(), fresh -> new ArrayList<>())
                    .addAll(identity.getIdentityFeatures());
        }
        this.sameForAll = reasons.isEmpty() && document.divided().isEmpty();
        for (FeatureStateModel state : environment.getFeatureStates()) {
            String key = state.getFeature().getName();
            take(state, document.divided().contains(key) ? RoutingReason.ROLLOUT : RoutingReason.DEFAULT);
            if (!state.getEnabled()) {
                off.add(key);
            }
        }
    }

    private void take(FeatureStateModel state, RoutingReason reason) throws NoDocumentException {
        require(state.getFeature().getId() != null, "id of a flag");
        require(state.getEnabled() != null, "enabled of a flag");
        reasons.put(state, reason);
    }

    private static void require(boolean is, String what) throws NoDocumentException {
        if (!is) {
            throw new NoDocumentException("the environment document has no " + what);
        }
    }

    /** Whether it answers everybody alike. */
    boolean sameForAll() {
        return sameForAll;
    }

    /** What the flag of a key answers to this request. Attributes are not kept. */
    Function<String, FlagAnswer> evaluate(String entityId, Map<String, String> attributes) {
        IdentityModel identity = new IdentityModel();
        identity.setIdentifier(entityId);
        identity.setCompositeKey(environment.getApiKey() + "_" + entityId);
        identity.setIdentityTraits(traits(entityId, attributes));
        identity.setIdentityFeatures(ofEntities.getOrDefault(entityId, List.of()));
        Map<String, FlagAnswer> answers = new HashMap<>();
        try {
            for (FeatureStateModel state : Engine.getIdentityFeatureStates(environment, identity)) {
                answers.put(state.getFeature().getName(), answer(state, identity.getCompositeKey()));
            }
            return key -> Objects.requireNonNull(answers.get(key), key);
        } catch (RuntimeException | StackOverflowError e) {
            // Conditions meet attributes of every kind, and some regular expressions recurse.
            String why =
                    "could not be evaluated: the SDK failed, " + e.getClass().getSimpleName();
            return key -> off.contains(key)
                    ? new FlagAnswer.Off(NullNode.getInstance())
                    : new FlagAnswer.Unusable(NullNode.getInstance(), why);
        }
    }

    private FlagAnswer answer(FeatureStateModel state, String compositeKey) {
        String key = state.getFeature().getName();
        JsonNode value = json(key, state.getValue(compositeKey));
        if (off.contains(key) || !state.getEnabled()) {
            return new FlagAnswer.Off(value);
        }
        RoutingReason reason = Objects.requireNonNull(reasons.get(state));
        String misfit = misfits.get(key);
        return misfit == null || reason == RoutingReason.TARGET
                ? new FlagAnswer.Given(value, reason)
                : new FlagAnswer.Unusable(value, misfit);
    }

    private JsonNode json(String key, @Nullable Object value) {
        boolean isSwitch = !key.equals(keys.serving()) && !key.equals(keys.candidates());
        if (isSwitch && (value == null || value.equals("") || value.equals("true"))) {
            // A flag of Flagsmith is a switch that may have a value; the SDK makes text of the values of options.
            return BooleanNode.TRUE;
        }
        if (isSwitch && "false".equals(value)) {
            return BooleanNode.FALSE;
        }
        return value instanceof String text ? TextNode.valueOf(text) : JSON.valueToTree(value);
    }

    /** The first of a name counts. */
    private List<TraitModel> traits(String entityId, Map<String, String> attributes) {
        List<TraitModel> traits = new ArrayList<>(attributes.size() + 2);
        traits.add(new TraitModel(SegmentShape.IDENTIFIER, entityId));
        traits.add(new TraitModel(SegmentShape.ENVIRONMENT_NAME, environmentName));
        attributes.forEach((name, value) -> traits.add(new TraitModel(name, value)));
        return traits;
    }
}
