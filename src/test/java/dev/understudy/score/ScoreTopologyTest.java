package dev.understudy.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Request;
import dev.understudy.domain.Requests;
import dev.understudy.domain.RowResult;
import dev.understudy.flags.FixedFlags;
import dev.understudy.kafka.DeadLetters;
import dev.understudy.kafka.GoldenTopology;
import dev.understudy.kafka.StageDriver;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.model.FakeModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ScoreTopologyTest {
    private final FixedFlags flags = new FixedFlags("v1");
    private final FakeModels models = new FakeModels();
    private final DeclaredStages stages = new DeclaredStages();
    private final Topics topics = new Topics("", new AvroSerdes(new InMemoryRegistry()));
    private final HangWatchdog watchdog = new HangWatchdog(Duration.ofMinutes(1), () -> {
        throw new AssertionError("no call of this test hangs");
    });

    @TempDir
    Path state;

    private StageDriver stage;
    private TestInputTopic<byte[], byte[]> requests;
    private TestOutputTopic<String, Prediction> predictions;
    private TestOutputTopic<String, ForkedRequest> shadowRequests;
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void open() {
        RequestScorer scorer =
                new RequestScorer(flags, models, stages, watchdog, () -> 0, () -> Instant.ofEpochMilli(5_000));
        stage = new StageDriver("score", ScoreTopology.stage(topics, "fraud", scorer), topics, state);
        requests = stage.driver()
                .createInputTopic(
                        topics.predictionRequests().name(), new ByteArraySerializer(), new ByteArraySerializer());
        predictions = stage.driver()
                .createOutputTopic(
                        topics.predictions().name(),
                        topics.predictions().keySerde().deserializer(),
                        topics.predictions().valueSerde().deserializer());
        shadowRequests = stage.driver()
                .createOutputTopic(
                        topics.shadowRequests().name(),
                        topics.shadowRequests().keySerde().deserializer(),
                        topics.shadowRequests().valueSerde().deserializer());
        deadLetters = stage.driver()
                .createOutputTopic(
                        topics.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void close() {
        stage.close();
        watchdog.close();
    }

    @Test
    void topology_has_not_changed_unintentionally() throws IOException {
        GoldenTopology.assertUnchanged("score", stage.topology());
    }

    @Test
    void request_becomes_a_prediction_with_origin_decision_and_cost() {
        models.serve("v1", 0.75);
        pipe(Requests.of("r0", "card-1", 10));
        pipe(Requests.of("r1", "card-1", 10));

        List<TestRecord<String, Prediction>> records = predictions.readRecordsToList();

        assertThat(records).extracting(TestRecord::key).containsExactly("card-1", "card-1");
        assertThat(records).extracting(TestRecord::timestamp).containsOnly(1_234L);
        Prediction second = records.get(1).value();
        assertThat(second.getRequestId()).isEqualTo("r1");
        assertThat(second.getOrigin()).isEqualTo(new dev.understudy.avro.Origin(0, 1L));
        assertThat(second.getModelVersion()).contains("v1");
        assertThat(second.getStatus()).isEqualTo(PredictionStatus.SCORED);
        assertThat(second.getScore()).contains(0.75);
        assertThat(second.getLabel()).contains("1");
        assertThat(second.getDecision().getReason()).isEqualTo(RoutingReason.DEFAULT);
        assertThat(second.getDecision().getFlagKey()).isEqualTo("ml-model-version");
        assertThat(second.getBatchNanos()).isEqualTo(1_000);
        assertThat(second.getBatchRows()).isEqualTo(1);
        assertThat(second.getScoredAt()).isEqualTo(5_000);
        assertThat(second.getShadowTargets()).isEmpty();
        assertThat(second.getFlagsStaleSince()).isEmpty();
        assertThat(shadowRequests.isEmpty()).isTrue();
    }

    @Test
    void request_with_candidates_is_forked_once_with_the_served_answer_and_its_features() {
        models.serve("v1", 0.75);
        flags.shadow("v2", "v3");
        stages.declare("fraud", "v1", "v2", 4);
        Request request = Requests.of("r0", "card-1", 10);
        pipe(request);

        TestRecord<String, ForkedRequest> record = shadowRequests.readRecord();

        assertThat(shadowRequests.isEmpty()).isTrue();
        assertThat(record.key()).isEqualTo("card-1");
        assertThat(record.timestamp()).isEqualTo(1_234L);
        ForkedRequest forked = record.value();
        assertThat(forked.origin()).isEqualTo(new Origin(0, 0));
        assertThat(forked.model()).isEqualTo("fraud");
        assertThat(forked.served().version()).isEqualTo(new ModelVersion("v1"));
        assertThat(forked.served().result()).isEqualTo(new RowResult.Scored(0.75, "1", Map.of(), null));
        assertThat(forked.targets())
                .containsExactly(
                        new ForkTarget(new ModelVersion("v1"), new ModelVersion("v2"), 4),
                        new ForkTarget(new ModelVersion("v1"), new ModelVersion("v3"), 0));
        assertThat(FeatureMap.copyOf(forked.request().features())).isEqualTo(request.features());
        Prediction prediction = predictions.readValue();
        assertThat(prediction.getEpoch()).isEqualTo(4);
        assertThat(prediction.getShadowTargets())
                .containsExactly(new ShadowTarget("v1", "v2", 4L), new ShadowTarget("v1", "v3", 0L));
    }

    @Test
    void prediction_says_since_when_the_flags_are_stale() {
        models.serve("v1", 0.75);
        flags.staleSince(Instant.ofEpochMilli(4_321));
        pipe(Requests.of("r0", "card-1", 10));

        assertThat(predictions.readValue().getFlagsStaleSince()).contains(4_321L);
    }

    @Test
    void request_stamped_in_the_future_and_all_that_is_derived_count_as_of_now() {
        models.serve("v1", 0.75);
        flags.shadow("v2");
        byte[] value = encoded(Requests.of("r0", "card-1", 10));
        requests.pipeInput(new TestRecord<>(bytes("card-1"), value, Instant.parse("2199-01-01T00:00:00Z")));

        assertThat(predictions.readRecord().timestamp()).isEqualTo(5_000);
        assertThat(shadowRequests.readRecord().timestamp()).isEqualTo(5_000);
    }

    @Test
    void request_that_cannot_be_scored_becomes_a_failed_prediction() {
        models.serve("v1", rows -> List.of(new RowResult.Failed("MISSING_FEATURE", "feature 'age' is missing")));
        pipe(Requests.of("r0", "card-1", 10));

        Prediction prediction = predictions.readValue();

        assertThat(prediction.getStatus()).isEqualTo(PredictionStatus.FAILED);
        assertThat(prediction.getErrorCode()).contains("MISSING_FEATURE");
        assertThat(prediction.getErrorMessage()).contains("feature 'age' is missing");
        assertThat(prediction.getScore()).isEmpty();
        assertThat(prediction.getModelVersion()).contains("v1");
    }

    @Test
    void request_that_no_version_serves_becomes_a_failed_prediction_without_a_version() {
        pipe(Requests.of("r0", "card-1", 10));

        Prediction prediction = predictions.readValue();

        assertThat(prediction.getErrorCode()).contains("NO_MODEL");
        assertThat(prediction.getModelVersion()).isEmpty();
    }

    @Test
    void probabilities_are_written_for_more_than_two_classes_only() {
        models.serve("v1", rows -> List.of(new RowResult.Scored(0.7, "1", Map.of("0", 0.3, "1", 0.7), null)));
        pipe(Requests.of("r0", "card-1", 10));
        Map<String, Double> three = Map.of("a", 0.1, "b", 0.2, "c", 0.7);
        models.serve("v1", rows -> List.of(new RowResult.Scored(null, "c", three, new double[] {1, 2})));
        pipe(Requests.of("r1", "card-1", 10));

        assertThat(predictions.readValue().getProbabilities()).isEmpty();
        Prediction multiclass = predictions.readValue();
        assertThat(multiclass.getProbabilities()).contains(three);
        assertThat(multiclass.getVector()).contains(List.of(1.0, 2.0));
    }

    @Test
    void prediction_keeps_tracing_headers_and_drops_those_about_the_bytes() {
        models.serve("v1", 0.75);
        flags.shadow("v2");
        Headers headers = new RecordHeaders().add("traceparent", bytes("00-1")).add("__encoding", bytes("7"));

        requests.pipeInput(new TestRecord<>(
                bytes("k"), encoded(Requests.of("r0", "card-1", 10)), headers, Instant.ofEpochMilli(1_234)));

        assertThat(predictions.readRecord().headers()).extracting(Header::key).containsExactly("traceparent");
        assertThat(shadowRequests.readRecord().headers()).isEmpty();
    }

    @Test
    void unreadable_request_becomes_a_dead_letter_with_its_bytes_and_the_next_is_predicted() {
        models.serve("v1", 0.75);
        Headers headers = new RecordHeaders().add("traceparent", bytes("00-1"));
        requests.pipeInput(new TestRecord<>(bytes("key"), bytes("not avro"), headers, Instant.ofEpochMilli(1_234)));
        pipe(Requests.of("r1", "card-1", 10));

        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();

        assertThat(letter.key()).isEqualTo(bytes("key"));
        assertThat(letter.value()).isEqualTo(bytes("not avro"));
        assertThat(letter.timestamp()).isEqualTo(1_234L);
        assertThat(text(letter, "traceparent")).isEqualTo("00-1");
        assertThat(text(letter, DeadLetters.STAGE)).isEqualTo("score");
        assertThat(text(letter, DeadLetters.CAUSE)).isEqualTo("UNREADABLE");
        assertThat(text(letter, DeadLetters.TOPIC)).isEqualTo("prediction-requests");
        assertThat(text(letter, DeadLetters.PARTITION)).isEqualTo("0");
        assertThat(text(letter, DeadLetters.OFFSET)).isEqualTo("0");
        assertThat(text(letter, DeadLetters.EXCEPTION)).isNotBlank();
        assertThat(text(letter, DeadLetters.MESSAGE)).isNotBlank();
        assertThat(predictions.readValue().getRequestId()).isEqualTo("r1");
        assertThat(predictions.isEmpty()).isTrue();
        assertThat(stage.health().deadLetters()).isEqualTo(1);
    }

    @Test
    void request_without_a_value_becomes_a_dead_letter() {
        requests.pipeInput(new TestRecord<>(bytes("key"), null, Instant.ofEpochMilli(1)));

        assertThat(text(deadLetters.readRecord(), DeadLetters.MESSAGE)).contains("must have a value");
    }

    @Test
    void truncated_request_becomes_a_dead_letter() {
        byte[] whole = encoded(Requests.of("r0", "card-1", 10));
        byte[] truncated = Arrays.copyOf(whole, whole.length - 3);
        requests.pipeInput(bytes("key"), truncated);

        assertThat(deadLetters.readRecord().value()).isEqualTo(truncated);
    }

    @Test
    void registry_that_is_down_fails_the_stage_and_drops_nothing() {
        byte[] unknownSchema = encoded(Requests.of("r0", "card-1", 10));
        Topics unreachable = new Topics("", new AvroSerdes(new DownRegistry()));
        RequestScorer scorer =
                new RequestScorer(flags, models, stages, watchdog, () -> 0, () -> Instant.ofEpochMilli(5_000));
        try (StageDriver failing =
                new StageDriver("score", ScoreTopology.stage(unreachable, "fraud", scorer), unreachable, state)) {
            TestInputTopic<byte[], byte[]> input = failing.driver()
                    .createInputTopic(
                            unreachable.predictionRequests().name(),
                            new ByteArraySerializer(),
                            new ByteArraySerializer());

            assertThatThrownBy(() -> input.pipeInput(bytes("key"), unknownSchema))
                    .hasRootCauseMessage("the registry does not answer");
            assertThat(failing.health().deadLetters()).isZero();
        }
    }

    private void pipe(Request request) {
        requests.pipeInput(new TestRecord<>(bytes(request.entityId()), encoded(request), Instant.ofEpochMilli(1_234)));
    }

    private byte[] encoded(Request request) {
        return topics.predictionRequests()
                .valueSerde()
                .serializer()
                .serialize(topics.predictionRequests().name(), request);
    }

    private static String text(TestRecord<byte[], byte[]> record, String header) {
        return new String(record.headers().lastHeader(header).value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
