package dev.understudy.flags.launchdarkly;

import com.launchdarkly.sdk.EvaluationReason;
import com.launchdarkly.sdk.LDValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an evaluation's reason does not tell about a flag: whether it looks at who asks, which of its branches are
 * percentage rollouts, and by what they divide. LaunchDarkly silently gives the first variation to everybody where a rollout divides by a context kind or
 * an attribute that the call lacks, so it has to be known here.
 *
 * @param definition LaunchDarkly's own JSON of the flag
 * @param sameForAll whether it answers everybody alike: it has no targets, rules, prerequisites or rollout
 */
record FlagShape(LDValue definition, Optional<Rollout> fallthrough, List<Optional<Rollout>> rules, boolean sameForAll) {
    /** Parts of a flag that make answers depend on who asks, or on another flag that may. */
    private static final List<String> BY_WHO = List.of("targets", "contextTargets", "rules", "prerequisites");

    /**
     * A percentage rollout.
     *
     * @param contextKind kind of the context whose key decides
     * @param attribute the attribute that decides in place of the key, if any
     */
    record Rollout(String contextKind, Optional<String> attribute) {
        /** By what else than the entity it divides, for people; empty where it is the entity. */
        Optional<String> dividesBy() {
            return isByUser()
                    ? attribute.map(name -> "divided by the attribute '" + name + "'")
                    : Optional.of("divided by the context kind '" + contextKind
                            + "', which requests do not have: the default version serves");
        }

        boolean isByUser() {
            return contextKind.equals("user");
        }
    }

    FlagShape {
        rules = List.copyOf(rules);
    }

    /** Reads LaunchDarkly's own JSON of a flag. */
    static FlagShape of(String flagJson) {
        LDValue flag = LDValue.parse(flagJson);
        List<Optional<Rollout>> rules = new ArrayList<>();
        for (LDValue rule : flag.get("rules").values()) {
            rules.add(rollout(rule.get("rollout")));
        }
        Optional<Rollout> fallthrough = rollout(flag.get("fallthrough").get("rollout"));
        boolean asksWho = BY_WHO.stream().anyMatch(part -> flag.get(part).size() > 0);
        return new FlagShape(flag, fallthrough, rules, !asksWho && fallthrough.isEmpty());
    }

    /** Says why the rollout behind this answer cannot be trusted, or nothing when it can. */
    Optional<String> misfit(EvaluationReason reason, Map<String, String> attributes) {
        return behind(reason).flatMap(rollout -> {
            if (!rollout.isByUser()) {
                return Optional.of("rolls out by the context kind '" + rollout.contextKind()
                        + "', which requests do not have; roll out by 'user', whose key is the entity id");
            }
            return rollout.attribute()
                    .filter(name -> !attributes.containsKey(name))
                    .map(name -> "rolls out by the attribute '" + name
                            + "', which the request lacks; roll out by the key, which is the entity id");
        });
    }

    private Optional<Rollout> behind(EvaluationReason reason) {
        if (reason.getKind() == EvaluationReason.Kind.FALLTHROUGH) {
            return fallthrough;
        }
        if (reason.getKind() == EvaluationReason.Kind.RULE_MATCH && reason.getRuleIndex() < rules.size()) {
            return rules.get(reason.getRuleIndex());
        }
        return Optional.empty();
    }

    private static Optional<Rollout> rollout(LDValue rollout) {
        if (rollout.isNull()) {
            return Optional.empty();
        }
        LDValue kind = rollout.get("contextKind");
        LDValue bucketBy = rollout.get("bucketBy");
        boolean byKey = !bucketBy.isString()
                || bucketBy.stringValue().isEmpty()
                || bucketBy.stringValue().equals("key")
                || rollout.get("kind").equals(LDValue.of("experiment")); // experiments always divide by the key
        return Optional.of(new Rollout(
                kind.isString() && !kind.stringValue().isEmpty() ? kind.stringValue() : "user",
                byKey ? Optional.empty() : Optional.of(plainName(bucketBy.stringValue()))));
    }

    /** An attribute reference may be written as a pointer: {@code /account}. */
    static String plainName(String reference) {
        return reference.startsWith("/")
                ? reference.substring(1).replace("~1", "/").replace("~0", "~")
                : reference;
    }
}
