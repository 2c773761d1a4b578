package dev.understudy.cli;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/**
 * Reads and checks the values of options that more than one command has, as far as picocli does not.
 *
 * @param spec of the command that is told to be used wrongly where a value is wrong
 */
record OptionValues(CommandSpec spec) {
    void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new ParameterException(spec.commandLine(), otherwise);
        }
    }

    /** Options in front of a subcommand are those of the command above it, which does not run: they would be lost. */
    void requireOwnOptions() {
        CommandSpec above = spec.parent();
        for (OptionSpec lost : above.commandLine().getParseResult().matchedOptions()) {
            require(
                    lost.scopeType() == ScopeType.INHERIT,
                    lost.longestName() + " must stand behind '" + spec.name() + "'");
        }
    }

    void requirePercent(int percent) {
        require(percent >= 0 && percent <= 100, "--percent must be 0 to 100, was " + percent);
    }

    void requirePort(String option, int port) {
        require(port >= 0 && port <= 65_535, option + " must be 0 (any free port) to 65535, was " + port);
    }

    void requireShare(String option, double share) {
        require(share >= 0 && share <= 1, option + " must be 0 to 1, was " + share);
    }

    ModelPair pair(String model, String production, String candidate) {
        return read("", () -> new ModelPair(model, new ModelVersion(production), new ModelVersion(candidate)));
    }

    Duration duration(String option, String text) {
        return read(option + ": ", () -> DurationText.parse(text));
    }

    /** The references with production's p99 batch time, where {@code --tail} says it. */
    References withTail(References references, @Nullable String tail) {
        return tail == null
                ? references
                : read("--tail: ", () -> references.withTailNanos(DurationText.parseNanos(tail)));
    }

    /** What the reader makes of a value; its objection, after the prefix, is the message of the refusal. */
    <T> T read(String prefix, Supplier<T> reader) {
        try {
            return reader.get();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), prefix + e.getMessage(), e);
        }
    }
}
