package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.JsonNode;
import com.flagsmith.flagengine.segments.constants.SegmentConditions;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * What the SDK does not tell about a segment. It passes over in silence, or fails at, conditions of newer servers and
 * malformed ones; whoever a flag was meant for would get another answer. So they have to be known here.
 *
 * @param misfit why the SDK cannot be trusted with it, if so
 * @param splitOnly whether it divides by percentage and asks nothing else
 */
record SegmentShape(Optional<String> misfit, boolean splitOnly) {
    /** Properties of who asks that stand among the traits; the names are the server's. */
    static final String IDENTIFIER = "$.identity.identifier";

    static final String ENVIRONMENT_NAME = "$.environment.name";

    /** The SDK divides by the identity whatever the condition says. */
    private static final Set<String> BY_IDENTITY = Set.of("", "$.identity.key", IDENTIFIER);

    private static final Set<String> RULES = Set.of("ALL", "ANY", "NONE");
    private static final Pattern MODULO = Pattern.compile("[^|]+\\|[^|]+");

    /** Reads the server's JSON of a segment. */
    static SegmentShape of(JsonNode segment) {
        Reading reading = new Reading();
        reading.rules(segment.path("rules"));
        return new SegmentShape(
                reading.misfit.map(what -> "segment '" + segment.path("name").asText() + "' " + what),
                reading.splits > 0 && reading.conditions == reading.splits);
    }

    private static final class Reading {
        private Optional<String> misfit = Optional.empty();
        private int conditions;
        private int splits;

        void rules(JsonNode rules) {
            for (JsonNode rule : rules) {
                String type = rule.path("type").asText();
                if (!RULES.contains(type)) {
                    misfit = Optional.of("has a rule of type '" + type + "', which the SDK does not know");
                }
                for (JsonNode condition : rule.path("conditions")) {
                    condition(condition);
                }
                rules(rule.path("rules"));
            }
        }

        private void condition(JsonNode condition) {
            conditions++;
            misfit = misfit(condition).or(() -> misfit);
            if (condition.path("operator").asText().equals(SegmentConditions.PERCENTAGE_SPLIT.name())) {
                splits++;
            }
        }
    }

    private static Optional<String> misfit(JsonNode condition) {
        String name = condition.path("operator").asText();
        SegmentConditions operator;
        try {
            operator = SegmentConditions.valueOf(name);
        } catch (IllegalArgumentException e) {
            return Optional.of("has the operator '" + name + "', which the SDK does not know");
        }
        String property = condition.path("property_").asText("");
        if (operator == SegmentConditions.PERCENTAGE_SPLIT) {
            return !BY_IDENTITY.contains(property)
                    ? Optional.of("divides by '" + property + "', but the SDK divides by the identity alone")
                    : unless(isNumber(condition.path("value")), operator);
        }
        if (property.startsWith("$.") && !property.equals(IDENTIFIER) && !property.equals(ENVIRONMENT_NAME)) {
            return Optional.of("asks for '" + property + "', which the SDK does not know");
        }
        return unless(isValue(operator, condition.path("value")), operator);
    }

    private static Optional<String> unless(boolean fits, SegmentConditions operator) {
        return fits
                ? Optional.empty()
                : Optional.of("has a condition " + operator + " whose value the SDK cannot read");
    }

    private static boolean isValue(SegmentConditions operator, JsonNode value) {
        return switch (operator) {
            case IS_SET, IS_NOT_SET -> true;
            case REGEX -> value.isTextual() && isPattern(value.textValue());
            case MODULO ->
                value.isTextual() && MODULO.matcher(value.textValue()).matches();
            // Newer servers may write a JSON array, which the SDK would split at its commas.
            case IN -> value.isTextual() && !value.textValue().startsWith("[");
            default -> value.isValueNode() && !value.isNull();
        };
    }

    private static boolean isNumber(JsonNode value) {
        try {
            return !Float.isNaN(Float.parseFloat(value.asText()));
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static boolean isPattern(String text) {
        try {
            Pattern.compile(text);
            return true;
        } catch (PatternSyntaxException e) {
            return false;
        }
    }
}
