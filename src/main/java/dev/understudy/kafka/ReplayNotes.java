package dev.understudy.kafka;

import dev.understudy.kafka.DeadLetter.Place;
import dev.understudy.kafka.DeadLetter.Source;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** Which dead letters were replayed, as the notes among them say. Nothing else is believed about that. */
public final class ReplayNotes {
    private final Set<Source> sources = new HashSet<>();
    private final Map<Place, Source> letters = new HashMap<>();

    /** Whether the record says that a letter was replayed; it is no letter then. */
    static boolean isNote(ConsumerRecord<byte[], byte[]> record) {
        // A letter carries whatever headers its record had, but only a letter names a stage.
        Headers headers = record.headers();
        return headers.lastHeader(DeadLetters.REPLAYED) != null && headers.lastHeader(DeadLetters.STAGE) == null;
    }

    void add(ConsumerRecord<byte[], byte[]> note) {
        Source source = Source.of(note);
        sources.add(source);
        Place letter = Place.read(DeadLetter.text(note.headers(), DeadLetters.REPLAYED));
        if (letter != null) {
            letters.put(letter, source);
        }
    }

    /** Whether the record was sent again. */
    public boolean has(Source source) {
        return sources.contains(source);
    }

    /**
     * Whether a record can be the replay of that letter: it was replayed, to the topic and partition where the record stood.
     * What the record's header says is not enough, since clients set and copy headers.
     *
     * @param letter as the header says, see {@link DeadLetter#replayOf}
     * @param source the record
     */
    public boolean isReplay(@Nullable Place letter, Source source) {
        Source first = letter == null ? null : letters.get(letter);
        return first != null && first.topic().equals(source.topic()) && first.partition() == source.partition();
    }
}
