package dev.understudy.kafka;

/** A pipeline stage could not start or had to end. The message says which, why, and what would be right. */
public final class StageFailedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public StageFailedException(String message) {
        super(message);
    }

    public StageFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
