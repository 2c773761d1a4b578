package dev.understudy.flags.plan;

/** A change could not be made, or it is not known whether it was. The message says which, and shows no secret. */
public final class FlagWriteException extends Exception {
    private static final long serialVersionUID = 1;

    public FlagWriteException(String message) {
        super(message);
    }

    public FlagWriteException(String message, Throwable cause) {
        super(message, cause);
    }
}
