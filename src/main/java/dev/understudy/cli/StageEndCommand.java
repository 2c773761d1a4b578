package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "end",
        description = {
            "Take back the rollout stage of a candidate that was given up: it shares alpha with the others no more.",
            "The declaration does not change the flag: take the candidate out of the flags as well."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  understudy stage end --candidate v3"})
final class StageEndCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private PairOptions versions;

    @Override
    public Integer call() {
        UnderstudyConfig settings = config.load();
        ModelPair pair = versions.pair(settings.model(), new OptionValues(spec));
        try (Understudy understudy = Understudy.of(settings)) {
            Optional<DeclaredStage> ended = understudy.endStage(pair);
            if (ended.isEmpty()) {
                spec.commandLine().getErr().println("No stage of " + pair + " is in force; `stage show` lists them.");
                return 1;
            }
            spec.commandLine()
                    .getOut()
                    .println("Epoch " + ended.get().epoch() + " of " + pair + " has ended; it was at "
                            + ended.get().percent() + " %.");
            return 0;
        }
    }
}
