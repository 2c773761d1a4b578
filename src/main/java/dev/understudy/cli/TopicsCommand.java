package dev.understudy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "topics",
        description = "List the topics, create those that are missing, or check them.",
        subcommands = {TopicsListCommand.class, TopicsCreateCommand.class, TopicsCheckCommand.class})
final class TopicsCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "'topics list', 'topics create' or 'topics check' is expected");
    }
}
