package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.TestKafka;
import dev.understudy.kafka.ClusterAdmin.ClockOffset;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ClusterAdminIT {
    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @Test
    void the_controllers_clock_is_told_from_one_that_is_an_hour_off() {
        try (ClusterAdmin admin =
                new ClusterAdmin(new KafkaConnection(kafka.bootstrapServers(), Map.of()), Duration.ofSeconds(20))) {
            ClockOffset same = admin.controllerClock(InstantSource.system()).orElseThrow();
            // Stamps have whole milliseconds.
            assertThat(same.least()).isLessThanOrEqualTo(Duration.ofMillis(1));
            assertThat(same.most()).isGreaterThanOrEqualTo(Duration.ofMillis(-1));

            ClockOffset late = admin.controllerClock(() -> Instant.now().minus(Duration.ofHours(1)))
                    .orElseThrow();
            assertThat(late.least()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
            assertThat(late.most()).isBetween(Duration.ofMinutes(59), Duration.ofMinutes(61));
        }
    }

    @Test
    void a_group_that_nobody_made_has_no_members_and_all_waits_for_it() {
        try (ClusterAdmin admin =
                new ClusterAdmin(new KafkaConnection(kafka.bootstrapServers(), Map.of()), Duration.ofSeconds(20))) {
            String topic = kafka.uniqueName("input");
            kafka.createTopics(List.of(new NewTopic(topic, 1, (short) 1)));
            kafka.produce(
                    List.of(new ProducerRecord<>(topic, new byte[] {1}), new ProducerRecord<>(topic, new byte[] {2})));

            ClusterAdmin.Group nobody = admin.group(kafka.uniqueName("nobody"), List.of(topic, "not-there"));

            assertThat(nobody.members()).isZero();
            assertThat(nobody.lag()).as("it has committed nothing").isEqualTo(2);
        }
    }
}
