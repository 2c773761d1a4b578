package dev.understudy.report;

import dev.understudy.flags.FlagHealth;
import dev.understudy.kafka.StageHealth;
import dev.understudy.model.ModelState;
import dev.understudy.shadow.Quarantined;
import dev.understudy.shadow.ShadowSupervisor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a process of the pipeline knows of itself.
 *
 * @param stages that run here
 * @param flags empty where SCORE runs elsewhere
 * @param predictionProblems requests that the version that was asked did not simply answer, since start, by cause; empty
 *     where SCORE runs elsewhere
 * @param models those that were asked for in this process
 * @param shadow how the supervised shadow process is; empty where there is none
 * @param quarantine versions that SHADOW does not call at present, as far as this machine's disk tells
 * @param quarantineProblem why that is not known
 */
public record ProcessState(
        List<StageHealth> stages,
        Optional<FlagHealth> flags,
        Map<String, Long> predictionProblems,
        List<ModelState> models,
        Optional<ShadowSupervisor.Health> shadow,
        List<Quarantined> quarantine,
        Optional<String> quarantineProblem) {
    /** Of a process in which nothing runs. */
    public static final ProcessState NOTHING = new ProcessState(
            List.of(), Optional.empty(), Map.of(), List.of(), Optional.empty(), List.of(), Optional.empty());

    public ProcessState {
        stages = List.copyOf(stages);
        predictionProblems = Map.copyOf(predictionProblems);
        models = List.copyOf(models);
        quarantine = List.copyOf(quarantine);
    }

    /** Why a stage of this process has ended; empty while none has. */
    public Optional<String> failure() {
        return stages.stream()
                .flatMap(stage -> stage.failure().map(why -> stage.stage() + ": " + why).stream())
                .findFirst();
    }

    /** What is not running yet, or not at present; empty when all is. */
    public Optional<String> notReady() {
        return failure()
                .or(() -> stages.stream()
                        .filter(stage -> !stage.state().equals("RUNNING"))
                        .map(stage -> stage.stage() + " is " + stage.state() + restoring(stage))
                        .findFirst())
                .or(() -> shadow.filter(process -> !process.running()).map(process -> "shadow is not running"));
    }

    private static String restoring(StageHealth stage) {
        return stage.restoring().isPresent()
                ? ", " + stage.restoring().getAsLong() + " records of its state are still to be read"
                : "";
    }
}
