package dev.understudy.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.understudy.kafka.DeadLetter;
import dev.understudy.kafka.DeadLetter.Place;
import dev.understudy.kafka.DeadLetter.Source;
import dev.understudy.kafka.ReplayNotes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Dead letters one by one, by their time, without anything that their records hold; nor is that kept. */
final class DeadLetterLines {
    private final List<Line> lines = new ArrayList<>();

    private record Line(
            Place place,
            Instant writtenAt,
            String stage,
            String cause,
            String meaning,
            Source source,
            @Nullable Place saidToBeReplayOf) {
        @Nullable
        Place replayOf(ReplayNotes notes) {
            return notes.isReplay(saidToBeReplayOf, source) ? saidToBeReplayOf : null;
        }
    }

    void add(DeadLetter letter) {
        lines.add(new Line(
                letter.place(),
                letter.writtenAt(),
                letter.stage(),
                letter.cause(),
                DeadLetterOptions.inWords(letter),
                letter.source(),
                letter.replayOf()));
    }

    boolean isEmpty() {
        return lines.isEmpty();
    }

    private List<Line> byTime() {
        return lines.stream()
                .sorted(Comparator.comparing(Line::writtenAt).thenComparing(Line::place))
                .toList();
    }

    /** For people. */
    Table table(ReplayNotes notes) {
        Table table = new Table("letter", "time", "stage", "cause", "source", "replayed", "replay of");
        byTime().forEach(line -> table.row(
                line.place().toString(),
                line.writtenAt().toString(),
                line.stage(),
                line.cause() + ": " + line.meaning(),
                line.source().toString(),
                notes.has(line.source()) ? "yes" : "no",
                Objects.toString(line.replayOf(notes), "")));
        return table;
    }

    /** For programs. */
    ArrayNode json(ReplayNotes notes) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        byTime().forEach(line -> array.addObject()
                .put("letter", line.place().toString())
                .put("time", line.writtenAt().toString())
                .put("stage", line.stage())
                .put("cause", line.cause())
                .put("meaning", line.meaning())
                .put("sourceTopic", line.source().topic())
                .put("sourcePartition", line.source().partition())
                .put("sourceOffset", line.source().offset())
                .put("replayed", notes.has(line.source()))
                .put("replayOf", Objects.toString(line.replayOf(notes), null)));
        return array;
    }
}
