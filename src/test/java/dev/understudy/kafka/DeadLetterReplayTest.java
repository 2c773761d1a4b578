package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which letters can be sent again; DeadLettersIT sends them. */
final class DeadLetterReplayTest {
    private static final byte[] VALUE = {1};

    private final DeadLetterReplay replay = new DeadLetterReplay(
            new KafkaConnection("unused:9092", Map.of()),
            new Topics("fraud.", new AvroSerdes(new InMemoryRegistry())),
            Duration.ofSeconds(1));

    private static DeadLetter letter(String stage, String cause, String topic, byte @Nullable [] value) {
        return letter(stage, cause, topic, value, null);
    }

    private static DeadLetter letter(
            String stage, String cause, String topic, byte @Nullable [] value, @Nullable String replayOf) {
        ConsumerRecord<byte[], byte[]> record = new ConsumerRecord<>("fraud.dead-letters", 0, 42, null, value);
        DeadLetterRecords.headers(stage, cause, topic).forEach(record.headers()::add);
        if (replayOf != null) {
            record.headers().add(DeadLetterRecords.header(DeadLetters.REPLAY_OF, replayOf));
        }
        return DeadLetter.of(record);
    }

    @ParameterizedTest
    @ValueSource(strings = {"UNREADABLE", "UNPROCESSABLE"})
    void what_came_from_outside_and_could_not_be_used_can_be_sent_again(String cause) {
        assertThat(replay.refusal(letter("score", cause, "fraud.prediction-requests", VALUE)))
                .isEmpty();
        assertThat(replay.refusal(letter("evaluate", cause, "fraud.outcomes", VALUE)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"prediction-requests", "outcomes"})
    void what_could_not_be_written_is_refused_since_a_part_may_have_been(String topic) {
        assertThat(replay.refusal(letter("score", "UNWRITABLE", "fraud." + topic, VALUE)))
                .hasValue("a part of what score made of it may have been written, and would be a second time: let"
                        + " upstream send it anew");
    }

    @Test
    void letter_without_a_value_is_refused() {
        assertThat(replay.refusal(letter("score", "UNREADABLE", "fraud.prediction-requests", null)))
                .hasValueSatisfying(why -> assertThat(why)
                        .startsWith("its value is not in the letter")
                        .endsWith("send it anew"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fraud.predictions", "fraud.comparisons", "outcomes", "other.outcomes"})
    void what_did_not_come_from_our_requests_and_outcomes_is_refused(String topic) {
        assertThat(replay.refusal(letter("evaluate", "UNREADABLE", topic, VALUE)))
                .hasValueSatisfying(why -> assertThat(why).contains("topic " + topic + " came from another stage"));
    }

    @Test
    void what_a_stranger_wrote_into_the_header_of_replays_makes_no_replay_and_is_not_told() {
        DeadLetter fromStranger = letter("score", "UNREADABLE", "fraud.prediction-requests", VALUE, "user-42");
        DeadLetter replay = letter("score", "UNREADABLE", "fraud.prediction-requests", VALUE, "0:41");

        assertThat(fromStranger.replayOf()).isNull();
        assertThat(replay.replayOf()).isEqualTo(new DeadLetter.Place(0, 41));
    }

    @Test
    void another_replay_is_told_from_a_cluster_that_fails() {
        // What a producer threw whose transaction another one had ended while it was sending.
        assertThat(DeadLetterReplay.isFenced(new KafkaException("in an error state", new InvalidTxnStateException(""))))
                .isTrue();
        assertThat(DeadLetterReplay.isFenced(new ProducerFencedException(""))).isTrue();
        assertThat(DeadLetterReplay.isFenced(new KafkaException("", new TimeoutException(""))))
                .isFalse();
    }
}
