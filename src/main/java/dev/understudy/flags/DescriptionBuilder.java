package dev.understudy.flags;

import dev.understudy.flags.FlagDescription.Rule;
import dev.understudy.flags.FlagDescription.Split;
import dev.understudy.flags.FlagDescription.State;
import dev.understudy.flags.FlagDescription.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts a flag into our words from its parts, called in the order in which the system tries them. A share of everybody that
 * is drawn just before the end becomes part of what everybody else gets; an earlier one stays a rule, since others come
 * between.
 */
public final class DescriptionBuilder {
    private final String key;
    private final boolean on;
    private final List<String> variations = new ArrayList<>();
    private final Map<String, Integer> targets = new LinkedHashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private int drawn;
    private boolean drawnLast;

    public DescriptionBuilder(String key, boolean on) {
        this.key = key;
        this.on = on;
    }

    public DescriptionBuilder variations(Collection<String> texts) {
        variations.addAll(texts);
        return this;
    }

    /** Entities that are named individually. Behind a rule, which would win over them, they are a rule too. */
    public DescriptionBuilder target(String variation, int entities) {
        if (entities > 0 && rules.isEmpty()) {
            targets.merge(variation, entities, Integer::sum);
        } else if (entities > 0) {
            rule(counted(entities) + " named individually", Split.all(variation));
        }
        return this;
    }

    public DescriptionBuilder rule(String when, Split gives) {
        rules.add(new Rule(when, gives));
        drawnLast = false;
        return this;
    }

    /**
     * A share of everybody.
     *
     * @param when names what draws it, for where it stays a rule
     */
    public DescriptionBuilder share(String when, Split gives) {
        rules.add(new Rule(when, gives));
        drawn++;
        drawnLast = true;
        return this;
    }

    public DescriptionBuilder remark(String text) {
        remarks.add(text);
        return this;
    }

    /** Completes the flag with what everybody else gets. */
    public FlagDescription rest(Split gives) {
        Split rest = gives;
        // Several draws may fall on the same entities or not, which shares alone do not tell.
        if (drawn == 1 && drawnLast) {
            rest = rules.remove(rules.size() - 1).gives().then(gives);
        }
        return new FlagDescription(
                key,
                on ? State.ON : State.OFF,
                variations,
                targets.entrySet().stream()
                        .map(target -> new Target(target.getKey(), target.getValue()))
                        .toList(),
                rules,
                Optional.of(rest),
                remarks);
    }

    /** The number of entities in words. */
    public static String counted(int entities) {
        return entities == 1 ? "1 entity" : entities + " entities";
    }

    /** A condition on values in words: {@code region is eu or uk}. */
    public static String is(String attribute, boolean negated, Collection<String> values) {
        return attribute + (negated ? " is not " : " is ") + String.join(" or ", values);
    }
}
