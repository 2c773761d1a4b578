package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.kafka.DeadLetter;
import dev.understudy.kafka.DeadLetterReplay;
import java.io.PrintWriter;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "replay",
        description = {
            "Send the source records of dead letters to their topics again, as if they were sent now. Without --yes it only"
                    + " says what it would send.",
            "A letter is replayed once, whoever asks how often. A replay that fails again is a new letter, and is sent"
                    + " only with --failed-again or by its name. Only requests and outcomes can be replayed:"
                    + " docs/operations.md, Dead letters."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy dead-letters replay --cause unreadable --since 24h",
            "  understudy dead-letters replay 0:42 0:43 --yes"
        })
final class DeadLettersReplayCommand implements Callable<Integer> {
    private static final int MOST = 10_000;

    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private DeadLetterOptions options;

    @Parameters(
            paramLabel = "PARTITION:OFFSET",
            arity = "0..*",
            description = "These letters; without any, all that the options want.")
    private List<String> letters = List.of();

    @Option(
            names = "--limit",
            defaultValue = "1000",
            paramLabel = "N",
            description = "How many at most, in one transaction (default: ${DEFAULT-VALUE}).")
    private int limit;

    @Option(
            names = "--failed-again",
            description = "Also those that were replayed already and failed again; named letters need no such leave.")
    private boolean failedAgain;

    @Option(names = "--yes", description = "Send them.")
    private boolean yes;

    @Override
    public Integer call() {
        OptionValues values = new OptionValues(spec);
        values.require(limit >= 1 && limit <= MOST, "--limit must be 1 to " + MOST + ", was " + limit);
        Set<DeadLetter.Place> named = new HashSet<>();
        letters.forEach(letter -> named.add(values.read("", () -> DeadLetter.Place.parse(letter))));
        DeadLetterReplay.Selection selection =
                new DeadLetterReplay.Selection(options.wanted(values), named, failedAgain);
        try (Understudy understudy = Understudy.of(config.load())) {
            DeadLetterReplay replay = understudy.deadLetterReplay(DeadLetterOptions.BOUND);
            DeadLetterReplay.Plan plan;
            String done;
            boolean areAllThere = true;
            if (yes) {
                DeadLetterReplay.Result result = replay.replay(selection, limit);
                plan = result.plan();
                done = sent(result);
                areAllThere = result.gone().isEmpty();
            } else {
                plan = replay.plan(selection);
                done = wouldBeSent(plan);
            }
            PrintWriter out = spec.commandLine().getOut();
            plan.refused().forEach((why, count) -> out.println(Numbers.whole(count) + " not sent: " + why + "."));
            out.println(done);
            if (plan.failedAgain() > 0) {
                out.println(Numbers.whole(plan.failedAgain()) + " left out: they were replayed and failed again."
                        + " --failed-again takes them too, once what they failed by is mended; so does naming them, as"
                        + " `dead-letters list --each` does.");
            }
            out.flush();
            return areAllThere && (named.isEmpty() || plan.refused().isEmpty()) ? 0 : 1;
        }
    }

    private String wouldBeSent(DeadLetterReplay.Plan plan) {
        int due = plan.due().size();
        return Numbers.whole(Math.min(due, limit)) + " of " + Numbers.whole(due) + " records would be sent; "
                + Numbers.whole(plan.before()) + " were replayed before. --yes sends them.";
    }

    static String sent(DeadLetterReplay.Result result) {
        return Numbers.whole(result.sent()) + " sent again; "
                + Numbers.whole(result.plan().before()) + " were replayed before"
                + (result.left() == 0 ? "." : "; " + Numbers.whole(result.left()) + " are left: run it again.")
                + (result.gone().isEmpty()
                        ? ""
                        : " Letters " + result.gone()
                                + " were removed meanwhile, by the retention of their topic, and were not sent: let"
                                + " upstream send their records anew.");
    }
}
