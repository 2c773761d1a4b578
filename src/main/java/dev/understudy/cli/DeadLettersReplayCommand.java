package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.kafka.DeadLetter;
import dev.understudy.kafka.DeadLetterReplay;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
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
            "A letter is replayed once, whoever asks how often. Only requests and outcomes can be:"
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

    @Option(names = "--yes", description = "Send them.")
    private boolean yes;

    @Override
    public Integer call() {
        OptionValues values = new OptionValues(spec);
        values.require(limit >= 1 && limit <= MOST, "--limit must be 1 to " + MOST + ", was " + limit);
        Set<DeadLetter.Place> places = new TreeSet<>();
        letters.forEach(letter -> places.add(values.read("", () -> DeadLetter.Place.parse(letter))));
        Predicate<DeadLetter> options = this.options.wanted(values);
        Set<DeadLetter.Place> named = Set.copyOf(places);
        Predicate<DeadLetter> wanted =
                letter -> options.test(letter) && (named.isEmpty() || named.contains(letter.place()));
        PrintWriter out = spec.commandLine().getOut();
        try (Understudy understudy = Understudy.of(config.load())) {
            DeadLetterReplay replay = understudy.deadLetterReplay(DeadLetterOptions.BOUND);
            DeadLetterReplay.Plan plan = replay.plan(wanted);
            places.removeAll(plan.letters());
            if (!places.isEmpty()) {
                throw new IllegalArgumentException("there are no such letters: " + places
                        + "; `dead-letters list` names those that are there. Nothing was sent");
            }
            plan.refused().forEach((why, count) -> out.println(Numbers.whole(count) + " not sent: " + why + "."));
            if (yes) {
                report(replay.replay(wanted, limit), out);
            } else {
                int due = plan.due().size();
                out.println(Numbers.whole(Math.min(due, limit)) + " of " + Numbers.whole(due)
                        + " records would be sent; " + Numbers.whole(plan.before())
                        + " were replayed before. --yes sends them.");
            }
            out.flush();
            return letters.isEmpty() || plan.refused().isEmpty() ? 0 : 1;
        }
    }

    private static void report(DeadLetterReplay.Result result, PrintWriter out) {
        out.println(Numbers.whole(result.sent()) + " sent again; " + Numbers.whole(result.before())
                + " were replayed before"
                + (result.left() == 0 ? "." : "; " + Numbers.whole(result.left()) + " are left: run it again."));
    }
}
