package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.DescriptionBuilder;
import dev.understudy.flags.FlagAnswer;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Says in our words what Unleash's JSON of a flag says. */
final class FlagWords {
    private static final String EVERYBODY = "everybody";

    private final JsonNode feature;
    private final JsonNode segments;
    private final FlagUse use;
    private final ModelVersion defaultVersion;
    private final DescriptionBuilder description;

    private FlagWords(JsonNode feature, JsonNode segments, FlagUse use, ModelVersion defaultVersion) {
        this.feature = feature;
        this.segments = segments;
        this.use = use;
        this.defaultVersion = defaultVersion;
        this.description = new DescriptionBuilder(
                feature.path("name").asText(), feature.path("enabled").asBoolean());
    }

    /** @param feature as the server sent it, before it is marked */
    static FlagDescription describe(JsonNode feature, JsonNode segments, FlagUse use, ModelVersion defaultVersion) {
        return new FlagWords(feature, segments, use, defaultVersion).describe();
    }

    private FlagDescription describe() {
        description.variations(variations());
        for (JsonNode parent : feature.path("dependencies")) {
            description.remark("counts as off unless its parent flag '"
                    + parent.path("feature").asText() + "' is "
                    + (parent.path("enabled").asBoolean(true) ? "on" : "off")
                    + (parent.path("variants").isEmpty()
                            ? ""
                            : " with the variant " + String.join(" or ", texts(parent.path("variants")))));
        }
        JsonNode strategies = feature.path("strategies");
        int reached = 0;
        for (JsonNode strategy : strategies) {
            reached++;
            StrategyShape shape = StrategyShape.of(strategy);
            Split gives = gives(strategy, shape);
            if (shape.kind() == StrategyShape.Kind.REST && !shape.isPartial()) {
                if (reached < strategies.size()) {
                    description.remark("its last "
                            + (strategies.size() - reached == 1
                                    ? "strategy is"
                                    : strategies.size() - reached + " strategies are")
                            + " never reached, since the one before is for everybody");
                }
                return description.rest(gives);
            }
            add(strategy, shape, gives);
        }
        if (strategies.isEmpty()) { // then a flag is on for everybody
            return description.rest(new Split(shares(feature.path("variants")), Optional.empty()));
        }
        return description.rest(Split.all(unmatched()));
    }

    private void add(JsonNode strategy, StrategyShape shape, Split gives) {
        switch (shape.kind()) {
            case REST -> description.share(EVERYBODY, gives);
            case TARGET -> {
                List<String> entities = entities(strategy);
                boolean plain = !shape.isPartial()
                        && gives.shares().size() == 1
                        && gives.remark().isEmpty()
                        && strategy.path("constraints").size() <= 1
                        && strategy.path("segments").isEmpty();
                if (plain) {
                    description.target(gives.shares().get(0).variation(), entities.size());
                } else {
                    description.rule(condition(strategy), gives);
                }
            }
            case RULE -> description.rule(condition(strategy), gives);
            case UNKNOWN ->
                description.rule(
                        "strategy '" + strategy.path("name").asText() + "'",
                        new Split(
                                List.of(),
                                Optional.of("not built into Unleash's SDK, which takes it as matching nobody")));
        }
    }

    private Split gives(JsonNode strategy, StrategyShape shape) {
        JsonNode own = strategy.path("variants");
        boolean hasOwn = FlagMarker.weighted(own).size() > 0;
        JsonNode variants = hasOwn ? own : feature.path("variants");
        int choices = FlagMarker.weighted(variants).size();
        Optional<String> remark = Optional.empty();
        if (shape.isRandom(choices)) {
            remark = Optional.of("drawn at random, so that an entity would not keep its version: not used");
        } else if (shape.isByAttribute(choices)) {
            remark = Optional.of("divided by '" + shape.stickiness() + "'; requests that lack it get no usable answer");
        }
        return new Split(shares(variants), remark).of(shape.percent());
    }

    private List<Share> shares(JsonNode variants) {
        List<JsonNode> weighted = FlagMarker.weighted(variants);
        if (use == FlagUse.SHADOW_MODE || weighted.isEmpty()) {
            return List.of(new Share(text(use.matched(RoutingReason.RULE, null)), 100));
        }
        int sum = weighted.stream()
                .mapToInt(variant -> variant.path("weight").asInt())
                .sum();
        return weighted.stream()
                .map(variant -> new Share(
                        answer(variant), 100.0 * variant.path("weight").asInt() / sum))
                .toList();
    }

    private Set<String> variations() {
        Set<String> all = new LinkedHashSet<>();
        if (use == FlagUse.SHADOW_MODE) {
            all.add("true");
        } else {
            for (JsonNode strategy : feature.path("strategies")) {
                strategy.path("variants").forEach(variant -> all.add(answer(variant)));
            }
            feature.path("variants").forEach(variant -> all.add(answer(variant)));
        }
        all.add(unmatched());
        return all;
    }

    private String answer(JsonNode variant) {
        return text(use.matched(RoutingReason.RULE, variant));
    }

    private String unmatched() {
        return use == FlagUse.CANDIDATES ? "[]" : text(use.unmatched(RoutingReason.DEFAULT, defaultVersion));
    }

    private static String text(FlagAnswer answer) {
        if (answer instanceof FlagAnswer.Unusable) {
            return "no variant (not usable)";
        }
        return answer.value().isTextual()
                ? answer.value().textValue()
                : answer.value().toString();
    }

    private String condition(JsonNode strategy) {
        List<String> conditions = new ArrayList<>();
        for (JsonNode constraint : strategy.path("constraints")) {
            conditions.add(constraint(constraint));
        }
        for (JsonNode id : strategy.path("segments")) {
            conditions.add("in segment " + segment(id));
        }
        if (conditions.isEmpty()) { // one of the old strategies, whose condition is a parameter
            conditions.add("strategy '" + strategy.path("name").asText() + "' with " + strategy.path("parameters"));
        }
        return String.join(" and ", conditions);
    }

    private static String constraint(JsonNode constraint) {
        String attribute = constraint.path("contextName").asText();
        String operator = constraint.path("operator").asText();
        boolean inverted = constraint.path("inverted").asBoolean();
        List<String> values = constraint.path("values").isEmpty()
                ? List.of(constraint.path("value").asText())
                : texts(constraint.path("values"));
        if (attribute.equals("userId")) { // those are not for reports
            return (inverted ? "not " : "") + "userId " + operator + " (" + DescriptionBuilder.counted(values.size())
                    + ")";
        }
        return switch (operator) {
            case "IN" -> DescriptionBuilder.is(attribute, inverted, values);
            case "NOT_IN" -> DescriptionBuilder.is(attribute, !inverted, values);
            default -> (inverted ? "not " : "") + attribute + " " + operator + " " + String.join(" or ", values);
        };
    }

    private String segment(JsonNode id) {
        for (JsonNode segment : segments) {
            if (segment.path("id").asInt() == id.asInt() && segment.hasNonNull("name")) {
                return "'" + segment.path("name").asText() + "'";
            }
        }
        return id.asText();
    }

    private static List<String> entities(JsonNode strategy) {
        for (JsonNode constraint : strategy.path("constraints")) {
            if (constraint.path("contextName").asText().equals("userId")) {
                return texts(constraint.path("values"));
            }
        }
        return Arrays.stream(
                        strategy.path("parameters").path("userIds").asText().split(","))
                .filter(id -> !id.isBlank())
                .toList();
    }

    private static List<String> texts(JsonNode values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(value.asText()));
        return texts;
    }
}
