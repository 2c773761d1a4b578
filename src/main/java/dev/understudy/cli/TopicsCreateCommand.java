package dev.understudy.cli;

import dev.understudy.app.Understudy;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "create",
        description = "Create the topics that are missing and check the others; nothing that exists is changed.")
final class TopicsCreateCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    @Override
    public Integer call() {
        try (Understudy understudy = Understudy.of(config.load())) {
            return TopicFindings.print(
                    understudy.createTopics(), format, spec.commandLine().getOut());
        }
    }
}
