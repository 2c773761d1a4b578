package dev.understudy.flags;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Flags as the contract speaks of them; every source under test writes them down in its own form. */
public record FlagsDraft(
        Serving serving, boolean candidatesOn, List<String> candidates, Map<String, Boolean> shadowModes) {
    /** Either a fixed version, or percentages by version. */
    public sealed interface Answer {}

    public record Fixed(String version) implements Answer {}

    public record Shares(Map<String, Integer> percent) implements Answer {}

    /** A rule on one attribute. */
    public record Rule(String attribute, String value, Answer answer) {}

    public record Serving(
            boolean on, List<String> versions, Map<String, List<String>> targets, List<Rule> rules, Answer otherwise) {}

    public static FlagsDraft serving(String version) {
        return new FlagsDraft(
                new Serving(true, List.of("v1", "v2", "v3"), Map.of(), List.of(), new Fixed(version)),
                true,
                List.of(),
                Map.of());
    }

    /** Shares given as version, percent, version, percent ... */
    public static Shares shares(Object... versionsAndPercents) {
        Map<String, Integer> percent = new LinkedHashMap<>();
        for (int i = 0; i < versionsAndPercents.length; i += 2) {
            percent.put((String) versionsAndPercents[i], (Integer) versionsAndPercents[i + 1]);
        }
        return new Shares(percent);
    }

    public FlagsDraft otherwise(Answer answer) {
        return with(new Serving(serving.on, serving.versions, serving.targets, serving.rules, answer));
    }

    public FlagsDraft target(String version, String... entities) {
        Map<String, List<String>> targets = new LinkedHashMap<>(serving.targets);
        targets.put(version, List.of(entities));
        return with(new Serving(serving.on, serving.versions, targets, serving.rules, serving.otherwise));
    }

    public FlagsDraft rule(String attribute, String value, Answer answer) {
        List<Rule> rules = new ArrayList<>(serving.rules);
        rules.add(new Rule(attribute, value, answer));
        return with(new Serving(serving.on, serving.versions, serving.targets, rules, serving.otherwise));
    }

    public FlagsDraft killed() {
        return with(new Serving(false, serving.versions, serving.targets, serving.rules, serving.otherwise));
    }

    public FlagsDraft candidates(String... versions) {
        return new FlagsDraft(serving, true, List.of(versions), shadowModes);
    }

    public FlagsDraft candidatesOff() {
        return new FlagsDraft(serving, false, candidates, shadowModes);
    }

    public FlagsDraft shadowMode(String version, boolean on) {
        Map<String, Boolean> modes = new LinkedHashMap<>(shadowModes);
        modes.put(version, on);
        return new FlagsDraft(serving, candidatesOn, candidates, modes);
    }

    private FlagsDraft with(Serving changed) {
        return new FlagsDraft(changed, candidatesOn, candidates, shadowModes);
    }
}
