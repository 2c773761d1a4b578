package dev.understudy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "dead-letters",
        description = "List the records that the stages could not use, show one, or send them again.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy dead-letters list                      how many of which kind, and what that means",
            "  understudy dead-letters show 0:42",
            "  understudy dead-letters replay --since 24h        what would be sent again; --yes sends it"
        },
        subcommands = {DeadLettersListCommand.class, DeadLettersShowCommand.class, DeadLettersReplayCommand.class})
final class DeadLettersCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "'dead-letters list', 'dead-letters show' or 'dead-letters replay' is expected");
    }
}
