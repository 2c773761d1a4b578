package dev.understudy.shadow;

import static dev.understudy.shadow.ShadowScorerTest.forked;
import static dev.understudy.shadow.ShadowScorerTest.served;
import static dev.understudy.shadow.ShadowScorerTest.target;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelTask;
import dev.understudy.avro.Origin;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
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
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

final class ShadowTopologyTest {
    @RegisterExtension
    final ShadowScorers scorers = new ShadowScorers();

    private final FakeModels models = new FakeModels();
    private final Topics topics = new Topics("", new AvroSerdes(new InMemoryRegistry()));

    @TempDir
    Path state;

    private StageDriver stage;
    private TestInputTopic<byte[], byte[]> shadowRequests;
    private TestOutputTopic<String, Comparison> comparisons;
    private TestOutputTopic<byte[], byte[]> deadLetters;

    @BeforeEach
    void open() {
        ShadowScorer scorer = scorers.of(models, ShadowScorers.settings(Duration.ofMillis(50), 1, "amount"));
        stage = new StageDriver("shadow", ShadowTopology.stage(topics, scorer), topics, state);
        shadowRequests = stage.driver()
                .createInputTopic(topics.shadowRequests().name(), new ByteArraySerializer(), new ByteArraySerializer());
        comparisons = stage.driver()
                .createOutputTopic(
                        topics.comparisons().name(),
                        topics.comparisons().keySerde().deserializer(),
                        topics.comparisons().valueSerde().deserializer());
        deadLetters = stage.driver()
                .createOutputTopic(
                        topics.deadLetters().name(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    @AfterEach
    void close() {
        stage.close();
    }

    @Test
    void topology_has_not_changed_unintentionally() throws IOException {
        GoldenTopology.assertUnchanged("shadow", stage.topology());
    }

    @Test
    void each_target_becomes_one_comparison_in_order_with_the_origin_carried() {
        models.serve("v2", 0.2);
        models.serve("v3", 0.3);
        pipe(forked(41, served("v1", 0.1), target("v1", "v3"), target("v1", "v2")));

        List<TestRecord<String, Comparison>> records = comparisons.readRecordsToList();

        assertThat(records)
                .extracting(record -> record.value().getCandidateVersion())
                .containsExactly("v3", "v2");
        assertThat(records).extracting(TestRecord::key).containsOnly("card-41");
        assertThat(records).extracting(TestRecord::timestamp).containsOnly(1_234L);
        Comparison first = records.get(0).value();
        assertThat(first.getRequestId()).isEqualTo("r41");
        assertThat(first.getOrigin()).isEqualTo(new Origin(0, 41L));
        assertThat(first.getProductionVersion()).isEqualTo("v1");
        assertThat(first.getServedVersion()).isEqualTo("v1");
        assertThat(first.getEpoch()).isEqualTo(6);
        assertThat(first.getAttributes()).isEqualTo(Map.of("region", "eu"));
        assertThat(first.getTask()).contains(ModelTask.BINARY);
        assertThat(first.getStatus()).isEqualTo(ComparisonStatus.COMPARED);
        assertThat(first.getProduction().getScore()).contains(0.1);
        assertThat(first.getProduction().getBatchNanos()).isEqualTo(900);
        assertThat(first.getProduction().getBatchRows()).isEqualTo(9);
        assertThat(first.getCandidate().orElseThrow().getScore()).contains(0.3);
        assertThat(first.getCandidate().orElseThrow().getBatchRows()).isEqualTo(1);
        assertThat(first.getClasses()).containsExactly("0", "1");
        assertThat(first.getMismatch()).isEmpty();
        assertThat(first.getLikeForLike()).isEmpty();
        assertThat(first.getFeatures()).isEqualTo(Map.of("amount", "41.0"));
    }

    @Test
    void comparison_carries_the_times_of_a_trial_and_why_answers_do_not_compare() {
        models.serve("v1", 0.1).takes(300).is(Task.REGRESSION, 1);
        models.serve("v2", 0.2).takes(500);
        pipe(forked(0, served("v1", 0.1), target("v1", "v2")));

        Comparison comparison = comparisons.readValue();

        assertThat(comparison.getLikeForLike()).contains(new LikeForLike(1, 300L, 500L, 300L, false, false));
        assertThat(comparison.getMismatch())
                .contains("production v1 is a regression model, candidate v2 a binary model");
    }

    @Test
    void candidate_that_served_is_compared_with_production_scored_in_shadow() {
        models.serve("v1", 0.1);
        models.serve("v2", 0.2);
        pipe(forked(0, served("v2", 0.3), target("v1", "v2")));

        Comparison comparison = comparisons.readValue();

        assertThat(comparison.getServedVersion()).isEqualTo("v2");
        assertThat(comparison.getProductionVersion()).isEqualTo("v1");
        assertThat(comparison.getProduction().getScore()).contains(0.1);
        assertThat(comparison.getCandidate().orElseThrow().getScore()).contains(0.3);
    }

    @Test
    void production_that_cannot_be_loaded_in_shadow_is_told_by_its_code() {
        models.failToLoad("v1", "cut off");
        models.serve("v2", 0.2);
        pipe(forked(0, served("v2", 0.3), target("v1", "v2")));

        Comparison comparison = comparisons.readValue();

        assertThat(comparison.getProduction().getErrorCode()).contains("MODEL_NOT_LOADED");
        assertThat(comparison.getCandidate().orElseThrow().getScore()).contains(0.3);
    }

    @Test
    void candidate_that_gave_no_answer_is_a_failed_comparison_with_the_code() {
        models.serve("v2", rows -> List.of(new RowResult.Failed("WRONG_TYPE", "amount is text")));
        pipe(forked(0, served("v1", 0.1), target("v1", "v2")));

        Comparison comparison = comparisons.readValue();

        assertThat(comparison.getStatus()).isEqualTo(ComparisonStatus.CANDIDATE_FAILED);
        assertThat(comparison.getCandidate().orElseThrow().getErrorCode()).contains("WRONG_TYPE");
        assertThat(comparison.getProduction().getErrorCode()).isEmpty();
    }

    @Test
    void candidate_that_cannot_be_loaded_is_a_failed_comparison() {
        models.failToLoad("v2", "cut off");
        pipe(forked(0, served("v1", 0.1), target("v1", "v2")));

        Comparison comparison = comparisons.readValue();

        assertThat(comparison.getStatus()).isEqualTo(ComparisonStatus.CANDIDATE_FAILED);
        assertThat(comparison.getCandidate().orElseThrow().getErrorCode()).contains("MODEL_NOT_LOADED");
        assertThat(comparison.getTask()).isEmpty();
    }

    @Test
    void production_that_failed_is_still_compared() {
        models.serveBroken("v1");
        pipe(forked(0, served("v2", 0.1), target("v1", "v2")));

        Comparison comparison = comparisons.readValue();

        assertThat(comparison.getStatus()).isEqualTo(ComparisonStatus.COMPARED);
        assertThat(comparison.getProduction().getErrorCode()).contains("MODEL_FAILED");
        assertThat(comparison.getServedVersion()).isEqualTo("v2");
    }

    @Test
    void request_of_another_model_becomes_a_dead_letter_and_the_next_is_compared() {
        models.serve("v2", 0.2);
        ForkedRequest good = forked(1, served("v1", 0.1), target("v1", "v2"));
        pipe(new ForkedRequest(good.origin(), "churn", good.served(), good.targets(), 0, good.request()));
        pipe(good);

        TestRecord<byte[], byte[]> letter = deadLetters.readRecord();

        assertThat(letter.headers().lastHeader(DeadLetters.CAUSE).value())
                .isEqualTo("UNPROCESSABLE".getBytes(StandardCharsets.UTF_8));
        assertThat(letter.headers().lastHeader(DeadLetters.STAGE).value())
                .isEqualTo("shadow".getBytes(StandardCharsets.UTF_8));
        assertThat(comparisons.readValue().getRequestId()).isEqualTo("r1");
        assertThat(comparisons.isEmpty()).isTrue();
    }

    @Test
    void topic_with_too_few_partitions_fails_the_stage_and_drops_nothing() {
        models.serve("v2", 0.2);
        ForkedRequest good = forked(1, served("v1", 0.1), target("v1", "v2"));
        ForkedRequest elsewhere = new ForkedRequest(
                new dev.understudy.domain.Origin(7, 1), "fraud", good.served(), good.targets(), 0, good.request());

        assertThatThrownBy(() -> pipe(elsewhere))
                .hasRootCauseMessage("topic comparisons has 1 partitions, but a request came from partition 7; it"
                        + " needs as many as prediction-requests");
        assertThat(deadLetters.isEmpty()).isTrue();
    }

    private void pipe(ForkedRequest forked) {
        byte[] value = topics.shadowRequests()
                .valueSerde()
                .serializer()
                .serialize(topics.shadowRequests().name(), forked);
        shadowRequests.pipeInput(
                new TestRecord<>(new byte[0], value, new RecordHeaders(), Instant.ofEpochMilli(1_234)));
    }
}
