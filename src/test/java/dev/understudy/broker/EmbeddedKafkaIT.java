package dev.understudy.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class EmbeddedKafkaIT {
    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @Test
    void records_are_read_as_they_were_written() {
        String topic = kafka.createTopic("first", 2);
        kafka.produce(List.of(
                new ProducerRecord<>(topic, 0, "a".getBytes(UTF_8), "one".getBytes(UTF_8)),
                new ProducerRecord<>(topic, 1, "b".getBytes(UTF_8), "two".getBytes(UTF_8))));

        assertThat(kafka.consume(topic, 2, Duration.ofSeconds(20)))
                .extracting(record -> new String(record.value(), UTF_8))
                .containsExactlyInAnyOrder("one", "two");
        assertThat(kafka.records(topic)).hasSize(2);
        assertThat(kafka.embedded().standardError()).isEmpty();
    }
}
