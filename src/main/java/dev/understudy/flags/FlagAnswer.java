package dev.understudy.flags;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.RoutingReason;

/** What one flag answers to one request, whichever system it is of. */
public sealed interface FlagAnswer {
    /** The value as JSON; a null node where there is none. */
    JsonNode value();

    /** The flag is on and this is its value for who asks. The reason is TARGET, RULE, ROLLOUT or DEFAULT. */
    record Given(JsonNode value, RoutingReason reason) implements FlagAnswer {}

    /** The flag is off, with the value that the system has for that. */
    record Off(JsonNode value) implements FlagAnswer {}

    /**
     * The value cannot be trusted.
     *
     * @param why completes the sentence "flag 'ml-model-version' ..."
     */
    record Unusable(JsonNode value, String why) implements FlagAnswer {}
}
