package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.function.Supplier;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** What every benchmark takes, and how it reports. */
final class BenchOptions {
    @Option(names = "--partitions", defaultValue = "4", description = "Of every topic (default: ${DEFAULT-VALUE}).")
    private int partitions;

    @Option(
            names = "--directory",
            defaultValue = "data/bench",
            description = "For the data of the run, removed at its end (default: ${DEFAULT-VALUE}).")
    private Path directory;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    int partitions() {
        return partitions;
    }

    Path directory() {
        return directory;
    }

    /** Prints the report in the form that was asked for. */
    void print(CommandSpec spec, Supplier<ObjectNode> json, Supplier<String> text) {
        PrintWriter out = spec.commandLine().getOut();
        out.print(format == Format.JSON ? json.get().toPrettyString() + System.lineSeparator() : text.get());
        out.flush();
    }
}
