package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.Applied;
import dev.understudy.app.FileEvaluation;
import dev.understudy.app.RolloutStages;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelPair;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagStep;
import dev.understudy.flags.plan.ShareCheck;
import dev.understudy.flags.plan.Shares;
import dev.understudy.report.Decisions;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A planned change of the serving flag, as it is printed.
 *
 * @param readiness empty for a kill, which does not ask it
 * @param remarks what else somebody should know before it is applied
 */
record FlagsPlanReport(
        UnderstudyConfig config,
        ModelPair pair,
        FlagPlan plan,
        Optional<StepReadiness> readiness,
        List<String> remarks) {
    private static final String NL = System.lineSeparator();

    String text() {
        StringBuilder text = new StringBuilder();
        text.append("Flag ")
                .append(plan.change().key())
                .append(", ")
                .append(plan.place())
                .append(": ")
                .append(
                        plan.change() instanceof FlagChange.Share share
                                ? pair.candidate() + " to " + share.percent() + " %"
                                : "off")
                .append(NL);
        line(text, "now", plan.now().map(Shares::toString).orElse("not looked at, a kill asks nobody"));
        line(text, "then", then());
        readiness.ifPresent(step -> line(text, "readiness", step.sentence()));
        line(text, "stage", stage());
        readiness
                .flatMap(StepReadiness::stage)
                .map(stage -> RolloutStages.ownMargins(config, stage))
                .filter(own -> !own.isEmpty())
                .ifPresent(own -> line(
                        text,
                        "margins",
                        "the configured ones; those of the stage in force (" + own
                                + ") are kept by `stage start --margin`" + " alone"));
        remarks.forEach(remark -> line(text, "note", remark));
        if (plan.steps().isEmpty()) {
            line(text, "change", "none, the flag is as wanted");
        }
        text.append(NL);
        for (FlagStep step : plan.steps()) {
            text.append(step.text()).append(NL);
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("  ")
                .append((name + ":          ").substring(0, 11))
                .append(value)
                .append(NL);
    }

    private String then() {
        return plan.then()
                .map(Shares::toString)
                .orElse(config.model().defaultVersion() + " 100 % (the default version), and nothing is shadowed");
    }

    private String stage() {
        if (!(plan.change() instanceof FlagChange.Share share)) {
            return "that of " + pair + " ends once the flag is off";
        }
        String ends = readiness
                .flatMap(StepReadiness::stage)
                .map(stage -> "; it ends epoch " + stage.epoch() + ", " + stage.percent() + " % since " + stage.since())
                .orElse("");
        return pair + " at " + share.percent() + " %, held for "
                + DurationText.format(FileEvaluation.hold(config, share.percent()))
                + (plan.grows() ? ", declared before the flag is changed" : ", declared once the flag is changed")
                + ends;
    }

    ObjectNode json(Optional<String> refusal, Optional<Applied> applied) {
        ObjectNode json = head(plan.change().key(), pair).put("place", plan.place());
        if (plan.change() instanceof FlagChange.Share share) {
            json.put("percent", share.percent());
        } else {
            json.put("kill", true);
        }
        plan.now().ifPresentOrElse(shares -> put(json.putObject("now"), shares), () -> json.putNull("now"));
        plan.then()
                .ifPresentOrElse(
                        shares -> put(json.putObject("then"), shares),
                        () -> json.putObject("then").put(config.model().defaultVersion(), 100));
        json.put("stage", stage());
        remarks.forEach(json.putArray("notes")::add);
        ArrayNode steps = json.putArray("steps");
        plan.steps().forEach(step -> steps.add(step.json()));
        ArrayNode moved = json.putArray("moved");
        plan.moved().forEach(version -> moved.add(version.name()));
        readiness.ifPresent(step -> put(json.putObject("readiness"), step));
        refusal.ifPresentOrElse(why -> json.put("refused", why), () -> json.putNull("refused"));
        applied.ifPresent(done -> put(json.putObject("applied"), done));
        return json;
    }

    /** Where nothing says which stage is next, so that there is no plan. */
    static ObjectNode undecided(String key, ModelPair pair, StepReadiness readiness, String why) {
        ObjectNode json = head(key, pair);
        put(json.putObject("readiness"), readiness);
        return json.put("refused", why);
    }

    private static ObjectNode head(String key, ModelPair pair) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("flag", key)
                .put("model", pair.model())
                .put("productionVersion", pair.production().name())
                .put("candidateVersion", pair.candidate().name());
    }

    private static void put(ObjectNode into, Shares shares) {
        shares.byVersion().forEach(into::put);
    }

    private static void put(ObjectNode into, StepReadiness step) {
        step.summary()
                .ifPresent(summary -> into.put("verdict", Decisions.verdict(summary, Instant.now()))
                        .put("explanation", summary.getExplanation()));
        step.refusal().ifPresentOrElse(why -> into.put("refusal", why), () -> into.putNull("refusal"));
        step.stage()
                .map(DeclaredStage::epoch)
                .ifPresentOrElse(epoch -> into.put("epoch", epoch), () -> into.putNull("epoch"));
    }

    private static void put(ObjectNode into, Applied applied) {
        into.put("complete", applied.isComplete());
        applied.done().forEach(into.putArray("done")::add);
        ArrayNode failures = into.putArray("failures");
        applied.failures().forEach(failures::add);
        applied.cause().map(FailureHandler::describe).ifPresent(failures::add);
        applied.byHand().forEach(into.putArray("byHand")::add);
        applied.stage().ifPresent(stage -> into.set("stage", StageShowCommand.json(stage)));
        ArrayNode measured = into.putArray("measured");
        applied.check().ifPresent(check -> {
            for (ShareCheck.Measured one : check.measured()) {
                measured.addObject()
                        .put("version", one.version())
                        .put("percent", one.percent())
                        .put("wanted", one.wanted())
                        .put("tolerance", one.tolerance());
            }
            into.put("entities", check.entities());
        });
    }
}
