package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Repartitioned;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.junit.jupiter.api.Test;

/** What a stage tells itself is not a dead letter: it fails rather than lose it. */
final class InternalFailureTest {
    /** Throws over records that say so, and when the clock moves if it is to. */
    private static final class Fragile extends ContextualProcessor<String, String, String, String> {
        private final String failsOver;

        Fragile(String failsOver) {
            this.failsOver = failsOver;
        }

        @Override
        public void init(ProcessorContext<String, String> context) {
            super.init(context);
            context.schedule(Duration.ofSeconds(1), PunctuationType.WALL_CLOCK_TIME, now -> fail("punctuation"));
        }

        @Override
        public void process(Record<String, String> record) {
            fail(record.value());
            context().forward(record);
        }

        private void fail(String on) {
            if (on.equals(failsOver)) {
                throw new IllegalArgumentException("fails over " + on);
            }
        }
    }

    private static TopologyTestDriver driver(String firstFailsOver, String secondFailsOver) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.stream("input", Consumed.with(Serdes.String(), Serdes.String()))
                .process(() -> new Fragile(firstFailsOver))
                .repartition(Repartitioned.<String, String>as("again")
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.String()))
                .process(() -> new Fragile(secondFailsOver));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "fragile");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "unused:9092");
        properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unprocessable.class);
        properties.put(DeadLetters.OBJECT, new DeadLetters("fragile", "dead-letters", 1 << 20));
        return new TopologyTestDriver(builder.build(), properties, Instant.EPOCH);
    }

    private static void pipe(TopologyTestDriver driver, String value) {
        driver.createInputTopic("input", new StringSerializer(), new StringSerializer())
                .pipeInput("key", value);
    }

    @Test
    void source_record_that_fails_becomes_a_dead_letter() {
        try (TopologyTestDriver driver = driver("bad", "")) {
            pipe(driver, "bad");

            assertThat(driver.createOutputTopic(
                                    "dead-letters", new ByteArrayDeserializer(), new ByteArrayDeserializer())
                            .readValuesToList())
                    .hasSize(1);
        }
    }

    @Test
    void internal_record_that_fails_ends_the_stage() {
        try (TopologyTestDriver driver = driver("", "bad")) {
            assertThatThrownBy(() -> pipe(driver, "bad")).hasRootCauseMessage("fails over bad");
        }
    }

    @Test
    void punctuation_that_fails_ends_the_stage() {
        try (TopologyTestDriver driver = driver("", "punctuation")) {
            assertThatThrownBy(() -> driver.advanceWallClockTime(Duration.ofSeconds(2)))
                    .hasRootCauseMessage("fails over punctuation");
        }
    }
}
