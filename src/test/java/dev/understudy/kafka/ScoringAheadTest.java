package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Deserializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ScoringAheadTest {
    private static final String TOPIC = "requests";

    private final List<List<String>> batches = new ArrayList<>();
    private final AtomicLong nanos = new AtomicLong(42);
    private boolean workFails;
    private boolean registryIsDown;

    private final ScoringAhead<String, String> ahead = new ScoringAhead<>(
            TOPIC,
            (topic, bytes) -> {
                String text = new String(bytes, StandardCharsets.UTF_8);
                if (registryIsDown) {
                    throw new SerializationException("decoding failed", new TimeoutException("registry is down"));
                }
                if (text.startsWith("poison")) {
                    throw new SerializationException(text);
                }
                return text;
            },
            (rows, polledNanos) -> {
                batches.add(List.copyOf(rows));
                if (workFails) {
                    throw new IllegalStateException("the work failed");
                }
                return rows.stream().map(row -> row + "!").toList();
            },
            nanos::get);
    private final Deserializer<Polled<String, String>> deserializer = ahead.deserializer();
    private final AheadInterceptor interceptor = interceptor(ahead);

    @Test
    void whole_polled_batch_is_worked_in_one_go_and_each_record_gets_its_own_result() {
        List<ConsumerRecord<byte[], byte[]>> records = poll("a", "b", "c");

        assertThat(batches).containsExactly(List.of("a", "b", "c"));
        assertThat(records).extracting(this::deserialize).containsExactly(polled("a"), polled("b"), polled("c"));
        assertThat(ahead.counts()).isEqualTo(new AheadCounts(1, 3, 0, 0, 0));
    }

    @Test
    void result_of_the_poll_is_used_and_the_record_is_not_worked_again() {
        ConsumerRecord<byte[], byte[]> record = poll("a").get(0);

        assertThat(ahead.result(deserialize(record))).isEqualTo("a!");
        assertThat(batches).hasSize(1);
    }

    @Test
    void record_that_was_not_worked_at_the_poll_is_worked_alone_with_the_same_answer() {
        Polled<String, String> polled = deserialize(record(TOPIC, 0, "a"));

        assertThat(polled.ahead()).isNull();
        assertThat(ahead.result(polled)).isEqualTo("a!");
        assertThat(ahead.counts().single()).isEqualTo(1);
    }

    @Test
    void header_is_gone_once_the_record_is_decoded_and_others_stay() {
        ConsumerRecord<byte[], byte[]> record = record(TOPIC, 0, "a");
        record.headers().add("traceparent", bytes("00-1"));
        interceptor.onConsume(polledRecords(record));
        assertThat(record.headers().lastHeader(AheadHeader.KEY)).isNotNull();

        deserialize(record);

        assertThat(record.headers().toArray())
                .extracting(header -> header.key())
                .containsExactly("traceparent");
    }

    @Test
    void poison_in_the_middle_of_a_batch_gets_no_header_and_fails_in_the_deserializer() {
        List<ConsumerRecord<byte[], byte[]>> records = poll("a", "poison 7", "c");

        assertThat(batches).containsExactly(List.of("a", "c"));
        assertThat(deserialize(records.get(0))).isEqualTo(polled("a"));
        assertThatThrownBy(() -> deserialize(records.get(1))).hasMessage("poison 7");
        assertThat(deserialize(records.get(2))).isEqualTo(polled("c"));
        assertThat(ahead.counts().undecoded()).isEqualTo(1);
    }

    @Test
    void record_without_a_value_is_unreadable() {
        ConsumerRecord<byte[], byte[]> record = record(TOPIC, 0, null);
        interceptor.onConsume(polledRecords(record));

        assertThatThrownBy(() -> deserialize(record))
                .isInstanceOf(SerializationException.class)
                .hasMessage("a record of requests must have a value, but this one has none");
        assertThat(batches).isEmpty();
    }

    @Test
    void registry_that_is_down_ends_the_batch_without_trying_every_record() {
        registryIsDown = true;
        List<ConsumerRecord<byte[], byte[]>> records = poll("a", "b", "c");

        assertThat(ahead.counts().undecoded()).isEqualTo(1);
        assertThatThrownBy(() -> deserialize(records.get(0))).hasRootCauseMessage("registry is down");
    }

    @Test
    void records_after_a_registry_hiccup_are_worked_alone_once_it_is_over() {
        registryIsDown = true;
        List<ConsumerRecord<byte[], byte[]>> records = poll("a", "b");
        registryIsDown = false;

        assertThat(records)
                .extracting(record -> ahead.result(deserialize(record)))
                .containsExactly("a!", "b!");
    }

    @Test
    void work_that_throws_never_reaches_the_consumer_and_each_record_is_worked_alone() {
        workFails = true;
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        assertThatCode(() -> records.addAll(poll("a", "b"))).doesNotThrowAnyException();
        workFails = false;

        assertThat(records)
                .extracting(record -> ahead.result(deserialize(record)))
                .containsExactly("a!", "b!");
        assertThat(ahead.counts()).isEqualTo(new AheadCounts(0, 0, 1, 0, 2));
    }

    @Test
    void work_that_gives_too_few_results_attaches_none() {
        ScoringAhead<String, String> short_ =
                new ScoringAhead<>(TOPIC, (topic, bytes) -> "row", (rows, polledNanos) -> List.of("one"), nanos::get);
        ConsumerRecord<byte[], byte[]> first = record(TOPIC, 0, "a");
        ConsumerRecord<byte[], byte[]> second = record(TOPIC, 0, "b");

        interceptor(short_).onConsume(polledRecords(first, second));

        assertThat(first.headers()).isEmpty();
        assertThat(short_.counts().failedBatches()).isEqualTo(1);
    }

    @Test
    void records_of_other_topics_are_left_alone() {
        ConsumerRecord<byte[], byte[]> own = record(TOPIC, 0, "a");
        ConsumerRecord<byte[], byte[]> other = record("repartition", 0, "x");

        interceptor.onConsume(polledRecords(other, own));

        assertThat(batches).containsExactly(List.of("a"));
        assertThat(other.headers()).isEmpty();
    }

    @Test
    void batch_spans_partitions() {
        interceptor.onConsume(polledRecords(record(TOPIC, 0, "a"), record(TOPIC, 1, "b")));

        assertThat(batches).hasSize(1);
        assertThat(batches.get(0)).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void header_of_that_name_from_upstream_is_not_taken_for_a_result() {
        ConsumerRecord<byte[], byte[]> record = record(TOPIC, 0, "a");
        record.headers().add(AheadHeader.KEY, bytes("forged"));

        assertThat(deserialize(record).ahead()).isNull();
        assertThat(record.headers()).isEmpty();
    }

    @Test
    void header_of_another_stage_is_not_taken_for_a_result() {
        ScoringAhead<Integer, Integer> other =
                new ScoringAhead<>(TOPIC, (topic, bytes) -> 1, (rows, polledNanos) -> rows, nanos::get);
        ConsumerRecord<byte[], byte[]> record = record(TOPIC, 0, "a");
        interceptor(other).onConsume(polledRecords(record));

        assertThat(deserialize(record)).isEqualTo(new Polled<>("a", null, 42));
    }

    @Test
    void interceptor_without_its_work_is_refused() {
        assertThatThrownBy(() -> new AheadInterceptor().configure(Map.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("understudy.scoring.ahead");
    }

    private List<ConsumerRecord<byte[], byte[]>> poll(String... values) {
        List<ConsumerRecord<byte[], byte[]>> records =
                Arrays.stream(values).map(value -> record(TOPIC, 0, value)).toList();
        ConsumerRecords<byte[], byte[]> polled =
                new ConsumerRecords<>(Map.of(new TopicPartition(TOPIC, 0), records), Map.of());
        assertThat(interceptor.onConsume(polled)).isSameAs(polled);
        return records;
    }

    @SafeVarargs
    private static ConsumerRecords<byte[], byte[]> polledRecords(ConsumerRecord<byte[], byte[]>... records) {
        Map<TopicPartition, List<ConsumerRecord<byte[], byte[]>>> byPartition = new LinkedHashMap<>();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            byPartition
                    .computeIfAbsent(
                            new TopicPartition(record.topic(), record.partition()), partition -> new ArrayList<>())
                    .add(record);
        }
        return new ConsumerRecords<>(byPartition, Map.of());
    }

    private Polled<String, String> deserialize(ConsumerRecord<byte[], byte[]> record) {
        Headers headers = record.headers();
        return deserializer.deserialize(record.topic(), headers, record.value());
    }

    private static AheadInterceptor interceptor(ScoringAhead<?, ?> work) {
        AheadInterceptor interceptor = new AheadInterceptor();
        interceptor.configure(Map.of(AheadInterceptor.WORK, work));
        return interceptor;
    }

    private static Polled<String, String> polled(String value) {
        return new Polled<>(value, value + "!", 42);
    }

    private static ConsumerRecord<byte[], byte[]> record(String topic, int partition, @Nullable String value) {
        return new ConsumerRecord<>(topic, partition, 0, new byte[0], value == null ? null : bytes(value));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
