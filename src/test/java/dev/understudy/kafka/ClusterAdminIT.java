package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.TestKafka;
import dev.understudy.kafka.ClusterAdmin.ClockOffset;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
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
    void a_group_that_nobody_made_has_no_members() {
        try (ClusterAdmin admin =
                new ClusterAdmin(new KafkaConnection(kafka.bootstrapServers(), Map.of()), Duration.ofSeconds(20))) {
            assertThat(admin.group(kafka.uniqueName("nobody")).members()).isZero();
        }
    }
}
