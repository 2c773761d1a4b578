package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.JsonNode;
import com.flagsmith.flagengine.segments.constants.SegmentConditions;
import dev.understudy.flags.DescriptionBuilder;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import dev.understudy.flags.FlagKeys;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Says in our words what Flagsmith's environment document says of a flag. */
final class FlagWords {
    private static final String SPLIT = SegmentConditions.PERCENTAGE_SPLIT.name();
    private static final String OFF = "off";

    private final JsonNode document;
    private final FlagKeys keys;
    private final String key;

    private record SegmentState(JsonNode segment, JsonNode state) {
        int priority() {
            return state.path("feature_segment").path("priority").asInt(Integer.MAX_VALUE);
        }
    }

    private FlagWords(JsonNode document, FlagKeys keys, String key) {
        this.document = document;
        this.keys = keys;
        this.key = key;
    }

    /**
     * Describes a flag.
     *
     * @param misfit what the SDK cannot be trusted with, or null
     */
    static FlagDescription describe(JsonNode document, FlagKeys keys, JsonNode state, @Nullable String misfit) {
        String key = FlagDocument.key(state);
        return new FlagWords(document, keys, key).describe(state, misfit);
    }

    private FlagDescription describe(JsonNode state, @Nullable String misfit) {
        DescriptionBuilder description =
                new DescriptionBuilder(key, state.path("enabled").asBoolean()).variations(variations(state));
        if (misfit != null) {
            description.remark("its answers are not used, except for entities that are named individually: " + misfit);
        }
        Set<String> named = new HashSet<>();
        for (JsonNode identity : document.path("identity_overrides")) {
            for (JsonNode own : identity.path(FlagDocument.OWN_STATES)) {
                if (isOurs(own) && named.add(identity.path("identifier").asText())) {
                    description.target(text(split(own)), 1);
                }
            }
        }
        List<SegmentState> overrides = overrides();
        for (SegmentState override : overrides) {
            JsonNode segment = override.segment();
            String when = "segment '" + segment.path("name").asText() + "': " + all(segment.path("rules"));
            Split gives = split(override.state());
            List<JsonNode> conditions = segment.findParents("operator");
            if (SegmentShape.of(segment).splitOnly() && conditions.size() == 1) {
                description.share(when, gives.of(conditions.get(0).path("value").asDouble()));
            } else {
                description.rule(when, gives);
            }
        }
        return description.rest(isOn(state) ? split(state) : divided(state));
    }

    private List<SegmentState> overrides() {
        List<SegmentState> overrides = new ArrayList<>();
        for (JsonNode segment : document.path("project").path("segments")) {
            for (JsonNode state : segment.path(FlagDocument.STATES)) {
                if (isOurs(state)) {
                    overrides.add(new SegmentState(segment, state));
                }
            }
        }
        overrides.sort(Comparator.comparingInt(SegmentState::priority));
        return overrides;
    }

    private List<String> variations(JsonNode state) {
        List<String> variations = new ArrayList<>(values(state));
        overrides().forEach(override -> variations.addAll(values(override.state())));
        return variations;
    }

    private List<String> values(JsonNode state) {
        List<String> values = new ArrayList<>(List.of(value(state.path("feature_state_value"))));
        state.path(FlagDocument.OPTIONS)
                .forEach(option -> values.add(
                        value(option.path("multivariate_feature_option").path("value"))));
        return values;
    }

    private Split split(JsonNode state) {
        return isOn(state) ? divided(state) : Split.all(OFF);
    }

    private Split divided(JsonNode state) {
        List<Share> shares = new ArrayList<>();
        for (JsonNode option : state.path(FlagDocument.OPTIONS)) {
            double percent = option.path("percentage_allocation").asDouble();
            if (percent > 0) {
                shares.add(new Share(
                        value(option.path("multivariate_feature_option").path("value")), percent));
            }
        }
        double left = new Split(shares, Optional.empty()).passedOn();
        if (left > 0) {
            shares.add(new Share(value(state.path("feature_state_value")), left));
        }
        return new Split(shares, Optional.empty());
    }

    private String value(JsonNode value) {
        boolean isSwitch = !key.equals(keys.serving()) && !key.equals(keys.candidates());
        boolean isEmpty =
                value.isNull() || value.isMissingNode() || value.asText().isEmpty();
        if (isSwitch) {
            return isEmpty ? "true" : value.asText();
        }
        if (isEmpty) {
            return key.equals(keys.candidates()) ? "[]" : "no value (not usable)";
        }
        return value.asText();
    }

    private boolean isOurs(JsonNode state) {
        return FlagDocument.key(state).equals(key);
    }

    private static boolean isOn(JsonNode state) {
        return state.path("enabled").asBoolean();
    }

    private static String text(Split split) {
        return String.join(" or ", split.shares().stream().map(Share::variation).toList());
    }

    /** A segment is for those who meet all of its rules. */
    private static String all(JsonNode rules) {
        return String.join(
                " and ",
                StreamSupport.stream(rules.spliterator(), false)
                        .map(FlagWords::rule)
                        .filter(text -> !text.isEmpty())
                        .toList());
    }

    private static String rule(JsonNode rule) {
        List<String> parts = new ArrayList<>();
        rule.path("conditions").forEach(condition -> parts.add(condition(condition)));
        rule.path("rules").forEach(inner -> parts.add(rule(inner)));
        parts.removeIf(String::isEmpty);
        String type = rule.path("type").asText();
        String joined = String.join(type.equals("ALL") ? " and " : " or ", parts);
        if (type.equals("ALL") || type.equals("ANY")) {
            return parts.size() > 1 && type.equals("ANY") ? "(" + joined + ")" : joined;
        }
        return type.toLowerCase(Locale.ROOT) + " of (" + joined + ")";
    }

    private static String condition(JsonNode condition) {
        String operator = condition.path("operator").asText();
        String property = condition.path("property_").asText("");
        String value = condition.path("value").asText("");
        if (operator.equals(SPLIT)) {
            return value + " % drawn";
        }
        if (property.equals(SegmentShape.IDENTIFIER)) { // those are not for reports
            return "the identifier " + operator + " (" + DescriptionBuilder.counted(value.split(",").length) + ")";
        }
        return switch (operator) {
            case "EQUAL" -> DescriptionBuilder.is(property, false, List.of(value));
            case "NOT_EQUAL" -> DescriptionBuilder.is(property, true, List.of(value));
            case "IN" -> DescriptionBuilder.is(property, false, Arrays.asList(value.split(",")));
            default -> (property + " " + operator + " " + value).strip();
        };
    }
}
