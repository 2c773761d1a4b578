package dev.understudy.flags.unleash;

/** What the server sent cannot be used. The message says why, and quotes nothing of it. */
final class FlagDocumentException extends Exception {
    private static final long serialVersionUID = 1;

    private final String why;

    FlagDocumentException(String message) {
        super(message);
        this.why = message;
    }

    FlagDocumentException(String message, Throwable cause) {
        super(message, cause);
        this.why = message;
    }

    String why() {
        return why;
    }
}
