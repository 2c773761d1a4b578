package dev.understudy.flags.launchdarkly;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.flags.plan.Shares;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;

/** Reads what LaunchDarkly's JSON of a flag gives to those whom no target and no rule concerns. */
public final class RolloutShares {
    private RolloutShares() {}

    /**
     * Shares in the order in which the evaluator lays them out.
     *
     * @param fallthrough has either {@code variation} or {@code rollout}
     * @param versions the flag's variations
     * @throws IllegalArgumentException if it names a variation that is not there, or its weights are not 100 % together
     */
    public static Shares of(JsonNode fallthrough, List<String> versions) {
        if (fallthrough.path("variation").isInt()) {
            return Shares.all(version(versions, fallthrough.path("variation").intValue()));
        }
        List<Shares.Slice> slices = new ArrayList<>();
        for (JsonNode weighted : fallthrough.path("rollout").path("variations")) {
            slices.add(new Shares.Slice(
                    version(versions, weighted.path("variation").asInt(-1)),
                    BigDecimal.valueOf(weighted.path("weight").asLong(), 3)));
        }
        return new Shares(slices);
    }

    private static String version(List<String> versions, int index) {
        if (index < 0 || index >= versions.size()) {
            throw new IllegalArgumentException("there is no variation " + index);
        }
        return versions.get(index);
    }
}
