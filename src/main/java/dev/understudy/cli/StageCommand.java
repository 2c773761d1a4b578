package dev.understudy.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "stage",
        description = "Declare rollout stages, show or end them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy stage start --candidate v2 --percent 5",
            "  understudy stage show",
            "  understudy stage end --candidate v2"
        },
        subcommands = {StageStartCommand.class, StageShowCommand.class, StageEndCommand.class})
final class StageCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "'stage start', 'stage show' or 'stage end' is expected");
    }
}
