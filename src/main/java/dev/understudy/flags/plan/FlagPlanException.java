package dev.understudy.flags.plan;

/** A change cannot be planned. The message says what stands against it, and what to do by hand. */
public final class FlagPlanException extends Exception {
    private static final long serialVersionUID = 1;

    public FlagPlanException(String message) {
        super(message);
    }

    public FlagPlanException(String message, Throwable cause) {
        super(message, cause);
    }
}
