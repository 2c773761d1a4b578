package dev.understudy.cli;

import dev.understudy.app.Understudy;
import dev.understudy.domain.WholeFile;
import dev.understudy.kafka.DeadLetter;
import dev.understudy.kafka.ReplayNotes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "show",
        description = "Show one dead letter. Its value is not printed: --save writes it to a file.",
        footerHeading = "%nExamples:%n",
        footer = "  understudy dead-letters show 0:42 --save letter.avro")
final class DeadLettersShowCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ConfigOptions config;

    @Parameters(paramLabel = "PARTITION:OFFSET", description = "The letter, as `dead-letters list` names it.")
    private String letter;

    @Option(names = "--save", paramLabel = "FILE", description = "Write the bytes of the value to this new file.")
    private @Nullable Path file;

    @Override
    public Integer call() throws IOException {
        DeadLetter.Place place = new OptionValues(spec).read("", () -> DeadLetter.Place.parse(letter));
        try (Understudy understudy = Understudy.of(config.load())) {
            List<DeadLetter> found = new ArrayList<>();
            ReplayNotes notes = understudy.readDeadLetters(DeadLetterOptions.BOUND, one -> {
                if (one.place().equals(place)) {
                    found.add(one);
                }
            });
            if (found.isEmpty()) {
                throw new IllegalArgumentException(
                        "there is no letter " + place + " in "
                                + understudy.topics().deadLetters().name()
                                + "; it may be older than the topic's retention: `dead-letters list` names those that are there");
            }
            print(understudy, notes, found.get(0));
        }
        return 0;
    }

    private void print(Understudy understudy, ReplayNotes notes, DeadLetter found) throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        byte[] value = found.value();
        out.println("Letter       " + found.place() + " of "
                + understudy.topics().deadLetters().name());
        out.println("Source       " + found.source() + ", written " + found.writtenAt());
        out.println("Stage        " + found.stage());
        out.println("Cause        " + found.cause() + ": " + DeadLetterOptions.inWords(found));
        out.println("Exception    " + found.exception());
        out.println("Message      " + found.message());
        out.println("Key          " + bytes(found.key()));
        out.println("Value        " + bytes(value)
                + (found.schemaId().isPresent()
                        ? ", schema id " + found.schemaId().getAsInt()
                        : ""));
        out.println("Headers      " + names(found.headers()));
        if (notes.isReplay(found.replayOf(), found.source())) {
            out.println("Replay of    " + found.replayOf() + "; it failed again");
        }
        out.println("Replayed     " + (notes.has(found.source()) ? "yes" : "no"));
        out.println("What to do   "
                + understudy
                        .deadLetterReplay(DeadLetterOptions.BOUND)
                        .refusal(found)
                        .map(why -> "it cannot be replayed: " + why)
                        .orElseGet(() -> DeadLetterOptions.advice(found)));
        if (file != null) {
            if (value == null) {
                throw new IllegalArgumentException("the letter has no value that could be saved");
            }
            WholeFile.createPrivate(file, value);
            out.println("Saved        " + value.length + " bytes in " + file);
        }
        out.flush();
    }

    private static String bytes(byte @Nullable [] content) {
        return content == null ? "none" : content.length + " bytes";
    }

    private static String names(List<Header> headers) {
        return headers.isEmpty()
                ? "none"
                : headers.stream()
                        .map(header -> DeadLetter.printable(header.key()))
                        .collect(Collectors.joining(", "));
    }
}
