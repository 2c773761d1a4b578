package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagAnswer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Prepares one flag for Unleash's engine, which tells the variant that it chose and not why. Every variant's payload is
 * replaced by a mark, the index of an answer; neither matching nor shares depend on payloads. A strategy without
 * variants gets one that carries the mark. In front of a strategy that divides by an attribute goes a copy that catches
 * the requests that lack it, and one that divides at random is replaced by such a copy: the engine would pass over it or
 * answer the same entity differently each time.
 */
final class FlagMarker {
    /** Property that stands in for an attribute that the request lacks. */
    static final String LACKS = "lacks:";

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private final FlagUse use;
    private final ObjectNode feature;
    private final List<JsonNode> flagVariants;
    private final List<FlagAnswer> answers = new ArrayList<>();
    private final ArrayNode strategies = JSON.arrayNode();
    private final Set<String> dividesBy = new HashSet<>();
    private final Set<StrategyShape.Kind> usingFlagVariants = EnumSet.noneOf(StrategyShape.Kind.class);
    private boolean divided;
    private @Nullable FlagAnswer constant;
    private @Nullable String complaint;

    private FlagMarker(ObjectNode feature, FlagUse use) {
        this.feature = feature;
        this.use = use;
        this.flagVariants = weighted(feature.path("variants"));
    }

    /** Marks the flag in place. */
    static FlagDefinition mark(ObjectNode feature, FlagUse use, ModelVersion defaultVersion) {
        return feature.path("enabled").asBoolean()
                ? new FlagMarker(feature, use).mark(defaultVersion)
                : new FlagDefinition(
                        List.of(), FlagDefinition.OFF, FlagDefinition.OFF, false, Set.of(), Optional.empty());
    }

    private FlagDefinition mark(ModelVersion defaultVersion) {
        JsonNode given = feature.path("strategies");
        if (given.isEmpty()) {
            add(JSON.objectNode().put("name", "default")); // without strategies a flag is on for everybody
        }
        given.forEach(this::add);
        feature.set("strategies", strategies);
        if (!usingFlagVariants.isEmpty()) {
            markFlagVariants();
        }
        boolean hasPrerequisites = !feature.path("dependencies").isEmpty();
        return new FlagDefinition(
                answers,
                use.unmatched(rest(), defaultVersion),
                hasPrerequisites ? null : constant,
                hasPrerequisites,
                dividesBy,
                Optional.ofNullable(complaint));
    }

    private void add(JsonNode given) {
        StrategyShape shape = StrategyShape.of(given);
        int choices = weighted(given.path("variants")).size();
        if (shape.kind() == StrategyShape.Kind.REST && (shape.isPartial() || choices > 1)) {
            divided = true;
        }
        if (shape.kind() == StrategyShape.Kind.UNKNOWN) {
            complaint = "has a strategy of the kind '" + given.path("name").asText()
                    + "', which is not built into Unleash's SDK and never matches";
        }
        if (shape.isRandom(choices)) {
            addCatching(given, "divides at random, so that an entity would not keep its version");
            return;
        }
        if (shape.isByAttribute(choices)) {
            dividesBy.add(shape.stickiness());
            ObjectNode catching =
                    addCatching(given, "divides by '" + shape.stickiness() + "', which the request lacks");
            catching.withArray("constraints")
                    .addObject()
                    .put("contextName", LACKS + shape.stickiness())
                    .put("operator", "IN")
                    .putArray("values")
                    .add("true");
        }
        addMarked(given, shape, choices);
    }

    private void addMarked(JsonNode given, StrategyShape shape, int choices) {
        RoutingReason reason = reason(shape.kind());
        ObjectNode strategy = given.deepCopy();
        strategies.add(strategy);
        if (choices == 0 && !flagVariants.isEmpty()) {
            strategy.putArray("variants");
            usingFlagVariants.add(shape.kind());
            return;
        }
        FlagAnswer chosen = null;
        if (choices == 0) {
            chosen = mark(onlyVariant(strategy), use.matched(reason, null));
        } else {
            for (JsonNode variant : strategy.path("variants")) {
                boolean canBeChosen = isWeighted(variant);
                FlagAnswer answer = mark(variant, use.matched(reason, variant));
                chosen = canBeChosen ? answer : chosen;
            }
        }
        boolean forAll = shape.kind() == StrategyShape.Kind.REST && !shape.isPartial() && choices <= 1;
        if (forAll && strategies.size() == 1) {
            constant = chosen;
        }
    }

    /** Adds a copy that matches for everybody who meets the conditions, and whose answer is of no use. */
    private ObjectNode addCatching(JsonNode given, String what) {
        ObjectNode strategy = given.deepCopy();
        if (StrategyShape.of(given).draws()) {
            strategy.put("name", "default");
        }
        strategies.add(strategy);
        mark(onlyVariant(strategy), unusable(what + "; set its stickiness to userId"));
        return strategy;
    }

    /** The variants that older servers keep at the flag itself; the engine does not tell which strategy led to them. */
    private void markFlagVariants() {
        RoutingReason reason;
        if (!usingFlagVariants.contains(StrategyShape.Kind.REST)) {
            reason = reason(
                    usingFlagVariants.contains(StrategyShape.Kind.RULE)
                            ? StrategyShape.Kind.RULE
                            : StrategyShape.Kind.TARGET);
        } else {
            divided |= flagVariants.size() > 1;
            reason = rest();
        }
        String stickiness = flagVariants.get(0).path("stickiness").asText("default");
        boolean sticky = flagVariants.size() == 1 || StrategyShape.isByEntity(stickiness);
        for (JsonNode variant : feature.path("variants")) {
            FlagAnswer answer = sticky
                    ? use.matched(reason, variant)
                    : unusable("chooses variants by '" + stickiness + "'; set their stickiness to userId");
            mark(variant, answer);
        }
    }

    private RoutingReason reason(StrategyShape.Kind kind) {
        return switch (kind) {
            case TARGET -> RoutingReason.TARGET;
            case RULE, UNKNOWN -> RoutingReason.RULE;
            case REST -> rest();
        };
    }

    private RoutingReason rest() {
        return divided ? RoutingReason.ROLLOUT : RoutingReason.DEFAULT;
    }

    private FlagAnswer mark(JsonNode variant, FlagAnswer answer) {
        ((ObjectNode) variant)
                .putObject("payload")
                .put("type", "string")
                .put("value", Integer.toString(answers.size()));
        answers.add(answer);
        return answer;
    }

    private static FlagAnswer unusable(String why) {
        return new FlagAnswer.Unusable(NullNode.getInstance(), why);
    }

    private static ObjectNode onlyVariant(ObjectNode strategy) {
        return strategy.putArray("variants").addObject().put("name", "disabled").put("weight", 1000);
    }

    /** Those that can be chosen. */
    static List<JsonNode> weighted(JsonNode variants) {
        List<JsonNode> weighted = new ArrayList<>();
        for (JsonNode variant : variants) {
            if (isWeighted(variant)) {
                weighted.add(variant);
            }
        }
        return weighted;
    }

    private static boolean isWeighted(JsonNode variant) {
        return variant.path("weight").asInt() > 0;
    }
}
