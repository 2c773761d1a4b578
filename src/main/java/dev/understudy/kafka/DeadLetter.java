package dev.understudy.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * A record that a stage could not read, process or write, as it stands in the topic {@code dead-letters}.
 *
 * @param place of the letter itself
 * @param writtenAt the time of the source record
 * @param stage that gave up
 * @param cause {@code UNREADABLE}, {@code UNPROCESSABLE} or {@code UNWRITABLE}
 * @param exception class name
 * @param message of the exception, without control characters
 * @param source the record that the stage read
 * @param value the source record's bytes; null where they were too large for a letter, or there were none
 * @param headers the source record's own
 */
public record DeadLetter(
        Place place,
        Instant writtenAt,
        String stage,
        String cause,
        String exception,
        String message,
        Source source,
        byte @Nullable [] key,
        byte @Nullable [] value,
        List<Header> headers) {
    private static final int LONGEST_MESSAGE = 500;
    private static final byte CONFLUENT_MAGIC = 0;
    private static final Set<String> OURS = Set.of(
            DeadLetters.STAGE,
            DeadLetters.CAUSE,
            DeadLetters.EXCEPTION,
            DeadLetters.MESSAGE,
            DeadLetters.TOPIC,
            DeadLetters.PARTITION,
            DeadLetters.OFFSET,
            DeadLetters.TIMESTAMP);

    /** Where a letter stands in its topic. */
    public record Place(int partition, long offset) implements Comparable<Place> {
        /**
         * Reads {@code <partition>:<offset>}.
         *
         * @throws IllegalArgumentException if it is something else
         */
        public static Place parse(String text) {
            Place place = read(text);
            if (place == null) {
                throw new IllegalArgumentException(
                        "a letter is named <partition>:<offset>, such as 0:42, was '" + text + "'");
            }
            return place;
        }

        static @Nullable Place read(String text) {
            String[] parts = text.split(":", -1);
            try {
                return parts.length == 2 ? new Place(Integer.parseInt(parts[0]), Long.parseLong(parts[1])) : null;
            } catch (NumberFormatException e) {
                return null;
            }
        }

        @Override
        public int compareTo(Place other) {
            return partition != other.partition
                    ? Integer.compare(partition, other.partition)
                    : Long.compare(offset, other.offset);
        }

        @Override
        public String toString() {
            return partition + ":" + offset;
        }
    }

    /**
     * The source record. Its time tells it from one at the same place of a topic that was deleted and made again. All of it
     * is in headers, since the topic of letters may stamp its records itself ({@code message.timestamp.type=LogAppendTime});
     * letters of earlier builds have their time as records only.
     *
     * @param partition -1 where the letter does not say
     * @param offset -1 where the letter does not say
     * @param timestampMillis since 1970; -1 where the stage knew none
     */
    public record Source(String topic, int partition, long offset, long timestampMillis) {
        @Override
        public String toString() {
            return topic + "-" + partition + "@" + offset;
        }

        static Source of(ConsumerRecord<byte[], byte[]> record) {
            Headers headers = record.headers();
            long partition = number(headers, DeadLetters.PARTITION);
            boolean hasTime = headers.lastHeader(DeadLetters.TIMESTAMP) != null;
            return new Source(
                    text(headers, DeadLetters.TOPIC),
                    partition < 0 || partition > Integer.MAX_VALUE ? -1 : (int) partition,
                    Math.max(-1, number(headers, DeadLetters.OFFSET)),
                    hasTime ? Math.max(-1, number(headers, DeadLetters.TIMESTAMP)) : record.timestamp());
        }
    }

    /** The letter that is in the record; missing headers read as {@code ?} and -1. */
    static DeadLetter of(ConsumerRecord<byte[], byte[]> record) {
        Headers headers = record.headers();
        Source source = Source.of(record);
        List<Header> own = new ArrayList<>();
        for (Header header : headers) {
            if (!OURS.contains(header.key())) {
                own.add(header);
            }
        }
        return new DeadLetter(
                new Place(record.partition(), record.offset()),
                Instant.ofEpochMilli(source.timestampMillis() < 0 ? record.timestamp() : source.timestampMillis()),
                text(headers, DeadLetters.STAGE),
                text(headers, DeadLetters.CAUSE),
                text(headers, DeadLetters.EXCEPTION),
                text(headers, DeadLetters.MESSAGE),
                source,
                record.key(),
                record.value(),
                List.copyOf(own));
    }

    /**
     * The letter of which the record says that it is a replay; null where it says nothing of the kind. Anybody can have
     * written that: {@link ReplayNotes#isReplay} knows whether it can be so.
     */
    public @Nullable Place replayOf() {
        String name = headers.stream()
                .filter(header -> header.key().equals(DeadLetters.REPLAY_OF))
                .map(header -> printable(header.value()))
                .reduce((first, last) -> last)
                .orElse(null);
        return name == null ? null : Place.read(name);
    }

    /** Schema id in the value, where it begins as Confluent's format does. */
    public OptionalInt schemaId() {
        return value == null || value.length < 1 + Integer.BYTES || value[0] != CONFLUENT_MAGIC
                ? OptionalInt.empty()
                : OptionalInt.of(ByteBuffer.wrap(value).getInt(1));
    }

    static String text(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null ? "?" : printable(header.value());
    }

    private static String printable(byte @Nullable [] bytes) {
        return bytes == null ? "?" : printable(new String(bytes, StandardCharsets.UTF_8));
    }

    /** For a terminal: what somebody sent must neither move its cursor nor turn its text around. */
    public static String printable(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints().limit(LONGEST_MESSAGE).forEach(character -> {
            boolean isText = !Character.isISOControl(character) && Character.getType(character) != Character.FORMAT;
            shown.appendCodePoint(isText ? character : ' ');
        });
        return text.codePointCount(0, text.length()) > LONGEST_MESSAGE ? shown + "..." : shown.toString();
    }

    private static long number(Headers headers, String name) {
        try {
            return Long.parseLong(text(headers, name));
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
