package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.ModelsOnDisk;
import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.DescriptionBuilder;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.SampledShares;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * All that {@code understudy flags} shows.
 *
 * @param health before the sample was taken
 * @param ignored names of attributes that the flag system keeps for itself
 * @param sampleProblem what was wrong with an answer of the sample
 */
record FlagsReport(
        FlagWording wording,
        FlagHealth health,
        List<FlagDescription> flags,
        Map<String, String> attributes,
        List<String> ignored,
        SampledShares sample,
        Optional<String> sampleProblem,
        ModelsOnDisk models)
        implements FlagsOptions.Report {
    private static final String NL = System.lineSeparator();

    static FlagsReport of(Understudy understudy, InspectableFlags flags, int entities, Map<String, String> attributes) {
        FlagHealth health = flags.health();
        List<FlagDescription> descriptions = flags.describe();
        SampledShares sample = SampledShares.of(flags, entities, attributes);
        return new FlagsReport(
                FlagWording.of(understudy.config()),
                health,
                descriptions,
                attributes,
                FlagWording.ignored(attributes, flags.reservedAttributes()),
                sample,
                sample.unusable() == 0 ? Optional.empty() : flags.health().problem(),
                understudy.models());
    }

    @Override
    public String text() {
        StringBuilder text = new StringBuilder();
        FlagWording.line(text, "source", health.source());
        FlagWording.line(text, "health", FlagWording.health(health));
        FlagWording.line(
                text,
                "default",
                wording.defaultVersion() + ", serves where " + wording.keys().serving()
                        + " is off or its answer cannot be used");
        boolean isKilled = isKilled();
        for (FlagDescription flag : flags) {
            text.append(NL)
                    .append(flag.key())
                    .append(": ")
                    .append(wording.state(flag, isKilled))
                    .append(NL);
            parts(text, flag);
        }
        text.append(NL).append(sampled()).append(NL).append(versions());
        FlagWording.ignored(text, ignored);
        FlagWording.line(
                text,
                "reasons",
                sample.reasons().entrySet().stream()
                        .map(reason -> reason.getKey() + " " + Numbers.whole(reason.getValue()))
                        .collect(Collectors.joining(", ")));
        if (sample.unusable() > 0) {
            FlagWording.line(
                    text,
                    "unusable",
                    Numbers.whole(sample.unusable()) + " answers of flags; the last: "
                            + sampleProblem.orElse("unknown"));
        }
        text.append(wording.missing(
                models, sample.served().keySet(), sample.shadowed().keySet()));
        return text.toString();
    }

    private boolean isKilled() {
        return flags.stream()
                .anyMatch(flag ->
                        flag.key().equals(wording.keys().serving()) && flag.state() == FlagDescription.State.OFF);
    }

    private static void parts(StringBuilder text, FlagDescription flag) {
        flag.remarks().forEach(remark -> FlagWording.line(text, "  remark", remark));
        if (flag.state() == FlagDescription.State.MISSING) {
            return;
        }
        FlagWording.line(text, "  variations", String.join(", ", flag.variations()));
        for (FlagDescription.Target target : flag.targets()) {
            FlagWording.line(
                    text, "  target", DescriptionBuilder.counted(target.entities()) + ": " + target.variation());
        }
        for (FlagDescription.Rule rule : flag.rules()) {
            FlagWording.line(text, "  rule", rule.when() + ": " + FlagWording.split(rule.gives()));
        }
        flag.rest().ifPresent(rest -> FlagWording.line(text, restName(flag), FlagWording.split(rest)));
    }

    private static String restName(FlagDescription flag) {
        return flag.targets().isEmpty() && flag.rules().isEmpty() ? "  everybody" : "  all others";
    }

    private String sampled() {
        return "Of " + Numbers.whole(sample.entities()) + " made-up entities with "
                + FlagWording.attributes(attributes) + " (19 times of 20 the share of all entities is within "
                + String.format(Locale.ROOT, "%.1f", sample.accuracy()) + " points):";
    }

    private Table versions() {
        Table table = new Table("version", "serves", "share", "shadows", "share", "model");
        for (ModelVersion version : sample.versions()) {
            int served = sample.servedBy(version);
            int shadowed = sample.shadowedBy(version);
            table.row(
                    version.name(),
                    Numbers.whole(served),
                    Numbers.decimals(sample.percent(served)) + "%",
                    Numbers.whole(shadowed),
                    Numbers.decimals(sample.percent(shadowed)) + "%",
                    models.missing(version).isEmpty() ? "on disk" : "MISSING");
        }
        return table;
    }

    @Override
    public String json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("source", health.source());
        node.set("health", FlagWording.json(health));
        node.put("defaultVersion", wording.defaultVersion().name());
        ArrayNode described = node.putArray("flags");
        flags.forEach(flag -> described.add(json(flag)));
        ObjectNode sampled = node.putObject("sample").put("entities", sample.entities());
        attributes.forEach(sampled.putObject("attributes")::put);
        ignored.forEach(sampled.putArray("ignoredAttributes")::add);
        ArrayNode versions = sampled.putArray("versions");
        for (ModelVersion version : sample.versions()) {
            int served = sample.servedBy(version);
            int shadowed = sample.shadowedBy(version);
            versions.addObject()
                    .put("version", version.name())
                    .put("serves", served)
                    .put("servesPercent", sample.percent(served))
                    .put("shadows", shadowed)
                    .put("shadowsPercent", sample.percent(shadowed))
                    .put("modelProblem", models.missing(version).orElse(null));
        }
        ObjectNode reasons = sampled.putObject("reasons");
        sample.reasons().forEach((reason, count) -> reasons.put(reason.name(), count));
        sampled.put("unusable", sample.unusable()).put("problem", sampleProblem.orElse(null));
        return node.toPrettyString();
    }

    private static ObjectNode json(FlagDescription flag) {
        ObjectNode node = JsonNodeFactory.instance
                .objectNode()
                .put("key", flag.key())
                .put("exists", flag.state() != FlagDescription.State.MISSING)
                .put("on", flag.state() == FlagDescription.State.ON);
        flag.variations().forEach(node.putArray("variations")::add);
        ArrayNode targets = node.putArray("targets");
        flag.targets()
                .forEach(target ->
                        targets.addObject().put("variation", target.variation()).put("entities", target.entities()));
        ArrayNode rules = node.putArray("rules");
        flag.rules().forEach(rule -> put(rules.addObject().put("when", rule.when()), rule.gives()));
        flag.rest().ifPresentOrElse(rest -> put(node.putObject("rest"), rest), () -> node.putNull("rest"));
        flag.remarks().forEach(node.putArray("remarks")::add);
        return node;
    }

    private static void put(ObjectNode node, FlagDescription.Split split) {
        ArrayNode shares = node.putArray("shares");
        split.shares()
                .forEach(share ->
                        shares.addObject().put("variation", share.variation()).put("percent", share.percent()));
        node.put("remark", split.remark().orElse(null));
    }
}
