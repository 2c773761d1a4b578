package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.app.Understudy;
import dev.understudy.kafka.DeadLetter;
import dev.understudy.kafka.ReplayNotes;
import java.io.PrintWriter;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "list",
        description = {
            "List the dead letters, those of the same stage, topic, cause and exception together, with what it means; or"
                    + " each on a line of its own.",
            "Neither keys nor values are shown: they are personal data."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  understudy dead-letters list --since 24h",
            "  understudy dead-letters list --each --cause unreadable",
            "  understudy dead-letters list --format json | jq '.[] | select(.replayed < .records)'"
        })
final class DeadLettersListCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Mixin
    private DeadLetterOptions options;

    @Option(names = "--each", description = "One line a letter, by time: its name, and where its record stood.")
    private boolean each;

    @Option(names = "--format", defaultValue = "table", description = "table or json (default: ${DEFAULT-VALUE}).")
    private Format format;

    private record Kind(String stage, String topic, String cause, String exception) {
        static Kind of(DeadLetter letter) {
            return new Kind(
                    letter.stage(),
                    letter.source().topic(),
                    letter.cause(),
                    letter.exception().substring(letter.exception().lastIndexOf('.') + 1));
        }
    }

    /** Letters of one kind; of their contents only one letter's are kept. */
    private static final class Group {
        private final Set<DeadLetter.Source> sources = new HashSet<>();
        private Instant first;
        private DeadLetter latest;
        private long records;
        private long replayed;

        Group(DeadLetter letter) {
            this.first = letter.writtenAt();
            this.latest = letter;
        }

        void add(DeadLetter letter) {
            first = letter.writtenAt().isBefore(first) ? letter.writtenAt() : first;
            latest = letter.writtenAt().isBefore(latest.writtenAt()) ? latest : letter;
            records++;
            sources.add(letter.source());
        }

        void count(ReplayNotes notes) {
            replayed = sources.stream().filter(notes::has).count();
        }
    }

    @Override
    public Integer call() {
        Predicate<DeadLetter> wanted = options.wanted(new OptionValues(spec));
        try (Understudy understudy = Understudy.of(config.load())) {
            if (each) {
                each(understudy, wanted);
            } else {
                grouped(understudy, wanted);
            }
        }
        return 0;
    }

    private void each(Understudy understudy, Predicate<DeadLetter> wanted) {
        DeadLetterLines lines = new DeadLetterLines();
        ReplayNotes notes = read(understudy, wanted, lines::add);
        print(lines.isEmpty(), () -> lines.json(notes), out -> out.print(lines.table(notes)));
    }

    private void grouped(Understudy understudy, Predicate<DeadLetter> wanted) {
        Map<Kind, Group> groups = new LinkedHashMap<>();
        ReplayNotes notes = read(
                understudy,
                wanted,
                letter -> groups.computeIfAbsent(Kind.of(letter), kind -> new Group(letter))
                        .add(letter));
        groups.values().forEach(group -> group.count(notes));
        print(groups.isEmpty(), () -> json(groups), out -> print(groups, out));
    }

    private static ReplayNotes read(Understudy understudy, Predicate<DeadLetter> wanted, Consumer<DeadLetter> taker) {
        return understudy.readDeadLetters(DeadLetterOptions.BOUND, letter -> {
            if (wanted.test(letter)) {
                taker.accept(letter);
            }
        });
    }

    private void print(boolean isEmpty, Supplier<ArrayNode> json, Consumer<PrintWriter> text) {
        PrintWriter out = spec.commandLine().getOut();
        if (format == Format.JSON) {
            out.println(json.get().toPrettyString());
        } else if (isEmpty) {
            out.println("No dead letters" + (options.areGiven() ? " of that kind." : "."));
        } else {
            text.accept(out);
        }
        out.flush();
    }

    private static void print(Map<Kind, Group> groups, PrintWriter out) {
        Table table = new Table(
                "stage", "topic", "cause", "exception", "records", "replayed", "first", "latest", "latest letter");
        groups.forEach((kind, group) -> table.row(
                kind.stage(),
                kind.topic(),
                kind.cause(),
                kind.exception(),
                Numbers.whole(group.records),
                Numbers.whole(group.replayed),
                group.first.toString(),
                group.latest.writtenAt().toString(),
                group.latest.place().toString()));
        out.print(table);
        out.println();
        sentences(groups.values()).forEach(out::println);
    }

    private static Set<String> sentences(Collection<Group> groups) {
        Set<String> sentences = new LinkedHashSet<>();
        groups.forEach(group -> sentences.add(group.latest.cause() + ": " + DeadLetterOptions.inWords(group.latest)
                + "; " + DeadLetterOptions.advice(group.latest) + "."));
        return sentences;
    }

    private static ArrayNode json(Map<Kind, Group> groups) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        groups.forEach((kind, group) -> array.addObject()
                .put("stage", kind.stage())
                .put("topic", kind.topic())
                .put("cause", kind.cause())
                .put("exception", kind.exception())
                .put("records", group.records)
                .put("replayed", group.replayed)
                .put("first", group.first.toString())
                .put("latest", group.latest.writtenAt().toString())
                .put("latestLetter", group.latest.place().toString())
                .put("latestMessage", group.latest.message())
                .put("meaning", DeadLetterOptions.inWords(group.latest))
                .put("advice", DeadLetterOptions.advice(group.latest)));
        return array;
    }
}
