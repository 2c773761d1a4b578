package dev.understudy.app;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.FlagWriter;
import dev.understudy.flags.plan.ShareCheck;
import dev.understudy.flags.plan.ShareProbe;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Makes a change of the serving flag, sees to it that it is in force, and declares or ends the rollout stage, in the order
 * that keeps evidence clean (docs/decisions/0010): a stage that serves more is declared before the flag is changed; one
 * that serves less is declared, and a killed one ended, once everybody has heard of the change.
 */
public final class FlagRollout {
    private final FlagWriter writer;
    private final StageControl stages;
    private final Opener flags;
    private final HandCommands commands;
    private final Duration patience;

    /** Opens the flags as the pipeline reads them. */
    interface Opener {
        ModelFlags open() throws FlagsUnavailableException;
    }

    /** Is told each thing that was done. */
    public interface Progress {
        void done(String what);
    }

    /**
     * Contacts nobody yet.
     *
     * @param commands to finish by hand
     * @param patience how long to wait for a change to be seen, beyond the time in which processes hear of it
     */
    FlagRollout(FlagWriter writer, StageControl stages, Opener flags, HandCommands commands, Duration patience) {
        this.writer = writer;
        this.stages = stages;
        this.flags = flags;
        this.commands = commands;
        this.patience = patience;
    }

    /** What would be done to the flag. */
    public FlagPlan plan(FlagChange change) throws FlagPlanException {
        return writer.plan(change);
    }

    /** Does it. */
    public Applied apply(FlagPlan plan, Progress progress) {
        Applied.Log record = new Applied.Log(progress);
        try {
            if (plan.change() instanceof FlagChange.Share share) {
                apply(plan, share, record);
            } else {
                kill(plan, record);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            record.failed("The rest was not done: it was interrupted.");
            record.byHand(commands.look());
        }
        return record.asApplied();
    }

    private void apply(FlagPlan plan, FlagChange.Share share, Applied.Log record) throws InterruptedException {
        try (ModelFlags open = flags.open()) {
            ShareProbe before = ShareProbe.await(
                    open,
                    writer.propagation(),
                    seen -> ShareCheck.ofNow(plan, seen).isRight());
            if (!isOfThePlan(plan, before, record)) {
                return;
            }
            if (plan.grows()) {
                stepUp(plan, share, open, before, record);
            } else {
                stepDown(plan, share, open, before, record);
            }
        } catch (FlagsUnavailableException e) {
            record.failed("Nothing was changed: what is served now cannot be seen. " + e.getMessage());
        }
    }

    /** Before anything is done: the flag is the one that was planned for, and the one that the pipeline reads. */
    private boolean isOfThePlan(FlagPlan plan, ShareProbe before, Applied.Log record) {
        ShareCheck check = ShareCheck.ofNow(plan, before);
        if (!check.isRight()) {
            record.failed("Nothing was changed: what the pipeline reads is not as the flag to be changed, at "
                    + plan.place() + ": " + String.join("; ", check.problems())
                    + ". Is what is changed what the pipeline's key or token is for?");
            return false;
        }
        try {
            if (writer.plan(plan.change()).equals(plan)) {
                return true;
            }
            record.failed("Nothing was changed: the flag was changed by others since this was planned; plan again.");
        } catch (FlagPlanException e) {
            record.failed("Nothing was changed: " + e.getMessage());
        }
        return false;
    }

    private void stepUp(FlagPlan plan, FlagChange.Share share, ModelFlags open, ShareProbe before, Applied.Log record)
            throws InterruptedException {
        Optional<DeclaredStage> earlier;
        try {
            earlier = stages.inForce();
            record.declared(stages.declare(share.percent()));
        } catch (RuntimeException e) {
            record.failed("Nothing was changed. The stage could not be declared.", e);
            record.byHand("Declare the stage: " + commands.stageStart(share.percent()));
            return;
        }
        boolean changed = changed(plan, record);
        if (changed && measured(plan, open, before, record)) {
            return;
        }
        if (changed) {
            wayBack(plan, share, record);
        }
        record.byHand((changed ? "Then take" : "Or take") + " the stage back: "
                + earlier.map(stage -> commands.stageStart(stage.percent())).orElseGet(commands::stageEnd));
    }

    private void stepDown(FlagPlan plan, FlagChange.Share share, ModelFlags open, ShareProbe before, Applied.Log record)
            throws InterruptedException {
        if (!changed(plan, record)) {
            return;
        }
        long changedAt = System.nanoTime();
        if (!measured(plan, open, before, record)) {
            wayBack(plan, share, record);
            record.byHand("Once the flag is as it should be: " + commands.stageStart(share.percent()));
            return;
        }
        awaitPropagation(changedAt);
        try {
            record.declared(stages.declare(share.percent()));
        } catch (RuntimeException e) {
            record.failed("The flag is changed, and the stage could not be declared.", e);
            record.byHand("Declare the stage: " + commands.stageStart(share.percent()));
        }
    }

    /** To the shares before, where a whole percentage says it, or off. */
    private void wayBack(FlagPlan plan, FlagChange.Share share, Applied.Log record) {
        BigDecimal before = plan.now().orElseThrow().of(share.candidate());
        if (before.stripTrailingZeros().scale() <= 0) {
            record.byHand(
                    "Back to " + before.toPlainString() + " %: " + commands.plan(before.toPlainString()) + " --force");
        }
        record.byHand("Or off, for everybody: " + commands.plan("kill"));
        record.byHand(commands.look());
    }

    private void kill(FlagPlan plan, Applied.Log record) throws InterruptedException {
        boolean switched = changed(plan, record);
        long changedAt = System.nanoTime();
        if (switched && isKilled(record)) {
            awaitPropagation(changedAt);
            try {
                Optional<DeclaredStage> ended = stages.end();
                record.done(ended.map(FlagRollout::text)
                        .map(stage -> stage + ", has ended.")
                        .orElse("No stage was in force of " + commands.pair() + "."));
                for (DeclaredStage left : stages.servedBeside()) {
                    record.failed(text(left) + ", is still in force, though nobody is served by it any more.");
                    record.byHand("End it: " + commands.of(left.pair()).stageEnd());
                }
                return;
            } catch (RuntimeException e) {
                record.failed("The flag is off, and the stage is not ended.", e);
            }
        }
        record.byHand("Then end the stage: " + commands.stageEnd());
    }

    private boolean isKilled(Applied.Log record) throws InterruptedException {
        try (ModelFlags open = flags.open()) {
            if (ShareProbe.await(open, limit(), ShareProbe::isKilled).isKilled()) {
                record.done("Measured: everybody gets the default version, and nothing is shadowed.");
                return true;
            }
            record.failed("The flag was switched off, but after " + DurationText.format(limit())
                    + " it still answers as if it were on.");
        } catch (FlagsUnavailableException | RuntimeException e) {
            record.failed(
                    "The flag was switched off, but that cannot be seen where the pipeline reads it; processes that"
                            + " cannot read it go on as before.",
                    e);
        }
        return false;
    }

    /** Makes the change. Where nobody answered it may have been made, which is left to be measured. */
    private boolean changed(FlagPlan plan, Applied.Log record) {
        try {
            writer.apply(plan);
            plan.steps().forEach(step -> record.done("Carried out: " + step.title()));
            return true;
        } catch (FlagWriteException e) {
            if (e.outcome() == FlagWriteException.Outcome.UNKNOWN) {
                record.done("Not known whether it is done, so it is looked at: " + e.getMessage());
                return true;
            }
            record.failed("The flag could not be changed. " + e.getMessage());
            if (e.outcome() == FlagWriteException.Outcome.NOT_MADE) {
                plan.steps().forEach(step -> record.byHand("Change the flag:" + System.lineSeparator() + step.text()));
            }
            return false;
        }
    }

    private boolean measured(FlagPlan plan, ModelFlags open, ShareProbe before, Applied.Log record)
            throws InterruptedException {
        ShareProbe after = ShareProbe.await(
                open,
                limit(),
                seen -> (plan.steps().isEmpty() || seen.differsFrom(before))
                        && ShareCheck.of(plan, before, seen).isRight());
        ShareCheck check = ShareCheck.of(plan, before, after);
        record.measured(check);
        if (!plan.steps().isEmpty() && !after.differsFrom(before)) {
            record.failed("After " + DurationText.format(limit())
                    + " nothing of the change is seen where the pipeline reads the flag.");
            return false;
        }
        if (!check.isRight()) {
            record.failed("The flag was changed, but does not divide as planned: " + String.join("; ", check.problems())
                    + ".");
        }
        return check.isRight();
    }

    private Duration limit() {
        return writer.propagation().plus(patience);
    }

    /** What we have seen others may see a little later. */
    private void awaitPropagation(long changedAt) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(writer.propagation().toNanos() - (System.nanoTime() - changedAt));
    }

    private static String text(DeclaredStage stage) {
        return "Epoch " + stage.epoch() + " of " + stage.pair() + ", " + stage.percent() + " %";
    }
}
