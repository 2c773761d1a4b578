package dev.understudy.flags.unleash;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.Shares;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the strategies of the serving flag give to those whom no constraint concerns, and how to give something else. It
 * knows the layouts that docs/flags.md asks for, and no others:
 *
 * <pre>
 *   nothing                                                    the default version for everybody
 *   gradual rollout n %, variant v2                            then the default version
 *   gradual rollout n %, variant v2; 100 %, variant v1
 *   gradual rollout 100 %, variants v1 ... by weight
 * </pre>
 */
final class LastRollout {
    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final BigDecimal HUNDRED = BigDecimal.valueOf(100);

    private final String key;
    private final String defaultVersion;
    private final List<JsonNode> strategies;
    private final Shares shares;

    /**
     * How the layout is changed.
     *
     * @param strategy id of the one that is changed; empty where one is added
     * @param body a JSON patch of it, or the whole of a new one
     */
    record Change(Optional<String> strategy, JsonNode body, Shares then) {}

    private LastRollout(String key, String defaultVersion, List<JsonNode> strategies) throws FlagPlanException {
        this.key = key;
        this.defaultVersion = defaultVersion;
        this.strategies = strategies;
        this.shares = readShares();
    }

    /** @param flag a flag in an environment, as the admin API tells it */
    static LastRollout of(JsonNode flag, String defaultVersion) throws FlagPlanException {
        String key = flag.path("featureName").asText(flag.path("name").asText());
        List<JsonNode> last = new ArrayList<>();
        for (JsonNode strategy : flag.path("strategies")) {
            boolean counts = !strategy.path("disabled").asBoolean();
            if (counts && StrategyShape.of(strategy).kind() == StrategyShape.Kind.REST) {
                last.add(strategy);
            }
        }
        return new LastRollout(key, defaultVersion, last);
    }

    Shares shares() {
        return shares;
    }

    private Shares readShares() throws FlagPlanException {
        for (JsonNode strategy : strategies) {
            StrategyShape shape = StrategyShape.of(strategy);
            if (!strategy.path("name").asText().equals("flexibleRollout")
                    || weighted(strategy).isEmpty()) {
                throw refusal("a strategy '" + strategy.path("name").asText() + "' without variants stands there");
            }
            if (!StrategyShape.isByEntity(shape.stickiness())) {
                throw refusal("it divides by '" + shape.stickiness() + "'");
            }
        }
        if (strategies.isEmpty()) {
            return Shares.all(defaultVersion);
        }
        JsonNode first = strategies.get(0);
        BigDecimal percent = BigDecimal.valueOf(StrategyShape.of(first).percent());
        if (percent.compareTo(HUNDRED) == 0) {
            List<Shares.Slice> slices = new ArrayList<>();
            for (JsonNode variant : weighted(first)) {
                slices.add(new Shares.Slice(
                        version(variant),
                        BigDecimal.valueOf(variant.path("weight").asLong(), 1)));
            }
            try {
                return new Shares(slices);
            } catch (IllegalArgumentException e) {
                throw refusal("the weights of its variants are not 1000 together");
            }
        }
        boolean oneEach =
                strategies.stream().allMatch(strategy -> weighted(strategy).size() == 1);
        boolean restFollows =
                strategies.size() == 2 && !StrategyShape.of(strategies.get(1)).isPartial();
        if (!oneEach || !(strategies.size() == 1 || restFollows)) {
            throw refusal("several gradual rollouts stand one after the other, whose shares depend on each other");
        }
        String rest = restFollows ? version(weighted(strategies.get(1)).get(0)) : defaultVersion;
        return new Shares(List.of(
                new Shares.Slice(version(weighted(first).get(0)), percent),
                new Shares.Slice(rest, HUNDRED.subtract(percent))));
    }

    Change change(FlagChange.Share wanted) throws FlagPlanException {
        Map<String, BigDecimal> after = shares.after(wanted);
        if (strategies.isEmpty()) {
            requireDefault(wanted);
            return added(wanted);
        }
        return StrategyShape.of(strategies.get(0)).isPartial() ? rolled(wanted) : weighed(wanted, after);
    }

    /** No strategy concerns everybody yet. */
    private Change added(FlagChange.Share wanted) {
        ObjectNode strategy = JSON.objectNode().put("name", "flexibleRollout");
        strategy.putArray("constraints");
        strategy.putObject("parameters")
                .put("rollout", Integer.toString(wanted.percent()))
                .put("stickiness", "default")
                .put("groupId", wanted.key());
        strategy.putArray("variants")
                .addObject()
                .put("name", wanted.candidate().name())
                .put("weight", 1000)
                .put("weightType", "variable")
                .put("stickiness", "default");
        return new Change(Optional.empty(), strategy, divided(wanted));
    }

    /** The percentage of the strategy itself is the candidate's share. */
    private Change rolled(FlagChange.Share wanted) throws FlagPlanException {
        JsonNode strategy = strategies.get(0);
        String served = version(weighted(strategy).get(0));
        if (!served.equals(wanted.candidate().name())) {
            throw refusal("its gradual rollout of less than 100 % is of " + served + ", not of " + wanted.candidate());
        }
        if (strategies.size() == 1) {
            requireDefault(wanted);
        } else if (!shares.byVersion().containsKey(wanted.production().name())) {
            throw refusal("what is left is not given to " + wanted.production());
        }
        ArrayNode patch = JSON.arrayNode();
        replace(
                patch,
                "/parameters/rollout",
                strategy.path("parameters").path("rollout"),
                JSON.textNode(Integer.toString(wanted.percent())));
        return new Change(Optional.of(strategy.path("id").asText()), patch, divided(wanted));
    }

    /** The variants of one strategy for everybody divide. The server wants one that takes what the others leave. */
    private Change weighed(FlagChange.Share wanted, Map<String, BigDecimal> after) throws FlagPlanException {
        JsonNode strategy = strategies.get(0);
        ArrayNode patch = JSON.arrayNode();
        List<NamedSlice> then = new ArrayList<>();
        List<String> known = new ArrayList<>();
        int index = 0;
        for (JsonNode variant : strategy.path("variants")) {
            String version = version(variant);
            if (known.contains(version)) {
                throw refusal("two of its variants say " + version);
            }
            known.add(version);
            String at = "/variants/" + index++;
            BigDecimal percent = after.getOrDefault(version, BigDecimal.ZERO);
            patch.addObject().put("op", "test").put("path", at + "/name").set("value", variant.path("name"));
            replace(patch, at + "/weight", variant.path("weight"), JSON.numberNode(perMille(percent)));
            replace(patch, at + "/weightType", variant.path("weightType"), JSON.textNode(weightType(version, wanted)));
            then.add(new NamedSlice(variant.path("name").asText(), new Shares.Slice(version, percent)));
        }
        for (Map.Entry<String, BigDecimal> share : after.entrySet()) {
            if (!known.contains(share.getKey()) && share.getValue().signum() != 0) {
                patch.addObject()
                        .put("op", "add")
                        .put("path", "/variants/-")
                        .putObject("value")
                        .put("name", share.getKey())
                        .put("weight", perMille(share.getValue()))
                        .put("weightType", weightType(share.getKey(), wanted))
                        .put(
                                "stickiness",
                                strategy.path("variants")
                                        .path(0)
                                        .path("stickiness")
                                        .asText("default"));
                then.add(new NamedSlice(share.getKey(), new Shares.Slice(share.getKey(), share.getValue())));
            }
        }
        then.sort(Comparator.comparing(NamedSlice::name, String.CASE_INSENSITIVE_ORDER));
        return new Change(
                Optional.of(strategy.path("id").asText()),
                patch,
                new Shares(then.stream().map(NamedSlice::slice).toList()));
    }

    /** The server lays variants out by their names. */
    private record NamedSlice(String name, Shares.Slice slice) {}

    /** The patch is refused where something else than expected stands there. */
    private static void replace(ArrayNode patch, String path, JsonNode expected, JsonNode value) {
        if (!expected.equals(value)) {
            patch.addObject().put("op", "test").put("path", path).set("value", expected);
            patch.addObject().put("op", "replace").put("path", path).set("value", value);
        }
    }

    private static String weightType(String version, FlagChange.Share wanted) {
        return version.equals(wanted.production().name()) ? "variable" : "fix";
    }

    private static int perMille(BigDecimal percent) {
        return percent.movePointRight(1).intValueExact();
    }

    private Shares divided(FlagChange.Share wanted) {
        BigDecimal percent = BigDecimal.valueOf(wanted.percent());
        return new Shares(List.of(
                new Shares.Slice(wanted.candidate().name(), percent),
                new Shares.Slice(wanted.production().name(), HUNDRED.subtract(percent))));
    }

    private void requireDefault(FlagChange.Share wanted) throws FlagPlanException {
        if (!wanted.production().name().equals(defaultVersion)) {
            throw refusal(
                    "what is left goes to the default version " + defaultVersion + ", not to " + wanted.production());
        }
    }

    private String version(JsonNode variant) throws FlagPlanException {
        JsonNode value = variant.path("payload").path("value");
        String type = variant.path("payload").path("type").asText("string");
        if (!type.equals("string")) {
            throw refusal("the payload of its variant '" + variant.path("name").asText() + "' is no text");
        }
        return value.isTextual() ? value.textValue() : variant.path("name").asText();
    }

    private static List<JsonNode> weighted(JsonNode strategy) {
        List<JsonNode> weighted = new ArrayList<>();
        for (JsonNode variant : strategy.path("variants")) {
            if (variant.path("weight").asInt() > 0) {
                weighted.add(variant);
            }
        }
        return weighted;
    }

    private FlagPlanException refusal(String why) {
        return new FlagPlanException("the strategies of flag '" + key + "' cannot be changed with certainty: " + why
                + ". By hand: give everybody one gradual rollout of 100 % with a variant for each version, whose weights"
                + " are the shares (docs/flags.md)");
    }
}
