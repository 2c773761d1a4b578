package dev.understudy.cli;

import dev.understudy.app.Understudy;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "topics",
        description = "List the topics, create those that are missing, or check them.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy topics list                 what they are to be; contacts nobody",
            "  understudy topics create",
            "  understudy topics check"
        },
        subcommands = TopicsListCommand.class)
final class TopicsCommand implements Runnable {
    private static final String FORMAT = "table or json (default: ${DEFAULT-VALUE}).";

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(), "'topics list', 'topics create' or 'topics check' is expected");
    }

    @Command(
            name = "create",
            description = "Create the topics that are missing and check the others; nothing that exists is changed.",
            footerHeading = "%nExamples:%n",
            footer = "  understudy topics create -c understudy.yaml")
    int create(
            @Mixin ConfigOptions config,
            @Option(names = "--format", defaultValue = "table", description = FORMAT) Format format) {
        try (Understudy understudy = Understudy.of(config.load())) {
            return TopicFindings.print(
                    understudy.createTopics(), format, spec.commandLine().getOut());
        }
    }

    @Command(
            name = "check",
            description = "Check the topics; nothing is changed. Exits with 1 where something is not as it is to be.",
            footerHeading = "%nExamples:%n",
            footer = "  understudy topics check --format json | jq '.[] | select(.differences != [])'")
    int check(
            @Mixin ConfigOptions config,
            @Option(names = "--format", defaultValue = "table", description = FORMAT) Format format) {
        try (Understudy understudy = Understudy.of(config.load())) {
            return TopicFindings.print(
                    understudy.checkTopics(), format, spec.commandLine().getOut());
        }
    }
}
