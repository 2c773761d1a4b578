package dev.understudy.flags.plan;

import org.jspecify.annotations.Nullable;

/** A change could not be made, or it is not known whether it was. The message says which, and shows no secret. */
public final class FlagWriteException extends Exception {
    private static final long serialVersionUID = 1;

    private final Outcome outcome;

    /** What became of the change. */
    public enum Outcome {
        NOT_MADE,
        /** Not made, since others changed the flag after it was planned: the plan must not be carried out by hand either. */
        OUTDATED,
        /** It may have been made: nobody answered. */
        UNKNOWN
    }

    public FlagWriteException(String message) {
        this(Outcome.NOT_MADE, message, null);
    }

    public FlagWriteException(String message, Throwable cause) {
        this(Outcome.NOT_MADE, message, cause);
    }

    public FlagWriteException(Outcome outcome, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.outcome = outcome;
    }

    public Outcome outcome() {
        return outcome;
    }
}
