package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.TopologyException;
import org.apache.kafka.streams.kstream.Consumed;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class StageRunnerTest {
    private final Topics topics = new Topics("", new AvroSerdes(new InMemoryRegistry()));
    private final ScoringAhead<String, String> ahead = new ScoringAhead<>(
            "requests", Serdes.String().deserializer(), (rows, polledNanos) -> rows, System::nanoTime);

    @TempDir
    Path state;

    @Test
    void main_consumer_gets_the_work_and_nobody_else() {
        StreamsConfig config = new StreamsConfig(settings(Map.of(), standard()));

        Map<String, Object> main = config.getMainConsumerConfigs("group", "client", 0);
        assertThat(main)
                .containsEntry(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, AheadInterceptor.class.getName())
                .containsEntry(AheadInterceptor.WORK, ahead);
        assertThat(config.getRestoreConsumerConfigs("client")).doesNotContainKey(AheadInterceptor.WORK);
        assertThat(config.getProducerConfigs("client")).doesNotContainKey(AheadInterceptor.WORK);
    }

    @ParameterizedTest
    @CsvSource({"consumer.", "main.consumer."})
    void interceptors_of_the_user_come_before_ours(String prefix) {
        Properties settings =
                settings(Map.of(prefix + ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG, "com.example.Audit"), standard());

        assertThat(new StreamsConfig(settings).getMainConsumerConfigs("group", "client", 0))
                .containsEntry(
                        ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG,
                        "com.example.Audit," + AheadInterceptor.class.getName());
    }

    @Test
    void linger_is_never_the_hundred_milliseconds_of_kafka_streams() {
        StreamsConfig config = new StreamsConfig(settings(Map.of(), standard()));

        assertThat(config.getProducerConfigs("client")).containsEntry(ProducerConfig.LINGER_MS_CONFIG, 5L);
    }

    @Test
    void stages_read_committed_records_under_either_guarantee() {
        for (Guarantee guarantee : Guarantee.values()) {
            StreamsConfig config =
                    new StreamsConfig(settings(Map.of(), standard().with(guarantee, Duration.ofMillis(20))));

            assertThat(config.getMainConsumerConfigs("group", "client", 0))
                    .containsEntry(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        }
    }

    @Test
    void client_settings_of_the_user_pass_through_unchanged() {
        Map<String, String> users = Map.of(
                "security.protocol", "SASL_SSL", "main.consumer.max.poll.records", "250", "producer.batch.size", "1");

        assertThat(settings(users, standard())).containsAllEntriesOf(users);
    }

    @Test
    void partitions_of_a_killed_instance_do_not_wait_for_kafkas_45_seconds_unless_the_user_says_so() {
        Map<String, Object> standard =
                new StreamsConfig(settings(Map.of(), standard())).getMainConsumerConfigs("group", "client", 0);
        Map<String, Object> users = new StreamsConfig(settings(Map.of("session.timeout.ms", "30000"), standard()))
                .getMainConsumerConfigs("group", "client", 0);

        assertThat(standard).containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, 10_000);
        assertThat(users).containsEntry(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, "30000");
    }

    @Test
    void settings_of_the_stage_itself_are_taken() {
        Properties settings =
                settings(Map.of(), standard().withStreams(Map.of(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 1)));

        assertThat(settings).containsEntry(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, 1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application.id|set kafka.application-prefix",
                "bootstrap.servers|set kafka.bootstrap-servers",
                "processing.guarantee|it differs by stage: set score.guarantee, shadow.guarantee or evaluate.guarantee",
                "producer.linger.ms|it differs by stage: set score.linger, shadow.linger or evaluate.linger",
                "main.consumer.isolation.level|stages read committed records only, or an aborted transaction would be"
                        + " evaluated",
                "default.value.serde|the topics' serdes are declared in code, since what they hold is a contract",
                "main.consumer.understudy.scoring.ahead|it holds the stage's work on polled batches",
                "interceptor.classes|producers and consumers need different ones: set"
                        + " main.consumer.interceptor.classes or producer.interceptor.classes",
                "errors.dead.letter.queue.topic.name|what cannot be read or processed goes to the topic dead-letters"
            })
    void property_that_the_pipeline_sets_itself_is_refused_with_the_reason(String key, String reason) {
        assertThatThrownBy(() -> new KafkaConnection("localhost:1", Map.of(key, "x")))
                .hasMessage("kafka.properties must not set '" + key + "': " + reason);
    }

    @Test
    void setting_out_of_range_is_refused_by_the_name_of_its_key() {
        assertThatThrownBy(() -> standard().withLinger(Duration.ofMillis(-1)))
                .hasMessage("score.linger must not be negative, was PT-0.001S");
        assertThatThrownBy(() -> standard().with(Guarantee.AT_LEAST_ONCE, Duration.ZERO))
                .hasMessage("score.commit-interval must be positive, was PT0S");
        assertThatThrownBy(() -> standard().withThreads(0)).hasMessage("score.threads must be at least 1, was 0");
    }

    @Test
    void broker_that_does_not_answer_is_named_within_the_limit() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        StageSettings settings = standard().withLimits(Duration.ofSeconds(2), Duration.ofSeconds(2));
        StageRunner runner = new StageRunner(
                new KafkaConnection("127.0.0.1:" + port, Map.of()), settings, stage(), topics.deadLetters());

        assertThatThrownBy(runner::run)
                .isInstanceOf(StageFailedException.class)
                .hasMessage("no broker answered at kafka.bootstrap-servers=127.0.0.1:" + port
                        + " within 2s; is it running, and is this its address?");
    }

    @Test
    void address_that_is_none_is_named() {
        StageRunner runner = new StageRunner(
                new KafkaConnection("no-port-here", Map.of()), standard(), stage(), topics.deadLetters());

        assertThatThrownBy(runner::run)
                .isInstanceOf(StageFailedException.class)
                .hasMessageContaining("kafka.bootstrap-servers=no-port-here");
    }

    @Test
    void store_without_a_name_is_refused() {
        PipelineStage unnamed = new PipelineStage(
                config -> {
                    StreamsBuilder builder = new StreamsBuilder(config);
                    builder.stream("requests", Consumed.with(Serdes.String(), Serdes.String()))
                            .groupByKey()
                            .count();
                    return builder.build();
                },
                Optional.empty(),
                List.of());
        StageRunner runner = new StageRunner(
                new KafkaConnection("localhost:1", Map.of()), standard(), unnamed, topics.deadLetters());

        assertThatThrownBy(runner::topology).isInstanceOf(TopologyException.class);
    }

    @Test
    void stage_that_was_not_started_is_created_and_can_be_closed() {
        StageRunner runner = new StageRunner(
                new KafkaConnection("localhost:1", Map.of()), standard(), stage(), topics.deadLetters());

        assertThat(runner.health().state()).isEqualTo("CREATED");
        runner.close();
        runner.awaitEnd();
    }

    private Properties settings(Map<String, String> users, StageSettings settings) {
        return new StageRunner(new KafkaConnection("localhost:1", users), settings, stage(), topics.deadLetters())
                .streamsSettings();
    }

    private StageSettings standard() {
        return StageSettings.standard("score", "test", state);
    }

    private PipelineStage stage() {
        return new PipelineStage(
                config -> new Topology(config)
                        .addSource("requests", Serdes.String().deserializer(), ahead.deserializer(), "requests"),
                Optional.of(ahead),
                List.of(topics.predictionRequests()));
    }
}
