package dev.understudy.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class EmbeddedKafkaSettingsTest {
    private static final EmbeddedKafkaSettings DEFAULTS = EmbeddedKafkaSettings.in(Path.of("data"));

    @Test
    void changes_keep_everything_else() {
        EmbeddedKafkaSettings changed = DEFAULTS.withPorts(9092, 8081)
                .withHeapMebibytes(512)
                .withStartLimit(Duration.ofSeconds(5))
                .withQuickStart();

        assertThat(changed.dataDirectory()).isEqualTo(Path.of("data"));
        assertThat(changed.kafkaPort()).isEqualTo(9092);
        assertThat(changed.registryPort()).isEqualTo(8081);
        assertThat(changed.heapMebibytes()).isEqualTo(512);
        assertThat(changed.startLimit()).hasSeconds(5);
        assertThat(changed.jvmArguments()).containsExactly("-XX:TieredStopAtLevel=1");
        assertThat(changed.classPath()).isEqualTo(DEFAULTS.classPath());
    }

    @Test
    void bad_values_are_refused_by_key_and_value() {
        assertThatThrownBy(() -> DEFAULTS.withPorts(70_000, 0))
                .hasMessage("embedded.kafka-port must be between 0 (any free port) and 65535, was 70000");
        assertThatThrownBy(() -> DEFAULTS.withPorts(0, -1))
                .hasMessage("embedded.registry-port must be between 0 (any free port) and 65535, was -1");
        assertThatThrownBy(() -> DEFAULTS.withPorts(9092, 9092))
                .hasMessage("embedded.registry-port must differ from embedded.kafka-port, both were 9092");
        assertThatThrownBy(() -> DEFAULTS.withHeapMebibytes(10))
                .hasMessage("embedded.heap-mebibytes must be at least 96, was 10");
        assertThatThrownBy(() -> DEFAULTS.withStartLimit(Duration.ZERO))
                .hasMessage("embedded.start-limit must be positive, was PT0S");
    }
}
