package dev.understudy.cli;

import dev.understudy.config.ConfigurationException;
import java.util.LinkedHashSet;
import java.util.Set;
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
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + describe(failure));
        if (root.verbose()) {
            failure.printStackTrace(command.getErr());
        }
        return failure instanceof ConfigurationException ? CommandLine.ExitCode.USAGE : CommandLine.ExitCode.SOFTWARE;
    }

    /** The failure's message and those of its causes that add something. */
    static String describe(Throwable failure) {
        Set<String> messages = new LinkedHashSet<>();
        int depth = 0;
        for (Throwable cause = failure; cause != null && depth < 6; cause = cause.getCause(), depth++) {
            String message = cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
            if (messages.stream().noneMatch(seen -> seen.contains(message))) {
                messages.add(message);
            }
        }
        return String.join(": ", messages);
    }
}
