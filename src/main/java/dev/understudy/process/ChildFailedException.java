package dev.understudy.process;

import java.util.OptionalInt;

/** A child JVM that did not become ready; the message carries what it wrote to its standard error. */
public final class ChildFailedException extends RuntimeException {
    private static final int UNKNOWN = -1;

    private final int exitCode;
    private final String explanation;

    ChildFailedException(String message, OptionalInt exitCode, String explanation) {
        super(explanation.isEmpty() ? message : message + ": " + explanation);
        this.exitCode = exitCode.orElse(UNKNOWN);
        this.explanation = explanation;
    }

    /** With what the child exited; empty when it had to be killed because it was not ready in time. */
    public OptionalInt exitCode() {
        return exitCode == UNKNOWN ? OptionalInt.empty() : OptionalInt.of(exitCode);
    }

    /** What the child itself said, possibly empty. */
    public String explanation() {
        return explanation;
    }
}
