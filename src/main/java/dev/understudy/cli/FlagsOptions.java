package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import java.io.PrintWriter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What the commands that look at flags have in common. */
final class FlagsOptions {
    @Mixin
    private ConfigOptions config;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    /** What is found out about the flags. */
    interface Report {
        /** For people. */
        String text();

        /** The same for programs. */
        String json();
    }

    /** Finds something out about the flags that are open. */
    interface Question {
        Report ask(Understudy understudy, InspectableFlags flags);
    }

    /** Opens the flags of the configuration and prints what is found out. */
    int show(CommandSpec spec, Question question) throws FlagsUnavailableException {
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load());
                InspectableFlags flags = understudy.lookAtFlags()) {
            Report report = question.ask(understudy, flags);
            out.print(format == Format.JSON ? report.json() + System.lineSeparator() : report.text());
            out.flush();
        }
        return 0;
    }
}
