package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.ModelsOnDisk;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagKeys;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What is said about flags, in words.
 *
 * @param defaultVersion serves where a flag is off or its answer cannot be used
 */
record FlagWording(FlagKeys keys, ModelVersion defaultVersion) {
    static FlagWording of(UnderstudyConfig config) {
        return new FlagWording(config.flags().keys().flagKeys(), config.model().version());
    }

    static String health(FlagHealth health) {
        String problem = health.problem().orElse("no reason is known");
        return health.staleSince()
                .map(since -> "STALE since " + since + ": " + problem)
                .orElse(health.problem().isEmpty() ? "fresh" : "fresh, but " + problem);
    }

    /** What it means that a flag is on, off or missing. */
    String state(FlagDescription flag, boolean isKilled) {
        boolean isServing = flag.key().equals(keys.serving());
        boolean isCandidates = flag.key().equals(keys.candidates());
        return switch (flag.state()) {
            case ON -> isKilled && !isServing ? "on, but not asked while " + keys.serving() + " is off" : "on";
            case OFF ->
                isServing
                        ? "OFF, the kill switch: " + defaultVersion
                                + ", the default version, serves everybody and nothing is shadowed"
                        : "OFF, so "
                                + (isCandidates
                                        ? "it names no candidates"
                                        : flag.key()
                                                        .substring(keys.shadowPrefix()
                                                                .length()) + " is not shadowed");
            case MISSING ->
                "missing, so "
                        + (isServing
                                ? defaultVersion + ", the default version, serves everybody"
                                : "only flags " + keys.shadowPrefix() + "<version> say what is shadowed");
        };
    }

    static String reason(RoutingReason reason) {
        return switch (reason) {
            case TARGET -> "the entity is named individually";
            case RULE -> "a rule on attributes matched";
            case ROLLOUT -> "nothing else matched, and a percentage decided";
            case DEFAULT -> "nothing else matched, and all get the same";
            case KILLED -> "the flag is off, so the default version serves and nothing is shadowed";
            case FALLBACK -> "the answer could not be used, so the default version serves";
        };
    }

    /** Shares in percent; of all, the variation alone. */
    static String split(FlagDescription.Split split) {
        List<String> parts = new ArrayList<>();
        split.shares().forEach(share -> parts.add(share.variation() + " " + percent(share.percent())));
        if (split.passedOn() > 0) {
            parts.add(percent(split.passedOn()) + " go on to what follows");
        } else if (parts.size() == 1) {
            parts.set(0, split.shares().get(0).variation());
        }
        return String.join(", ", parts)
                + split.remark().map(remark -> " (" + remark + ")").orElse("");
    }

    /** As people write it: {@code 5 %}, {@code 0.25 %}. */
    static String percent(double percent) {
        return BigDecimal.valueOf(percent)
                        .setScale(3, RoundingMode.HALF_UP)
                        .stripTrailingZeros()
                        .toPlainString()
                + " %";
    }

    /** Says which of the versions are not on this machine, and what SCORE and SHADOW do without them. */
    String missing(ModelsOnDisk models, Collection<ModelVersion> serving, Collection<ModelVersion> shadowing) {
        StringBuilder text = new StringBuilder();
        Set<ModelVersion> asked = new LinkedHashSet<>(serving);
        asked.addAll(shadowing);
        Set<String> problems = new LinkedHashSet<>();
        asked.forEach(version -> models.missing(version).ifPresent(problems::add));
        problems.forEach(problem -> line(text, "missing", problem));
        List<ModelVersion> absent = serving.stream()
                .filter(version -> models.missing(version).isPresent())
                .toList();
        if (absent.contains(defaultVersion)) {
            line(text, "", "SCORE does not start without " + defaultVersion + ", its default version");
        }
        if (absent.stream().anyMatch(version -> !version.equals(defaultVersion))) {
            line(
                    text,
                    "",
                    "For a version that SCORE lacks, the production of its declared stage answers, else the version that"
                            + " served last, else " + defaultVersion + "; the prediction says FALLBACK");
        }
        if (shadowing.stream().anyMatch(version -> models.missing(version).isPresent())) {
            line(text, "", "Comparisons of a candidate that SHADOW lacks fail with MODEL_NOT_LOADED");
        }
        return text.toString();
    }

    static ObjectNode json(FlagHealth health) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("stale", health.staleSince().isPresent())
                .put("staleSince", health.staleSince().map(Instant::toString).orElse(null))
                .put("problem", health.problem().orElse(null));
    }

    /** The attributes that the flag system never gets to see. */
    static List<String> ignored(Map<String, String> attributes, Set<String> reserved) {
        return attributes.keySet().stream().filter(reserved::contains).toList();
    }

    /** Says which attributes are not passed on. */
    static void ignored(StringBuilder text, List<String> names) {
        names.forEach(name -> line(
                text,
                "ignored",
                "attribute " + name + ": the flag system keeps this name for itself, so no flag can ask for it"));
    }

    static void line(StringBuilder text, String name, String value) {
        text.append(String.format("%-12s  %s%n", name, value));
    }

    static String attributes(Map<String, String> attributes) {
        return attributes.isEmpty()
                ? "no attributes"
                : attributes.entrySet().stream()
                        .map(attribute -> attribute.getKey() + "=" + attribute.getValue())
                        .collect(Collectors.joining(", "));
    }
}
