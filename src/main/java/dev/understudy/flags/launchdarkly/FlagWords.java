package dev.understudy.flags.launchdarkly;

import com.launchdarkly.sdk.LDValue;
import dev.understudy.flags.DescriptionBuilder;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/** Says in our words what LaunchDarkly's JSON of a flag says. */
final class FlagWords {
    /** The weight of all, in LaunchDarkly's thousandths of a percent. */
    private static final double ALL = 100_000;

    private final LDValue flag;
    private final List<String> variations;
    private final DescriptionBuilder description;

    private FlagWords(String key, LDValue flag) {
        this.flag = flag;
        this.variations = texts(flag.get("variations"));
        this.description = new DescriptionBuilder(key, flag.get("on").booleanValue()).variations(variations);
    }

    static FlagDescription describe(String key, FlagShape shape) {
        return new FlagWords(key, shape.definition()).describe(shape);
    }

    private FlagDescription describe(FlagShape shape) {
        for (LDValue prerequisite : flag.get("prerequisites").values()) {
            description.remark("counts as off unless flag '"
                    + prerequisite.get("key").stringValue() + "' answers its variation "
                    + prerequisite.get("variation").intValue());
        }
        targets();
        int index = 0;
        for (LDValue rule : flag.get("rules").values()) {
            description.rule(
                    condition(rule.get("clauses")), split(rule, shape.rules().get(index)));
            index++;
        }
        return description.rest(split(flag.get("fallthrough"), shape.fallthrough()));
    }

    /** Those of kind user may stand in both lists, and in the second then without their keys. */
    private void targets() {
        for (LDValue target : flag.get("targets").values()) {
            description.target(variation(target), target.get("values").size());
        }
        for (LDValue target : flag.get("contextTargets").values()) {
            String kind = target.get("contextKind").stringValue();
            if (kind == null || kind.isEmpty() || kind.equals("user")) {
                description.target(variation(target), target.get("values").size());
            } else {
                description.remark(
                        "its targets of the context kind '" + kind + "' never match: requests are of the kind 'user'");
            }
        }
    }

    private String condition(LDValue clauses) {
        return clauses.size() == 0
                ? "everybody"
                : String.join(
                        " and ",
                        StreamSupport.stream(clauses.values().spliterator(), false)
                                .map(FlagWords::clause)
                                .toList());
    }

    private static String clause(LDValue clause) {
        String operator = String.valueOf(clause.get("op").stringValue());
        boolean negated = clause.get("negate").booleanValue();
        List<String> values = texts(clause.get("values"));
        if (operator.equals("segmentMatch")) {
            return DescriptionBuilder.is("segment", negated, values);
        }
        String reference = String.valueOf(clause.get("attribute").stringValue());
        String kind = clause.get("contextKind").stringValue();
        String attribute = (kind == null || kind.isEmpty() || kind.equals("user") ? "" : kind + "'s ")
                + FlagShape.plainName(reference);
        return operator.equals("in")
                ? DescriptionBuilder.is(attribute, negated, values)
                : (negated ? "not " : "") + attribute + " " + operator + " " + String.join(" or ", values);
    }

    private Split split(LDValue branch, Optional<FlagShape.Rollout> rollout) {
        if (rollout.isEmpty()) {
            return Split.all(variation(branch));
        }
        List<Share> shares = new ArrayList<>();
        double left = 100;
        LDValue weighted = branch.get("rollout").get("variations");
        for (int i = 0; i < weighted.size(); i++) {
            // The last one also gets what the weights leave over.
            double percent = i == weighted.size() - 1
                    ? left
                    : weighted.get(i).get("weight").doubleValue() * 100 / ALL;
            left -= percent;
            shares.add(new Share(variation(weighted.get(i)), percent));
        }
        return new Split(shares, rollout.get().dividesBy());
    }

    private String variation(LDValue branch) {
        int index = branch.get("variation").intValue();
        return index >= 0 && index < variations.size() ? variations.get(index) : "variation " + index + " (missing)";
    }

    private static List<String> texts(LDValue values) {
        return StreamSupport.stream(values.values().spliterator(), false)
                .map(value -> value.isString() ? String.valueOf(value.stringValue()) : value.toJsonString())
                .toList();
    }
}
