package dev.understudy.flags;

/** Flags could not be made ready. The message names the source, what is missing and what would be right. */
public final class FlagsUnavailableException extends Exception {
    private static final long serialVersionUID = 1;

    public FlagsUnavailableException(String message) {
        super(message);
    }

    public FlagsUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
