package dev.understudy.cli;

import dev.understudy.config.ConfigurationException;
import dev.understudy.domain.FileProblem;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.common.errors.RecordDeserializationException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Tells people what failed: the message alone, and the stack trace only where {@code --verbose} asks for it. */
final class FailureHandler implements IExecutionExceptionHandler {
    private final RootCommand root;

    FailureHandler(RootCommand root) {
        this.root = root;
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) {
        String told = command.getCommandSpec().qualifiedName() + ": " + describe(failure);
        if (root.logFormat() == LogFormat.JSON) {
            LoggerFactory.getLogger(FailureHandler.class).error(told, root.verbose() ? failure : null);
        } else {
            command.getErr().println(told);
            if (root.verbose()) {
                failure.printStackTrace(command.getErr());
            }
        }
        return failure instanceof ConfigurationException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    /** The failure's message and those of its causes that add something; that of a wrong configuration is complete. */
    static String describe(Throwable failure) {
        if (failure instanceof ConfigurationException) {
            return String.valueOf(failure.getMessage());
        }
        Set<String> messages = new LinkedHashSet<>();
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 6; cause = cause.getCause(), depth++) {
            // That a time has passed without an answer is what the exception around it says, and with what to do.
            boolean told = cause != failure && isTimeout(cause);
            String message = told ? "" : message(cause);
            if (!message.isBlank() && messages.stream().noneMatch(seen -> seen.contains(message))) {
                messages.add(message);
            }
        }
        return messages.isEmpty()
                ? "it failed without a message (" + failure.getClass().getSimpleName() + "); --verbose shows where"
                : String.join(": ", messages);
    }

    private static boolean isTimeout(Throwable failure) {
        return failure instanceof TimeoutException
                || failure instanceof org.apache.kafka.common.errors.TimeoutException;
    }

    /** What the failure says beyond its class and its cause; empty where that is nothing. */
    private static String message(Throwable failure) {
        if (failure instanceof RecordDeserializationException && failure.getCause() != null) {
            return ""; // it advises to skip the record
        }
        String message = failure.getMessage();
        if (message == null || message.equals(String.valueOf(failure.getCause()))) {
            return "";
        }
        if (failure instanceof FileSystemException file && message.equals(file.getFile())) {
            return message + ": " + FileProblem.of(Path.of(message), file);
        }
        return message;
    }
}
