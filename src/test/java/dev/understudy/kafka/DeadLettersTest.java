package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.NotLeaderOrFollowerException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.ErrorHandlerContext;
import org.apache.kafka.streams.errors.ProductionExceptionHandler;
import org.apache.kafka.streams.errors.internals.DefaultErrorHandlerContext;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.test.TestRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What stands in a letter of what cannot be processed or written. */
final class DeadLettersTest {
    private static final long LIMIT = 1 << 20;

    /** Cannot do with a record that has no value. */
    private static final class NeedsValue extends ContextualProcessor<String, String, String, String> {
        @Override
        public void process(Record<String, String> record) {
            if (record.value() == null) {
                throw new IllegalArgumentException("no value");
            }
            context().forward(record);
        }
    }

    private static final Serializer<String> REFUSING = (topic, value) -> {
        throw new RecordTooLargeException("too large for " + topic);
    };

    private static List<TestRecord<byte[], byte[]>> lettersOf(@Nullable String value) {
        Topology topology = new Topology()
                .addSource(
                        "input", Serdes.String().deserializer(), Serdes.String().deserializer(), "input")
                .addProcessor("needs-value", NeedsValue::new, "input")
                .addSink("output", "output", new StringSerializer(), REFUSING, "needs-value");
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "letters");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
        properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unprocessable.class);
        properties.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unwritable.class);
        properties.put(DeadLetters.OBJECT, new DeadLetters("score", "dead-letters", LIMIT));
        try (TopologyTestDriver driver = new TopologyTestDriver(topology, properties, Instant.EPOCH)) {
            driver.createInputTopic("input", new StringSerializer(), new StringSerializer())
                    .pipeInput("key", value);
            return driver.createOutputTopic("dead-letters", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                    .readRecordsToList();
        }
    }

    private static String text(Headers headers, String name) {
        return new String(headers.lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    @Test
    void what_cannot_be_encoded_is_a_letter_with_the_bytes_of_its_source() {
        assertThat(lettersOf("the source")).singleElement().satisfies(letter -> {
            assertThat(text(letter.headers(), DeadLetters.CAUSE)).isEqualTo("UNWRITABLE");
            assertThat(text(letter.headers(), DeadLetters.TOPIC)).isEqualTo("input");
            assertThat(text(letter.headers(), DeadLetters.MESSAGE)).isEqualTo("too large for output");
            assertThat(letter.key()).asString().isEqualTo("key");
            assertThat(letter.value()).asString().isEqualTo("the source");
        });
    }

    @Test
    void record_without_a_value_is_a_letter_without_one() {
        assertThat(lettersOf(null)).singleElement().satisfies(letter -> {
            assertThat(text(letter.headers(), DeadLetters.CAUSE)).isEqualTo("UNPROCESSABLE");
            assertThat(letter.key()).asString().isEqualTo("key");
            assertThat(letter.value()).isNull();
        });
    }

    private static ProductionExceptionHandler.Response onRefusal(String topic, Exception refusal) {
        DeadLetters.Unwritable handler = new DeadLetters.Unwritable();
        handler.configure(Map.of(DeadLetters.OBJECT, new DeadLetters("score", "dead-letters", LIMIT)));
        ErrorHandlerContext context = new DefaultErrorHandlerContext(
                null, "input", 3, 7, new RecordHeaders(), "output", new TaskId(0, 3), 1_000, null, null);
        return handler.handleError(context, new ProducerRecord<>(topic, new byte[] {1}, new byte[] {2}), refusal);
    }

    @Test
    void what_the_producer_finds_too_large_is_a_letter_that_says_where_its_source_stands() {
        ProductionExceptionHandler.Response response = onRefusal("output", new RecordTooLargeException());

        assertThat(response.result()).isEqualTo(ProductionExceptionHandler.Result.RESUME);
        assertThat(response.deadLetterQueueRecords()).singleElement().satisfies(letter -> {
            assertThat(text(letter.headers(), DeadLetters.CAUSE)).isEqualTo("UNWRITABLE");
            assertThat(text(letter.headers(), DeadLetters.PARTITION)).isEqualTo("3");
            assertThat(text(letter.headers(), DeadLetters.OFFSET)).isEqualTo("7");
            assertThat(letter.value()).isNull();
        });
    }

    @Test
    void what_the_cluster_refuses_for_now_is_sent_again_and_anything_else_ends_the_stage() {
        assertThat(onRefusal("output", new NotLeaderOrFollowerException()).result())
                .isEqualTo(ProductionExceptionHandler.Result.RETRY);
        assertThat(onRefusal("output", new IllegalStateException()).result())
                .isEqualTo(ProductionExceptionHandler.Result.FAIL);
        assertThat(onRefusal("a-changelog", new RecordTooLargeException()).result())
                .isEqualTo(ProductionExceptionHandler.Result.FAIL);
    }
}
