package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NoFutureTimestampTest {
    private static final long NOW = 1_000_000;

    private final NoFutureTimestamp timestamps = new NoFutureTimestamp(() -> Instant.ofEpochMilli(NOW));

    @ParameterizedTest
    @CsvSource({"0,0", "999999,999999", "1060000,1060000", "1060001,1000000", "9223372036854775807,1000000"})
    void timestamp_more_than_a_minute_ahead_becomes_now(long stamped, long counted) {
        assertThat(timestamps.extract(stamped(stamped), 77)).isEqualTo(counted);
    }

    @Test
    void record_without_a_timestamp_takes_its_partitions_time() {
        assertThat(timestamps.extract(stamped(-1), 77)).isEqualTo(77);
    }

    private static ConsumerRecord<Object, Object> stamped(long timestamp) {
        return new ConsumerRecord<>(
                "requests",
                0,
                0,
                timestamp,
                TimestampType.CREATE_TIME,
                0,
                0,
                "key",
                "value",
                new RecordHeaders(),
                Optional.empty());
    }
}
