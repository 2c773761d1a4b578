package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyConfig;
import org.junit.jupiter.api.Test;

final class BoundedSerializerTest {
    @Test
    void value_that_fits_is_written_as_it_is() {
        byte[] value = new byte[2_000];

        assertThat(serializer(Map.of("producer.max.request.size", "3024")).serialize("t", new RecordHeaders(), value))
                .isSameAs(value);
    }

    @Test
    void value_that_the_producer_would_refuse_is_refused_with_what_would_help() {
        assertThatThrownBy(() -> serializer(Map.of("producer.max.request.size", "3024"))
                        .serialize("t", new RecordHeaders(), new byte[2_001]))
                .isInstanceOf(RecordTooLargeException.class)
                .hasMessage("a record for t has 2001 bytes with its headers, but only 2000 fit into"
                        + " producer.max.request.size less 1024; raise it in kafka.properties, and max.message.bytes"
                        + " of the topic");
    }

    @Test
    void headers_count() {
        RecordHeaders headers = new RecordHeaders();
        headers.add("traceparent", new byte[100]);

        assertThatThrownBy(
                        () -> serializer(Map.of("max.request.size", "3024")).serialize("t", headers, new byte[1_900]))
                .isInstanceOf(RecordTooLargeException.class);
    }

    @Test
    void without_a_setting_kafkas_default_counts() {
        assertThat(serializer(Map.of()).serialize("t", new byte[(1 << 20) - 1024]))
                .hasSize((1 << 20) - 1024);
        assertThatThrownBy(() -> serializer(Map.of()).serialize("t", new byte[(1 << 20) - 1023]))
                .isInstanceOf(RecordTooLargeException.class);
    }

    private static BoundedSerializer<byte[]> serializer(Map<String, String> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put(StreamsConfig.APPLICATION_ID_CONFIG, "test");
        all.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:1");
        return BoundedSerializer.of(new ByteArraySerializer(), new TopologyConfig(new StreamsConfig(all)));
    }
}
