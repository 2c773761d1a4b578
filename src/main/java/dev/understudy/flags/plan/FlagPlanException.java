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

    /** The refusal to divide by a flag that is off; {@code flag} and {@code place} name it to people. */
    public static FlagPlanException off(String flag, String place) {
        return new FlagPlanException(flag + " is off in " + place
                + ", so that its shares count for nobody; give it the shares that you want, then switch it on, there");
    }
}
