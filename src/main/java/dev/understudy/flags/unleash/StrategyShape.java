package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * What the reason of an answer and its stickiness depend on in an activation strategy.
 *
 * @param percent the share of those who meet its conditions for whom it matches
 * @param stickiness by what it draws that share and chooses among its variants
 * @param draws whether it looks at its stickiness even for a share of 100 %
 */
record StrategyShape(Kind kind, int percent, String stickiness, boolean draws) {
    enum Kind {
        /** For entities named individually. */
        TARGET,
        /** For entities that meet a condition. */
        RULE,
        /** For everybody. */
        REST,
        /** Of a kind that the engine does not know: it never matches. */
        UNKNOWN
    }

    private static final String RANDOM = "random";
    private static final Set<String> BY_ENTITY = Set.of("userId", "default");

    static StrategyShape of(JsonNode strategy) {
        JsonNode parameters = strategy.path("parameters");
        String stickiness = parameters.path("stickiness").asText("default");
        return switch (strategy.path("name").asText()) {
            case "flexibleRollout" -> rollout(strategy, parameters.path("rollout"), stickiness);
            case "gradualRolloutUserId" -> rollout(strategy, parameters.path("percentage"), "userId");
            case "gradualRolloutSessionId" -> rollout(strategy, parameters.path("percentage"), "sessionId");
            case "gradualRolloutRandom" -> rollout(strategy, parameters.path("percentage"), RANDOM);
            case "default" -> new StrategyShape(kind(strategy), 100, stickiness, false);
            case "userWithId" -> new StrategyShape(Kind.TARGET, 100, stickiness, false);
            case "remoteAddress", "applicationHostname" -> new StrategyShape(Kind.RULE, 100, stickiness, false);
            default -> new StrategyShape(Kind.UNKNOWN, 100, stickiness, false);
        };
    }

    boolean isPartial() {
        return percent < 100;
    }

    /** Whether the same entity may get another answer the next time. */
    boolean isRandom(int choices) {
        return stickiness.equals(RANDOM) && (isPartial() || choices > 1);
    }

    /** Whether an attribute decides in place of the entity id. */
    boolean isByAttribute(int choices) {
        return !stickiness.equals(RANDOM) && !isByEntity(stickiness) && (draws || choices > 1);
    }

    static boolean isByEntity(String stickiness) {
        return BY_ENTITY.contains(stickiness);
    }

    private static StrategyShape rollout(JsonNode strategy, JsonNode percent, String stickiness) {
        return new StrategyShape(kind(strategy), percent.asInt(0), stickiness, true);
    }

    private static Kind kind(JsonNode strategy) {
        JsonNode constraints = strategy.path("constraints");
        for (JsonNode constraint : constraints) {
            if (constraint.path("contextName").asText().equals("userId")
                    && constraint.path("operator").asText().equals("IN")
                    && !constraint.path("inverted").asBoolean()) {
                return Kind.TARGET;
            }
        }
        return constraints.isEmpty() && strategy.path("segments").isEmpty() ? Kind.REST : Kind.RULE;
    }
}
