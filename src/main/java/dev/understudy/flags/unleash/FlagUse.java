package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagAnswer;
import dev.understudy.flags.FlagKeys;
import org.jspecify.annotations.Nullable;

/** What the variants of a flag mean. */
enum FlagUse {
    /** Names the version that serves; where no strategy matches it is the default version. */
    SERVING,
    /** Lists the versions to score in shadow; where no strategy matches there are none. */
    CANDIDATES,
    /** Shadows one version where a strategy matches, whatever its variants. */
    SHADOW_MODE;

    static FlagUse of(String key, FlagKeys keys) {
        if (key.equals(keys.serving())) {
            return SERVING;
        }
        return key.equals(keys.candidates()) ? CANDIDATES : SHADOW_MODE;
    }

    /** The answer of a strategy that matches; the variant is null where the strategy has none. */
    FlagAnswer matched(RoutingReason reason, @Nullable JsonNode variant) {
        if (this == SHADOW_MODE) {
            return new FlagAnswer.Given(BooleanNode.TRUE, reason);
        }
        return variant == null
                ? new FlagAnswer.Unusable(
                        NullNode.getInstance(),
                        "has a strategy without variants; give it one that is named like the version, or has the version"
                                + " as its payload")
                : new FlagAnswer.Given(value(variant), reason);
    }

    FlagAnswer unmatched(RoutingReason reason, ModelVersion defaultVersion) {
        return new FlagAnswer.Given(
                switch (this) {
                    case SERVING -> TextNode.valueOf(defaultVersion.name());
                    case CANDIDATES -> NullNode.getInstance();
                    case SHADOW_MODE -> BooleanNode.FALSE;
                },
                reason);
    }

    /** The payload wins over the name, also where it is empty. */
    private static JsonNode value(JsonNode variant) {
        JsonNode payload = variant.path("payload");
        if (!payload.path("value").isTextual()) {
            return TextNode.valueOf(variant.path("name").asText());
        }
        String text = payload.path("value").asText();
        return payload.path("type").asText().equals("csv") ? list(text) : TextNode.valueOf(text);
    }

    private static ArrayNode list(String commaSeparated) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (String part : commaSeparated.split(",", -1)) {
            if (!part.isBlank()) {
                list.add(part.strip());
            }
        }
        return list;
    }
}
