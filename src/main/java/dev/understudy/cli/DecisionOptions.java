package dev.understudy.cli;

import dev.understudy.avro.ReadinessSummary;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which decisions a command is about. */
final class DecisionOptions {
    @Option(names = "--candidate", paramLabel = "VERSION", description = "Only this candidate.")
    private @Nullable String candidate;

    @Option(
            names = "--production",
            paramLabel = "VERSION",
            description = "Only comparisons with this version, where there were several in production.")
    private @Nullable String production;

    @Option(names = "--segment", paramLabel = "SEGMENT", description = "Only this segment: all, or attribute=value.")
    private @Nullable String segment;

    @Nullable
    String candidate() {
        return candidate;
    }

    @Nullable
    String segment() {
        return segment;
    }

    boolean want(ReadinessSummary summary) {
        return (production == null || production.equals(summary.getProductionVersion()))
                && (candidate == null || candidate.equals(summary.getCandidateVersion()))
                && (segment == null || segment.equals(summary.getSegment()));
    }
}
