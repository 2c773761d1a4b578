package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.Shares;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The options of a feature in an environment, which divide everybody whom no override concerns; what they leave gets the
 * feature's own value.
 */
final class FeatureOptions {
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);
    /** What the server takes; the rest of a state is its own. */
    private static final List<String> WRITTEN =
            List.of("id", "feature", "environment", "identity", "feature_segment", "enabled", "feature_state_value");

    private static final String VALUES = "multivariate_feature_state_values";

    private final String key;
    private final long feature;
    private final Map<Long, String> valueByOption;
    private final boolean split;
    private JsonNode state = JsonNodeFactory.instance.objectNode();

    /** What is sent, and how everybody is divided then. */
    record Change(JsonNode body, Shares then) {}

    private record Option(JsonNode value, String version, BigDecimal percent) {}

    private FeatureOptions(String key, long feature, Map<Long, String> valueByOption, boolean split) {
        this.key = key;
        this.feature = feature;
        this.valueByOption = valueByOption;
        this.split = split;
    }

    /** @param document of the environment, with the ids */
    static FeatureOptions of(String key, JsonNode document) throws FlagPlanException {
        for (JsonNode found : document.path("feature_states")) {
            if (is(key, found)) {
                Map<Long, String> values = new HashMap<>();
                for (JsonNode value : found.path(VALUES)) {
                    JsonNode option = value.path("multivariate_feature_option");
                    values.put(option.path("id").asLong(), option.path("value").asText());
                }
                return new FeatureOptions(
                        key, found.path("feature").path("id").asLong(), values, splits(key, document));
            }
        }
        throw new FlagPlanException("there is no feature '" + key + "' in the environment");
    }

    private static boolean is(String key, JsonNode state) {
        return state.path("feature").path("name").asText().equals(key);
    }

    /** Whether a segment that asks for nothing but a percentage decides in place of the options. */
    private static boolean splits(String key, JsonNode document) {
        for (JsonNode segment : document.path("project").path("segments")) {
            for (JsonNode override : segment.path("feature_states")) {
                if (is(key, override) && SegmentShape.of(segment).splitOnly()) {
                    return true;
                }
            }
        }
        return false;
    }

    long feature() {
        return feature;
    }

    /** @param answer the states of this feature in the environment, without those of segments and identities */
    void take(JsonNode answer) throws FlagPlanException {
        JsonNode results = answer.path("results").isArray() ? answer.path("results") : answer;
        if (results.size() != 1 || !results.path(0).path("id").isIntegralNumber()) {
            throw refusal("Flagsmith told " + results.size() + " states of it, where one is expected");
        }
        state = results.path(0);
    }

    long state() {
        return state.path("id").asLong();
    }

    boolean isOff() {
        return !state.path("enabled").asBoolean();
    }

    void requireNoSplit() throws FlagPlanException {
        if (split) {
            throw refusal("a segment with a percentage split decides in place of its options; change the percentage of"
                    + " the segment");
        }
    }

    Shares shares() throws FlagPlanException {
        for (JsonNode value : state.path(VALUES)) {
            if (!valueByOption.containsKey(optionId(value))) {
                throw refusal("one of its options is not in the environment document yet; try again");
            }
        }
        return shares(options());
    }

    /** Empty where they cannot be told, which a kill does not need. */
    Optional<Shares> sharesIfKnown() {
        try {
            return Optional.of(shares());
        } catch (FlagPlanException e) {
            return Optional.empty();
        }
    }

    private Shares shares(List<Option> options) throws FlagPlanException {
        List<Shares.Slice> slices = new ArrayList<>();
        BigDecimal rest = HUNDRED;
        for (Option option : options) {
            slices.add(new Shares.Slice(option.version(), option.percent()));
            rest = rest.subtract(option.percent());
        }
        slices.add(new Shares.Slice(state.path("feature_state_value").asText(), rest));
        if (rest.signum() < 0) {
            throw refusal("its options are more than 100 % together");
        }
        return new Shares(slices);
    }

    /** In the order in which they are laid out, that of their ids. */
    private List<Option> options() {
        List<Option> options = new ArrayList<>();
        for (JsonNode value : state.path(VALUES)) {
            options.add(new Option(
                    value,
                    valueByOption.getOrDefault(optionId(value), ""),
                    value.path("percentage_allocation").decimalValue()));
        }
        options.sort(
                Comparator.comparingLong(option -> option.value().path("id").asLong()));
        return options;
    }

    ObjectNode off() {
        return body(options()).put("enabled", false);
    }

    /** @param after percent by version */
    Change change(FlagChange.Share wanted, Map<String, BigDecimal> after) throws FlagPlanException {
        String candidate = wanted.candidate().name();
        String production = wanted.production().name();
        List<Option> before = options();
        boolean hasOption = before.stream().anyMatch(option -> option.version().equals(production));
        String rest = state.path("feature_state_value").asText();
        if (before.stream().noneMatch(option -> option.version().equals(candidate))) {
            throw refusal("it has no option " + candidate + "; add one");
        }
        if (before.stream().map(Option::version).distinct().count() < before.size()) {
            throw refusal("two of its options have the same value");
        }
        if (!hasOption && !rest.equals(production)) {
            throw refusal("what its options leave is not given to " + production);
        }
        List<Option> options = before.stream()
                .map(option -> option.version().equals(candidate)
                                || option.version().equals(production)
                        ? new Option(
                                option.value(), option.version(), after.getOrDefault(option.version(), BigDecimal.ZERO))
                        : option)
                .toList();
        return new Change(body(options), shares(options));
    }

    private ObjectNode body(List<Option> options) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        for (String field : WRITTEN) {
            if (state.has(field)) {
                body.set(field, state.get(field));
            }
        }
        for (Option option : options) {
            body.withArrayProperty(VALUES)
                    .addObject()
                    .put("id", option.value().path("id").asLong())
                    .put("multivariate_feature_option", optionId(option.value()))
                    .put("percentage_allocation", option.percent());
        }
        return body;
    }

    private static long optionId(JsonNode value) {
        JsonNode option = value.path("multivariate_feature_option");
        return option.isObject() ? option.path("id").asLong() : option.asLong();
    }

    private FlagPlanException refusal(String why) {
        return new FlagPlanException("feature '" + key + "' cannot be changed with certainty: " + why
                + ". By hand: set the percentages of its options in Flagsmith (docs/flags.md)");
    }
}
