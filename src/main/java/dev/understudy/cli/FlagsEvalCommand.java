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
        name = "eval",
        description = "Explain one decision: who serves an entity and who shadows it, by which flag and why.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy flags eval --entity user-42",
            "  understudy flags eval --entity user-42 --attr region=eu --attr plan=pro",
            "  understudy flags eval --entity user-42 --format json | jq -r .serves.version",
            "",
            "It decides as SCORE would with the flags as they are now, and says where the model of a version is not on this"
                    + " machine. Exits with 0 when it could be decided, also by the kill switch or a fallback; with 1 when"
                    + " the source cannot be reached or lacks the flags."
        })
final class FlagsEvalCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private FlagsOptions options;

    @Option(
            names = "--entity",
            required = true,
            paramLabel = "ID",
            description = "The entity id of the request: user, account, device.")
    private String entity;

    @Mixin
    private AttributeOptions attributes;

    @Override
    public Integer call() throws FlagsUnavailableException {
        OptionValues values = new OptionValues(spec);
        values.requireOwnOptions();
        values.require(
                !entity.isEmpty(),
                "--entity must not be empty: name an entity, such as user-42; without an id the default version serves");
        Map<String, String> asked = attributes.read(values);
        return options.show(spec, (understudy, flags) -> DecisionReport.of(understudy, flags, entity, asked));
    }
}
