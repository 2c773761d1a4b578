package dev.understudy.app;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DurationText;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagStep;
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
    private final String candidate;
    private final Duration patience;

    /** Opens the flags as the pipeline reads them. */
    interface Opener {
        ModelFlags open() throws FlagsUnavailableException;
    }

    /** Is told each thing that was done. */
    public interface Progress {
        void done(String what);
    }

    /** @param patience how long to wait for a change to be seen, beyond the time in which processes hear of it */
    FlagRollout(FlagWriter writer, StageControl stages, Opener flags, String candidate, Duration patience) {
        this.writer = writer;
        this.stages = stages;
        this.flags = flags;
        this.candidate = candidate;
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
        }
        return record.asApplied();
    }

    private void apply(FlagPlan plan, FlagChange.Share share, Applied.Log record) throws InterruptedException {
        BigDecimal now = plan.now().orElseThrow().of(share.candidate());
        boolean grows = now.compareTo(BigDecimal.valueOf(share.percent())) <= 0;
        try (ModelFlags open = flags.open()) {
            ShareProbe before = ShareProbe.of(open);
            if (grows) {
                if (declared(share, record, "Nothing was changed.") && changed(plan, record)) {
                    measured(plan, open, before, record);
                } else if (record.hasDone()) {
                    record.byHand("Or take the stage back: "
                            + stageStart(now.toBigInteger().toString()));
                }
            } else if (changed(plan, record)) {
                long changedAt = System.nanoTime();
                if (measured(plan, open, before, record)) {
                    awaitPropagation(changedAt);
                    declared(share, record, "The flag is changed, and the stage is not declared.");
                } else {
                    record.byHand("Once the flag is as it should be: " + stageStart(Integer.toString(share.percent())));
                }
            }
        } catch (FlagsUnavailableException e) {
            record.failed("Nothing was changed: what is served now cannot be seen. " + e.getMessage());
        }
    }

    private void kill(FlagPlan plan, Applied.Log record) throws InterruptedException {
        boolean switched = changed(plan, record);
        long changedAt = System.nanoTime();
        if (switched && isKilled(record)) {
            awaitPropagation(changedAt);
            try {
                Optional<DeclaredStage> ended = stages.end();
                record.done(ended.map(stage -> "Epoch " + stage.epoch() + " of " + stage.pair() + ", " + stage.percent()
                                + " %, has ended.")
                        .orElse("No stage of the candidate was in force."));
                return;
            } catch (RuntimeException e) {
                record.failed("The flag is off, and the stage is not ended.", e);
            }
        }
        record.byHand("Then end the stage: understudy stage end --candidate " + candidate);
    }

    private boolean isKilled(Applied.Log record) throws InterruptedException {
        try (ModelFlags open = flags.open()) {
            if (ShareProbe.await(open, limit(), ShareProbe::isKilled).isKilled()) {
                record.done("Measured: everybody gets the default version, and nothing is shadowed.");
                return true;
            }
            record.failed("The flag was switched off, but after " + DurationText.format(limit())
                    + " it still answers as if it were on.");
        } catch (FlagsUnavailableException e) {
            record.failed(
                    "The flag was switched off, but that cannot be seen where the pipeline reads it; processes that"
                            + " cannot read it go on as before. " + e.getMessage());
        }
        return false;
    }

    private boolean declared(FlagChange.Share share, Applied.Log record, String otherwise) {
        try {
            DeclaredStage stage = stages.declare(share.percent());
            record.declared(stage);
            return true;
        } catch (RuntimeException e) {
            record.failed(otherwise + " The stage could not be declared.", e);
            record.byHand("Declare the stage: " + stageStart(Integer.toString(share.percent())));
            return false;
        }
    }

    private boolean changed(FlagPlan plan, Applied.Log record) {
        try {
            writer.apply(plan);
            plan.steps().forEach(step -> record.done("Done: " + step.title()));
            return true;
        } catch (FlagWriteException e) {
            record.failed("The flag could not be changed. " + e.getMessage());
            for (FlagStep step : plan.steps()) {
                record.byHand("Change the flag:" + System.lineSeparator() + step.text());
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
            record.failed("The flag was changed, but after " + DurationText.format(limit())
                    + " nothing of it is seen where the pipeline reads it.");
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

    private String stageStart(String percent) {
        return "understudy stage start --candidate " + candidate + " --percent " + percent;
    }
}
