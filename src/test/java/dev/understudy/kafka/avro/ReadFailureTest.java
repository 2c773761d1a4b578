package dev.understudy.kafka.avro;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.ConnectException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.streams.errors.StreamsException;
import org.junit.jupiter.api.Test;

class ReadFailureTest {
    @Test
    void bytes_that_are_no_record_are_unreadable() {
        assertThat(ReadFailure.of(new UnreadableRecordException("truncated"))).isEqualTo(ReadFailure.UNREADABLE);
        assertThat(ReadFailure.of(new StreamsException(new UnreadableRecordException("truncated"))))
                .isEqualTo(ReadFailure.UNREADABLE);
    }

    @Test
    void a_registry_that_does_not_answer_or_refuses_is_not_the_records_fault() {
        assertThat(ReadFailure.of(new StreamsException(new RegistryUnavailableException("503"))))
                .isEqualTo(ReadFailure.SURROUNDINGS);
        assertThat(ReadFailure.of(new RegistryRefusedException("401"))).isEqualTo(ReadFailure.SURROUNDINGS);
    }

    @Test
    void what_confluents_deserializer_throws_is_told_apart_too() {
        assertThat(ReadFailure.of(new TimeoutException("503"))).isEqualTo(ReadFailure.SURROUNDINGS);
        assertThat(ReadFailure.of(new TopicAuthorizationException("403"))).isEqualTo(ReadFailure.SURROUNDINGS);
        assertThat(ReadFailure.of(new SerializationException("retrieving schema", new ConnectException())))
                .isEqualTo(ReadFailure.SURROUNDINGS);
        assertThat(ReadFailure.of(new SerializationException("deserializing", new EOFException())))
                .isEqualTo(ReadFailure.UNREADABLE);
        assertThat(ReadFailure.of(new SerializationException("Unknown magic byte!")))
                .isEqualTo(ReadFailure.UNREADABLE);
        assertThat(ReadFailure.of(new SerializationException(
                        "retrieving schema", new RestClientException("Schema 7 not found; error code: 40403"))))
                .isEqualTo(ReadFailure.UNREADABLE);
        assertThat(ReadFailure.of(new SerializationException(
                        "retrieving schema", new RestClientException("Subject not found; error code: 40401"))))
                .isEqualTo(ReadFailure.SURROUNDINGS);
    }

    @Test
    void an_error_of_the_machine_is_not_the_records_fault() {
        assertThat(ReadFailure.of(new OutOfMemoryError())).isEqualTo(ReadFailure.SURROUNDINGS);
    }

    /** Named as Confluent's, which is told by its name alone. */
    private static final class RestClientException extends IOException {
        private static final long serialVersionUID = 1;

        RestClientException(String message) {
            super(message);
        }
    }
}
