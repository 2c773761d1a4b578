package dev.understudy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.ModelsOnDisk;
import dev.understudy.app.Understudy;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagAnswer;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.InspectableFlags;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * All that {@code understudy flags eval} shows.
 *
 * @param ignored names of attributes that the flag system keeps for itself
 */
record DecisionReport(
        FlagWording wording,
        FlagHealth health,
        String entity,
        Map<String, String> attributes,
        List<String> ignored,
        Explanation explanation,
        ModelsOnDisk models)
        implements FlagsOptions.Report {
    private static final String NL = System.lineSeparator();

    static DecisionReport of(
            Understudy understudy, InspectableFlags flags, String entity, Map<String, String> attributes) {
        FlagHealth health = flags.health();
        return new DecisionReport(
                FlagWording.of(understudy.config()),
                health,
                entity,
                attributes,
                FlagWording.ignored(attributes, flags.reservedAttributes()),
                flags.explain(entity, attributes),
                understudy.models());
    }

    @Override
    public String text() {
        RoutingDecision served = explanation.routing().served();
        StringBuilder text = new StringBuilder();
        FlagWording.line(text, "entity", entity + " with " + FlagWording.attributes(attributes));
        FlagWording.ignored(text, ignored);
        FlagWording.line(text, "source", health.source());
        FlagWording.line(text, "health", FlagWording.health(health));
        FlagWording.line(
                text, "serves", served.version() + ", " + served.reason() + ": " + FlagWording.reason(served.reason()));
        FlagWording.line(text, "shadows", shadows());
        if (candidates().contains(served.version())) {
            FlagWording.line(
                    text,
                    "",
                    served.version()
                            + " serves this entity itself, and is compared with production only under a declared"
                            + " stage");
        }
        text.append(NL).append(answers());
        explanation.problems().forEach(problem -> FlagWording.line(text, "unusable", problem));
        text.append(wording.missing(models, List.of(served.version()), candidates()));
        return text.toString();
    }

    private List<ModelVersion> candidates() {
        return explanation.routing().candidates();
    }

    private String shadows() {
        if (!candidates().isEmpty()) {
            return candidates().stream()
                    .map(version -> version + " by " + flagOf(version))
                    .collect(Collectors.joining(", "));
        }
        return isKilled() ? "nobody, while " + wording.keys().serving() + " is off" : "nobody";
    }

    private boolean isKilled() {
        return explanation.routing().served().reason() == RoutingReason.KILLED;
    }

    /** The flag that decides about a candidate. */
    private String flagOf(ModelVersion candidate) {
        String own = wording.keys().shadowMode(candidate);
        return explanation.answers().containsKey(own) ? own : wording.keys().candidates();
    }

    private Table answers() {
        Table table = new Table("flag", "answer", "why");
        explanation.answers().forEach((key, answer) -> table.row(key, text(answer.value()), why(answer)));
        return table;
    }

    private static String why(FlagAnswer answer) {
        if (answer instanceof FlagAnswer.Given given) {
            return given.reason() + ": " + FlagWording.reason(given.reason());
        }
        return answer instanceof FlagAnswer.Unusable ? "not usable" : "off";
    }

    private static String text(JsonNode value) {
        return value.isNull() ? "-" : value.isTextual() ? value.textValue() : value.toString();
    }

    @Override
    public String json() {
        RoutingDecision served = explanation.routing().served();
        ObjectNode node = JsonNodeFactory.instance.objectNode().put("entity", entity);
        attributes.forEach(node.putObject("attributes")::put);
        ignored.forEach(node.putArray("ignoredAttributes")::add);
        node.put("source", health.source());
        node.set("health", FlagWording.json(health));
        node.putObject("serves")
                .put("version", served.version().name())
                .put("flag", served.flagKey())
                .put("variation", served.variation())
                .put("reason", served.reason().name())
                .put("modelProblem", models.missing(served.version()).orElse(null));
        ArrayNode shadows = node.putArray("shadows");
        for (ModelVersion candidate : candidates()) {
            String flag = flagOf(candidate);
            ObjectNode shadow = shadows.addObject()
                    .put("version", candidate.name())
                    .put("flag", flag)
                    .put("modelProblem", models.missing(candidate).orElse(null));
            if (explanation.answers().get(flag) instanceof FlagAnswer.Given given) {
                shadow.put("reason", given.reason().name());
            }
        }
        ArrayNode answers = node.putArray("answers");
        explanation.answers().forEach((key, answer) -> {
            ObjectNode one = answers.addObject().put("flag", key);
            one.set("answer", answer.value());
            one.put("off", answer instanceof FlagAnswer.Off);
            one.put(
                    "reason",
                    answer instanceof FlagAnswer.Given given ? given.reason().name() : null);
        });
        explanation.problems().forEach(node.putArray("problems")::add);
        return node.toPrettyString();
    }
}
