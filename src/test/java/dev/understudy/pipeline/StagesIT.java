package dev.understudy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ComparisonStatus;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Request;
import dev.understudy.domain.Requests;
import dev.understudy.domain.StageBook;
import dev.understudy.flags.FixedFlags;
import dev.understudy.kafka.AheadCounts;
import dev.understudy.kafka.DeadLetters;
import dev.understudy.kafka.Guarantee;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.StageFollower;
import dev.understudy.kafka.StageRunner;
import dev.understudy.model.FakeModels;
import dev.understudy.score.HangWatchdog;
import dev.understudy.score.RequestScorer;
import dev.understudy.score.ScoreTopology;
import dev.understudy.shadow.ShadowScorers;
import dev.understudy.shadow.ShadowSettings;
import dev.understudy.shadow.ShadowTopology;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class StagesIT {
    private static final int PARTITIONS = 3;

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @RegisterExtension
    final ShadowScorers scorers = new ShadowScorers();

    private final FixedFlags flags = new FixedFlags("v1");
    private final FakeModels models = new FakeModels();
    private final HangWatchdog watchdog = new HangWatchdog(Duration.ofMinutes(5), () -> {});

    @TempDir
    Path state;

    @AfterEach
    void close() {
        watchdog.close();
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void every_readable_request_is_predicted_once_on_its_partition_and_poison_is_a_dead_letter(Guarantee guarantee) {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        models.serve("v2", 0.9);
        flags.serveTo("card-3", "v2").shadow("v2");
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int n = 0; n < 3_000; n++) {
            // All requests of an entity on one partition, but not the one that Kafka's own hash gives.
            records.add(pipeline.record(Requests.of("r" + n, "card-" + n % 11, n), n % 11 % PARTITIONS));
        }
        byte[] poison = bytes("this is no request");
        records.add(
                1_500, new ProducerRecord<>(pipeline.topics.predictionRequests().name(), 1, bytes("p"), poison));
        Map<Origin, String> written = new HashMap<>();
        List<RecordMetadata> places = kafka.produce(records);
        for (int i = 0; i < records.size(); i++) {
            if (i != 1_500) {
                written.put(
                        new Origin(places.get(i).partition(), places.get(i).offset()), "r" + (i < 1_500 ? i : i - 1));
            }
        }

        try (StageRunner score = score(pipeline, new DeclaredStages(), guarantee)) {
            score.start();
            pipeline.predictions(3_000);
            ConsumerRecord<byte[], byte[]> letter = kafka.consume(
                            pipeline.topics.deadLetters().name(), 1, TestPipeline.BOUND)
                    .get(0);
            assertThat(letter.value()).isEqualTo(poison);
            assertThat(letter.key()).isEqualTo(bytes("p"));
            assertThat(header(letter, DeadLetters.STAGE)).isEqualTo("score");
            assertThat(header(letter, DeadLetters.CAUSE)).isEqualTo("UNREADABLE");
            assertThat(header(letter, DeadLetters.TOPIC))
                    .isEqualTo(pipeline.topics.predictionRequests().name());
            assertThat(header(letter, DeadLetters.PARTITION)).isEqualTo("1");
            assertThat(header(letter, DeadLetters.OFFSET))
                    .isEqualTo(Long.toString(places.get(1_500).offset()));
            AheadCounts counts = score.health().ahead().orElseThrow();
            assertThat(counts.rows()).isEqualTo(3_000);
            assertThat(counts.single()).isZero();
            assertThat(counts.batches()).isLessThan(300);
            assertThat(counts.undecoded()).isEqualTo(1);
        }

        Map<Origin, String> predicted = new HashMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                kafka.records(pipeline.topics.predictions().name())) {
            Prediction prediction = pipeline.value(pipeline.topics.predictions(), record);
            Origin origin = new Origin(
                    prediction.getOrigin().getPartition(),
                    prediction.getOrigin().getOffset());
            assertThat(record.partition()).isEqualTo(origin.partition());
            assertThat(record.headers()).isEmpty();
            assertThat(new String(record.key(), StandardCharsets.UTF_8)).isEqualTo(prediction.getEntityId());
            assertThat(prediction.getScore()).contains(prediction.getEntityId().equals("card-3") ? 0.9 : 0.1);
            assertThat(predicted.put(origin, prediction.getRequestId()))
                    .as("%s twice", origin)
                    .isNull();
        }
        assertThat(predicted).isEqualTo(written);
        assertThat(kafka.records(pipeline.topics.shadowRequests().name())).hasSize((int) written.values().stream()
                .filter(id -> Integer.parseInt(id.substring(1)) % 11 != 3)
                .count());
    }

    @Test
    void epoch_is_stamped_once_a_stage_is_declared_mid_stream() {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        flags.shadow("v2");
        try (StageFollower stages =
                StageFollower.start(pipeline.connection(), pipeline.topics.rolloutStages(), "test")) {
            stages.awaitCaughtUp(TestPipeline.BOUND);
            try (StageRunner score = score(pipeline, stages, Guarantee.AT_LEAST_ONCE)) {
                score.start();
                kafka.produce(List.of(pipeline.record(Requests.of("before", "a", 1), 0)));
                assertThat(pipeline.predictions(1).get(0).getEpoch()).isZero();

                pipeline.declare(DeclaredStages.stage(
                        new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2")), 17, 5));
                stages.awaitCaughtUp(TestPipeline.BOUND);
                kafka.produce(List.of(pipeline.record(Requests.of("after", "a", 1), 0)));

                assertThat(pipeline.predictions(2))
                        .extracting(Prediction::getEpoch)
                        .containsExactly(0L, 17L);
                assertThat(kafka.consume(pipeline.topics.shadowRequests().name(), 2, TestPipeline.BOUND))
                        .extracting(record -> pipeline.value(pipeline.topics.shadowRequests(), record)
                                .targets()
                                .get(0)
                                .epoch())
                        .containsExactly(0L, 17L);
            }
        }
    }

    @Test
    void pairs_of_a_declared_stage_come_from_both_arms() {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        models.serve("v2", 0.2);
        flags.serveTo("card-1", "v2").serveTo("card-4", "v2").shadow("v2");
        DeclaredStages stages = new DeclaredStages();
        stages.declare("fraud", "v1", "v2", 9);
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int n = 0; n < 700; n++) {
            records.add(pipeline.record(Requests.of("r" + n, "card-" + n % 7, n), n % 7 % PARTITIONS));
        }
        try (StageRunner score = score(pipeline, stages, Guarantee.AT_LEAST_ONCE);
                StageRunner shadow = new StageRunner(
                        pipeline.connection(),
                        pipeline.settings("shadow", state),
                        ShadowTopology.stage(pipeline.topics, scorers.of(models, ShadowSettings.standard())),
                        pipeline.topics.deadLetters())) {
            score.start();
            shadow.start();
            kafka.produce(records);

            assertThat(pipeline.predictions(700))
                    .allSatisfy(prediction -> assertThat(prediction.getShadowTargets())
                            .containsExactly(new ShadowTarget("v1", "v2", 9L)));
            assertThat(pipeline.comparisons(700)).allSatisfy(comparison -> {
                boolean candidateServed = comparison.getEntityId().equals("card-1")
                        || comparison.getEntityId().equals("card-4");
                assertThat(comparison.getServedVersion()).isEqualTo(candidateServed ? "v2" : "v1");
                assertThat(comparison.getProductionVersion()).isEqualTo("v1");
                assertThat(comparison.getCandidateVersion()).isEqualTo("v2");
                assertThat(comparison.getEpoch()).isEqualTo(9);
                assertThat(comparison.getProduction().getModelVersion()).isEqualTo("v1");
                assertThat(comparison.getProduction().getScore()).contains(0.1);
                assertThat(comparison.getCandidate().orElseThrow().getModelVersion())
                        .isEqualTo("v2");
                assertThat(comparison.getCandidate().orElseThrow().getScore()).contains(0.2);
            });
        }
        assertThat(kafka.records(pipeline.topics.comparisons().name())).hasSize(700);
    }

    @Test
    void candidate_that_throws_leaves_predictions_untouched() {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        models.serve("v2", rows -> {
            throw new IllegalStateException("the candidate is broken");
        });
        models.serve("v3", 0.3);
        flags.shadow("v2", "v3");
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int n = 0; n < 500; n++) {
            records.add(pipeline.record(Requests.of("r" + n, "card-" + n % 7, n), n % 7 % PARTITIONS));
        }
        try (StageRunner score = score(pipeline, new DeclaredStages(), Guarantee.AT_LEAST_ONCE);
                StageRunner shadow = new StageRunner(
                        pipeline.connection(),
                        pipeline.settings("shadow", state),
                        ShadowTopology.stage(pipeline.topics, scorers.of(models, ShadowSettings.standard())),
                        pipeline.topics.deadLetters())) {
            score.start();
            shadow.start();
            kafka.produce(records);

            assertThat(pipeline.predictions(500))
                    .allSatisfy(prediction -> assertThat(prediction.getScore()).contains(0.1));
            List<Comparison> comparisons = pipeline.comparisons(1_000);
            assertThat(comparisons)
                    .filteredOn(comparison -> comparison.getCandidateVersion().equals("v2"))
                    .hasSize(500)
                    .allSatisfy(comparison -> {
                        // Where the 500 come in several batches, the later ones find the candidate in quarantine, and
                        // say nothing of it.
                        assertThat(comparison.getCandidate().flatMap(ModelResult::getErrorCode))
                                .isEqualTo(
                                        comparison.getStatus() == ComparisonStatus.QUARANTINED
                                                ? Optional.empty()
                                                : Optional.of("MODEL_FAILED"));
                        assertThat(comparison.getStatus())
                                .isIn(ComparisonStatus.CANDIDATE_FAILED, ComparisonStatus.QUARANTINED);
                        assertThat(comparison.getProduction().getScore()).contains(0.1);
                    })
                    .filteredOn(comparison -> comparison.getStatus() == ComparisonStatus.CANDIDATE_FAILED)
                    .hasSizeGreaterThanOrEqualTo(30);
            assertThat(comparisons)
                    .filteredOn(comparison -> comparison.getCandidateVersion().equals("v3"))
                    .hasSize(500)
                    .allSatisfy(comparison -> {
                        assertThat(comparison.getStatus()).isEqualTo(ComparisonStatus.COMPARED);
                        assertThat(comparison.getCandidate().orElseThrow().getScore())
                                .contains(0.3);
                    });
            assertThat(kafka.records(pipeline.topics.comparisons().name()))
                    .allSatisfy(record -> assertThat(record.partition())
                            .isEqualTo(pipeline.value(pipeline.topics.comparisons(), record)
                                    .getOrigin()
                                    .getPartition()));
            assertThat(kafka.records(pipeline.topics.deadLetters().name())).isEmpty();
        }
    }

    @Test
    void stage_that_was_closed_hands_over_at_once() {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        KafkaConnection longSessions =
                new KafkaConnection(kafka.bootstrapServers(), Map.of("session.timeout.ms", "300000"));
        for (int n = 0; n < 2; n++) {
            try (StageRunner score = score(pipeline, longSessions, new DeclaredStages(), Guarantee.AT_LEAST_ONCE)) {
                score.start();
                kafka.produce(List.of(pipeline.record(Requests.of("r" + n, "a", 1), 0)));

                assertThat(pipeline.predictions(n + 1))
                        .extracting(Prediction::getRequestId)
                        .contains("r" + n);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void derived_record_that_is_too_large_is_a_dead_letter_and_the_next_request_goes_on(Guarantee guarantee) {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        flags.shadow("v2");
        KafkaConnection small =
                new KafkaConnection(kafka.bootstrapServers(), Map.of("producer.max.request.size", "4000"));
        Request large = new Request(
                "large",
                "a",
                Map.of(),
                1,
                new FeatureMap(Map.of("picture", new FeatureValue.Vector(new double[1_000]))));
        try (StageRunner score = score(pipeline, small, new DeclaredStages(), guarantee)) {
            score.start();
            kafka.produce(List.of(pipeline.record(large, 0), pipeline.record(Requests.of("next", "a", 1), 0)));

            assertThat(pipeline.predictions(2))
                    .extracting(Prediction::getRequestId)
                    .containsExactly("large", "next");
            ConsumerRecord<byte[], byte[]> letter = kafka.consume(
                            pipeline.topics.deadLetters().name(), 1, TestPipeline.BOUND)
                    .get(0);
            assertThat(header(letter, DeadLetters.CAUSE)).isEqualTo("UNWRITABLE");
            assertThat(header(letter, DeadLetters.PARTITION)).isEqualTo("0");
            assertThat(header(letter, DeadLetters.OFFSET)).isEqualTo("0");
            assertThat(kafka.consume(pipeline.topics.shadowRequests().name(), 1, TestPipeline.BOUND))
                    .extracting(record -> pipeline.value(pipeline.topics.shadowRequests(), record)
                            .request()
                            .requestId())
                    .containsExactly("next");
        }
        assertThat(kafka.records(pipeline.topics.deadLetters().name())).hasSize(1);
    }

    @Test
    void lag_of_a_stage_that_has_caught_up_is_known_and_zero() {
        TestPipeline pipeline = new TestPipeline(kafka, PARTITIONS).createTopics();
        models.serve("v1", 0.1);
        try (StageRunner score = score(pipeline, new DeclaredStages(), Guarantee.AT_LEAST_ONCE)) {
            score.start();
            kafka.produce(List.of(pipeline.record(Requests.of("r", "a", 1), 0)));
            pipeline.predictions(1);

            Await.until(
                    "a lag of zero",
                    TestPipeline.BOUND,
                    () -> score.health().lag().equals(OptionalLong.of(0)),
                    score::health);
            assertThat(score.health().state()).isEqualTo("RUNNING");
            assertThat(score.health().failure()).isEmpty();
        }
    }

    private StageRunner score(TestPipeline pipeline, StageBook stages, Guarantee guarantee) {
        return score(pipeline, pipeline.connection(), stages, guarantee);
    }

    private StageRunner score(
            TestPipeline pipeline, KafkaConnection connection, StageBook stages, Guarantee guarantee) {
        RequestScorer scorer =
                new RequestScorer(flags, models, stages, watchdog, System::nanoTime, InstantSource.system());
        return new StageRunner(
                connection,
                pipeline.settings("score", state).with(guarantee, Duration.ofMillis(50)),
                ScoreTopology.stage(pipeline.topics, "fraud", scorer),
                pipeline.topics.deadLetters());
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
