package dev.understudy.flags.plan;

import java.time.Duration;

/** Changes the serving flag where it is kept. Targets and rules are left alone. */
public interface FlagWriter {
    /**
     * What would be done; nothing is changed.
     *
     * @throws FlagPlanException if the flag cannot be read, or has a shape that cannot be changed with certainty
     */
    FlagPlan plan(FlagChange change) throws FlagPlanException;

    /**
     * Makes the steps of a plan, unless the flag was changed since.
     *
     * @throws FlagWriteException naming the step that was not made
     */
    void apply(FlagPlan plan) throws FlagWriteException;

    /** How long after a change every process that reads these flags has heard of it, if it can reach them. */
    Duration propagation();
}
