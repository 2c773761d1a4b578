package dev.understudy.kafka;

/** The cluster or a topic cannot be used. The message names it and says what would be right. */
public final class TopicUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public TopicUnavailableException(String message) {
        super(message);
    }

    public TopicUnavailableException(String message, Throwable cause) {
        super(message, cause);
    }
}
