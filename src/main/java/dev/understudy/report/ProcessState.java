package dev.understudy.report;

import dev.understudy.flags.FlagHealth;
import dev.understudy.kafka.StageHealth;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a process of the pipeline knows of itself.
 *
 * @param stages that run here
 * @param flags empty where SCORE runs elsewhere
 * @param shadow how the supervised shadow process is; empty where there is none
 * @param quarantine versions that SHADOW does not call at present, as far as this machine's disk tells
 * @param quarantineProblem why that is not known
 */
public record ProcessState(
        List<StageHealth> stages,
        Optional<FlagHealth> flags,
        Optional<Shadow> shadow,
        List<Quarantined> quarantine,
        Optional<String> quarantineProblem) {
    /**
     * The shadow process.
     *
     * @param lastEnd how it ended the last time, for people
     */
    public record Shadow(boolean running, int restarts, Optional<String> lastEnd) {}

    /** A version that is not called until then. */
    public record Quarantined(String version, Instant until, int times, String reason) {}

    public ProcessState {
        stages = List.copyOf(stages);
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
                        .map(stage -> stage.stage() + " is " + stage.state())
                        .findFirst())
                .or(() -> shadow.filter(process -> !process.running()).map(process -> "shadow is not running"));
    }
}
