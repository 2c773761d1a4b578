package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.app.Applied;
import dev.understudy.app.FlagRollout;
import dev.understudy.app.FlagRollouts;
import dev.understudy.app.Understudy;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.WriteToken;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "plan",
        description = {
            "Show exactly how the serving flag is changed so that a candidate serves the next stage's share, or switched off:"
                    + " the edit of the flag file, or the calls of the flag system's API. With --apply, do it.",
            "A step needs a READY that has not expired, for that stage, made with the model files that are on disk here."
                    + " kill needs nothing: neither readiness nor a broker. Targets, rules and other candidates' shares stay."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy flags plan --candidate v2 --stage next            what would be changed",
            "  understudy flags plan --candidate v2 --stage 25 --apply      declare 25 %%, change the flag, measure",
            "  understudy flags plan --candidate v2 --stage 0 --force       take it back to shadow",
            "  understudy flags plan --candidate v2 --stage kill --apply    the default version serves everybody, now",
            "",
            "--apply declares a stage that serves more before it changes the flag, and one that serves less afterwards; a kill"
                    + " ends the candidate's stage once the flag is off. Then 20,000 made-up entities are asked for: is the"
                    + " share right, and does everybody stay who was in?",
            "LaunchDarkly, Unleash and Flagsmith need a token that may change flags in the variable"
                    + " UNDERSTUDY_FLAGS_WRITE_TOKEN. It is never printed.",
            "Exits with 0 when it is done, or planned and allowed; with 1 when it is refused or failed, and says what is done"
                    + " and how to finish by hand."
        })
final class FlagsPlanCommand implements Callable<Integer> {
    private static final String NEXT = "next";
    private static final String KILL = "kill";

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private PairOptions versions;

    @Option(
            names = "--stage",
            required = true,
            paramLabel = "next|PERCENT|kill",
            description = "The next stage, a percentage, which must be the next stage's, or the kill switch.")
    private String stage;

    @Option(names = "--apply", description = "Do it.")
    private boolean apply;

    @Option(
            names = "--force",
            description = "Also where readiness does not allow the step, or entities would change sides needlessly.")
    private boolean force;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() throws FlagPlanException {
        UnderstudyConfig settings = config.load();
        OptionValues values = new OptionValues(spec);
        values.requireOwnOptions();
        ModelPair pair = versions.pair(settings.model(), values);
        String key = settings.flags().keys().serving();
        Integer asked = percent(values);
        try (Understudy understudy = Understudy.of(settings)) {
            if (stage.equals(KILL)) {
                return plan(understudy, pair, new FlagChange.Kill(key), Optional.empty());
            }
            StepReadiness readiness = StepReadiness.read(understudy, pair, asked);
            if (readiness.percent().isEmpty()) {
                String why = readiness.refusal().orElse("nothing says which stage is next");
                if (format == Format.JSON) {
                    print(FlagsPlanReport.undecided(key, pair, readiness, why));
                }
                return refused(why, "--stage PERCENT with --force");
            }
            FlagChange share = new FlagChange.Share(
                    key,
                    pair.candidate(),
                    pair.production(),
                    readiness.percent().get());
            return plan(understudy, pair, share, Optional.of(readiness));
        }
    }

    private int plan(Understudy understudy, ModelPair pair, FlagChange change, Optional<StepReadiness> readiness)
            throws FlagPlanException {
        FlagRollout rollout = FlagRollouts.of(understudy, pair, change, config.writeToken(), apply, config.asGiven());
        FlagPlan plan = rollout.plan(change);
        FlagsPlanReport report =
                new FlagsPlanReport(understudy.config(), pair, plan, readiness, remarks(understudy, pair, change));
        PrintWriter out = spec.commandLine().getOut();
        if (format == Format.TABLE) {
            out.print(report.text());
            out.flush();
        }
        Optional<String> refusal = force ? Optional.empty() : refusal(plan, readiness);
        Optional<Applied> applied = apply && refusal.isEmpty()
                ? Optional.of(rollout.apply(plan, what -> {
                    if (format == Format.TABLE) {
                        out.println(what);
                        out.flush();
                    }
                }))
                : Optional.empty();
        if (format == Format.JSON) {
            print(report.json(refusal, applied));
        }
        if (refusal.isPresent()) {
            return refused(refusal.get(), "--force");
        }
        applied.ifPresent(this::tellWhatIsLeft);
        return applied.map(Applied::isComplete).orElse(true) ? 0 : 1;
    }

    /** What somebody should know before it is applied, beside the plan itself. */
    private List<String> remarks(Understudy understudy, ModelPair pair, FlagChange change) {
        List<String> remarks = new ArrayList<>();
        if (!(change instanceof FlagChange.Kill && apply)) { // which waits for no disk
            understudy.models().missing(pair.candidate()).ifPresent(remarks::add);
        }
        UnderstudyConfig settings = understudy.config();
        if (change instanceof FlagChange.Kill && !apply) {
            if (settings.flags().source() != UnderstudyConfig.Flags.Source.FILE
                    && config.writeToken().isEmpty()) {
                remarks.add("--apply needs a token in " + WriteToken.VARIABLE + ", which is not set");
            }
            remarks.add("the broker was not asked; --apply asks it, once the flag is off, which stages are left");
        }
        return remarks;
    }

    private void print(ObjectNode json) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(json.toPrettyString());
        out.flush();
    }

    private static Optional<String> refusal(FlagPlan plan, Optional<StepReadiness> readiness) {
        Optional<String> notReady = readiness.flatMap(StepReadiness::refusal).map(why -> "not READY: " + why);
        return notReady.or(() -> plan.moved().isEmpty()
                ? Optional.empty()
                : Optional.of("entities of "
                        + plan.moved().stream().map(ModelVersion::name).collect(Collectors.joining(", "))
                        + " would change sides although their share does not call for it; docs/flags.md says how to lay"
                        + " shares out so that they stay"));
    }

    private int refused(String why, String otherwise) {
        String sentence = why.endsWith(".") || why.endsWith("?") ? why : why + ".";
        spec.commandLine()
                .getErr()
                .println("Refused, nothing was changed: " + sentence + " " + otherwise + " does it all the same.");
        return 1;
    }

    private void tellWhatIsLeft(Applied applied) {
        PrintWriter err = spec.commandLine().getErr();
        applied.failures().forEach(err::println);
        applied.cause().ifPresent(cause -> err.println("  " + FailureHandler.describe(cause)));
        if (!applied.byHand().isEmpty()) {
            err.println("To finish by hand:");
            applied.byHand().forEach(what -> err.print(what.indent(2)));
        }
        err.flush();
    }

    /** Null for the next stage and the kill switch. */
    private @Nullable Integer percent(OptionValues values) {
        if (stage.equals(NEXT) || stage.equals(KILL)) {
            return null;
        }
        if (!stage.matches("\\d{1,3}")) {
            throw new ParameterException(
                    spec.commandLine(), "--stage must be next, kill or a whole percentage, was '" + stage + "'");
        }
        int percent = Integer.parseInt(stage);
        values.require(percent <= 100, "--stage must be 0 to 100, was " + percent);
        return percent;
    }
}
