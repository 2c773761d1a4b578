package dev.understudy.cli;

import dev.understudy.flags.FlagsUnavailableException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "flags",
        description = {
            "Show the feature flags that decide who serves and who is shadowed: where they come from, how fresh they are,"
                    + " what each is set to, and how much each version really gets.",
            "What each is set to is said in the same words for every flag system. How much each version gets is counted: the"
                    + " flags are asked for made-up entities (sample-0, sample-1 ...), as SCORE asks them for real ones."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy flags",
            "  understudy flags -c understudy.yaml --attr region=eu   the shares of entities in that region",
            "  understudy flags --format json | jq '.sample.versions'",
            "  understudy flags eval --entity user-42                 why one entity gets what it gets",
            "",
            "Exits with 0 when the flags could be shown, also where they are stale or something is wrong with them: it says"
                    + " so, and in JSON health.staleSince, health.problem and sample.unusable tell. With 1 when the source"
                    + " cannot be reached, lacks the flags or is a file with a mistake in it. Nothing is reported to the flag system, and no backup file is"
                    + " read or written."
        },
        subcommands = {FlagsEvalCommand.class, FlagsPlanCommand.class})
final class FlagsCommand implements Callable<Integer> {
    private static final int LARGEST_SAMPLE = 1_000_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private FlagsOptions options;

    @Option(
            names = "--sample",
            paramLabel = "ENTITIES",
            defaultValue = "20000",
            description = "How many made-up entities to ask for (default: ${DEFAULT-VALUE}).")
    private int sample;

    @Mixin
    private AttributeOptions attributes;

    @Override
    public Integer call() throws FlagsUnavailableException {
        OptionValues values = new OptionValues(spec);
        values.require(
                sample >= 1 && sample <= LARGEST_SAMPLE,
                "--sample must be 1 to " + Numbers.whole(LARGEST_SAMPLE) + " entities, was " + sample);
        Map<String, String> asked = attributes.read(values);
        return options.show(spec, (understudy, flags) -> FlagsReport.of(understudy, flags, sample, asked));
    }
}
