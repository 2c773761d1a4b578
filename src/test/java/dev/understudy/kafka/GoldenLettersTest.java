package dev.understudy.kafka;

import static dev.understudy.domain.GoldenBytes.assertWrittenAsBefore;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.GoldenBytes;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;

/** Dead letters, and notes that one was replayed, with the headers that an earlier build gave them. */
final class GoldenLettersTest {
    private static final byte[] KEY = "card-1".getBytes(UTF_8);
    private static final byte[] VALUE = {0, 0, 0, 0, 5, 1, 2};

    @Test
    void letter_is_written_with_the_headers_of_before() {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("prediction-requests", Consumed.with(Serdes.String(), Serdes.String()))
                .foreach((key, value) -> {
                    throw new IllegalArgumentException("größer als 1");
                });
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "golden");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
        properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unprocessable.class);
        properties.put(DeadLetters.OBJECT, new DeadLetters("score", "dead-letters", 1 << 20));
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties, Instant.EPOCH)) {
            Headers own = new RecordHeaders().add("trace", "t-1".getBytes(UTF_8));
            driver.createInputTopic("prediction-requests", new StringSerializer(), new StringSerializer())
                    .pipeInput(new TestRecord<>("card-1", "value", own, Instant.ofEpochMilli(2_000)));

            TestRecord<byte[], byte[]> letter = driver.createOutputTopic(
                            "dead-letters", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                    .readRecord();
            assertWrittenAsBefore(
                    "kafka.letter.timestamp", lines(letter.headers()).getBytes(UTF_8));
            assertThat(letter.value()).isEqualTo("value".getBytes(UTF_8));
        }
    }

    @Test
    void letter_of_before_is_read() {
        DeadLetter letter = DeadLetter.of(record(GoldenBytes.of("kafka.letter")));

        assertThat(letter.place()).isEqualTo(new DeadLetter.Place(2, 17));
        assertThat(letter.stage()).isEqualTo("score");
        assertThat(letter.cause()).isEqualTo("UNPROCESSABLE");
        assertThat(letter.exception()).isEqualTo("java.lang.IllegalArgumentException");
        assertThat(letter.message()).isEqualTo("größer als 1");
        assertThat(letter.source()).isEqualTo(new DeadLetter.Source("prediction-requests", 0, 0, 1_000));
        assertThat(letter.headers()).extracting(header -> header.key()).containsExactly("trace");
        assertThat(letter.schemaId()).hasValue(5);
    }

    @Test
    void note_of_before_that_a_letter_was_replayed_is_read() {
        ConsumerRecord<byte[], byte[]> note = record(GoldenBytes.of("kafka.replayed"));
        DeadLetter.Source source = new DeadLetter.Source("prediction-requests", 1, 42, 1_000);
        ReplayNotes notes = new ReplayNotes();
        notes.add(note);

        assertThat(ReplayNotes.isNote(note)).isTrue();
        assertThat(notes.has(source)).isTrue();
        assertThat(notes.isReplay(new DeadLetter.Place(2, 17), source)).isTrue();
    }

    @Test
    void letter_is_read_with_the_time_of_its_record_where_that_is_in_a_header() {
        DeadLetter letter = DeadLetter.of(record(GoldenBytes.of("kafka.letter.timestamp")));

        assertThat(letter.source()).isEqualTo(new DeadLetter.Source("prediction-requests", 0, 0, 2_000));
        assertThat(letter.writtenAt()).isEqualTo(Instant.ofEpochMilli(2_000));
        assertThat(letter.headers()).extracting(header -> header.key()).containsExactly("trace");
    }

    private static String lines(Headers headers) {
        return StreamSupport.stream(headers.spliterator(), false)
                .map(header -> header.key() + "=" + new String(header.value(), UTF_8))
                .collect(Collectors.joining("\n"));
    }

    private static ConsumerRecord<byte[], byte[]> record(byte[] lines) {
        Headers headers = new RecordHeaders();
        for (String line : List.of(new String(lines, UTF_8).split("\n", -1))) {
            String[] header = line.split("=", 2);
            headers.add(header[0], header[1].getBytes(UTF_8));
        }
        return new ConsumerRecord<>(
                "dead-letters",
                2,
                17,
                1_000,
                TimestampType.CREATE_TIME,
                KEY.length,
                VALUE.length,
                KEY,
                VALUE,
                headers,
                Optional.empty());
    }
}
