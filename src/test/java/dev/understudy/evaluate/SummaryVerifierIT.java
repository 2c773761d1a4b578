package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.pair;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.OffsetRange;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.ModelPair;
import dev.understudy.evaluate.SyntheticTraffic.Log;
import dev.understudy.evaluate.SyntheticTraffic.Placed;
import dev.understudy.evaluate.Verified.Difference;
import dev.understudy.evaluate.Verified.Result;
import dev.understudy.kafka.KafkaConnection;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.avro.RecordBody;
import dev.understudy.process.ChildJvm;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Summaries that EVALUATE published on a real broker, computed again from the topics: repeated, late, early and
 * contradictory records, several partitions and restarts are all in them.
 */
final class SummaryVerifierIT {
    private static final int PARTITIONS = 3;
    private static final int REQUESTS = 1_200;
    private static final Duration BOUND = Duration.ofSeconds(90);
    private static final Instant PAST = Instant.parse("2026-10-20T00:00:00Z");
    private static final String CONFIGURATION = "settings of the test";

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path directory;

    private EvaluateCluster cluster;

    @BeforeEach
    void createTopics() {
        cluster = new EvaluateCluster(kafka, directory, PARTITIONS);
    }

    private static Log log(long seed) {
        return new SyntheticTraffic(seed, PARTITIONS, PAST.toEpochMilli(), 2_500, 0).log(REQUESTS);
    }

    private SummaryVerifier verifier(String configuration) {
        return verifier(configuration, EvaluateChild.settings());
    }

    private SummaryVerifier verifier(String configuration, EvaluateSettings settings) {
        return new SummaryVerifier(
                new KafkaConnection(kafka.bootstrapServers(), Map.of()),
                Duration.ofSeconds(10),
                cluster.topics(),
                settings,
                new ReadinessPolicy(ReadinessSettings.standard()),
                EvaluateChild.provenance(configuration));
    }

    /** Every summary that was ever published. */
    private List<PublishedSummary> published() {
        Topic<String, ReadinessSummary> topic = cluster.topics().rolloutReadiness();
        List<PublishedSummary> published = new ArrayList<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.records(topic.name())) {
            published.add(PublishedSummary.of(
                    topic.valueSerde().deserializer().deserialize(topic.name(), record.value()), record.value()));
        }
        return published;
    }

    private void awaitPublishedAfter(Instant time) {
        Await.until(
                "a summary is published after " + time,
                BOUND,
                () -> published().stream()
                        .anyMatch(one -> one.summary().getEvaluatedAt().isAfter(time)));
    }

    /** Every latest decision is of so many records: one that was made before, or in the middle of a telling, is not. */
    private void awaitDecisionsOn(long records) {
        Await.until(
                "the latest decisions are of " + records + " records",
                BOUND,
                () -> {
                    List<PublishedSummary> latest = latest();
                    return !latest.isEmpty() && latest.stream().allMatch(one -> recordsOf(one.summary()) == records);
                },
                () -> latest().stream().map(one -> recordsOf(one.summary())).toList());
    }

    private static long recordsOf(ReadinessSummary summary) {
        return summary.getProvenance().getInputs().stream()
                .flatMap(inputs -> Stream.of(inputs.getComparisons(), inputs.getPredictions(), inputs.getOutcomes()))
                .mapToLong(range -> range.map(OffsetRange::getTo).orElse(0L))
                .sum();
    }

    private void evaluate(Log log) {
        cluster.produce(log);
        try (StageRunner stage = cluster.stage("one")) {
            stage.start();
            awaitDecisionsOn(log.size());
        }
    }

    private void delete(Topic<?, ?> topic, int partition, long before) {
        TestKafka.get(kafka.admin()
                .deleteRecords(
                        Map.of(new TopicPartition(topic.name(), partition), RecordsToDelete.beforeOffset(before)))
                .all());
    }

    private List<PublishedSummary> latest() {
        return List.copyOf(verifier(CONFIGURATION).published(Instant.now()));
    }

    @Test
    void every_summary_comes_out_the_same_to_the_byte_though_the_stage_was_killed_and_closed_in_mid_stream() {
        Log log = log(1);
        cluster.produce(log.first(0.5));
        try (ChildJvm child = cluster.child("killed")) {
            cluster.awaitCommitted(log.size() / 4);
            child.killForcibly();
        }
        try (StageRunner stage = cluster.stage("closed")) {
            stage.start();
            cluster.awaitCommitted(log.first(0.5).size());
            awaitPublishedAfter(Instant.now());
        }
        cluster.produce(log.rest(0.5));
        try (StageRunner stage = cluster.stage("last")) {
            stage.start();
            awaitDecisionsOn(log.size());
        }
        List<PublishedSummary> published = published();

        List<Verified> verified = verifier(CONFIGURATION).verify(published);

        // On a busy machine one is made in the middle of what a partition tells, and says that it does not know its
        // input.
        List<Verified> known = verified.stream()
                .filter(one -> one.gone().stream().noneMatch(gone -> gone.startsWith("offsets: ")))
                .toList();
        assertThat(known).hasSizeGreaterThan(verified.size() / 2).allSatisfy(one -> {
            assertThat(one.gone()).isEmpty();
            assertThat(one.differences()).isEmpty();
            assertThat(one.result()).isEqualTo(Result.REPRODUCED);
        });
        assertThat(known.stream()
                        .map(one -> one.summary().getLedger().getCompared())
                        .distinct())
                .as("states of the evidence")
                .hasSizeGreaterThan(3);
        assertThat(verified.get(verified.size() - 1).records())
                .containsEntry(InputTopic.COMPARISONS, (long) log.comparisons().size())
                .containsEntry(InputTopic.PREDICTIONS, (long) log.predictions().size())
                .containsEntry(InputTopic.OUTCOMES, (long) log.outcomes().size());
    }

    @Test
    void input_that_was_deleted_is_named_with_its_offsets() {
        evaluate(log(2));
        delete(cluster.topics().comparisons(), 1, 100);

        List<Verified> verified = verifier(CONFIGURATION).verify(latest());

        assertThat(verified).isNotEmpty().allSatisfy(one -> {
            assertThat(one.result()).isEqualTo(Result.INPUT_GONE);
            assertThat(one.gone())
                    .singleElement()
                    .asString()
                    .startsWith("comparisons, partition 1: offsets 0 to 99 of 0 to ")
                    .contains("the topic begins at 100");
        });
    }

    @Test
    void records_from_before_the_stage_may_be_gone_but_for_what_counts_them() {
        DeclaredStages stages = new DeclaredStages();
        Log before = new SyntheticTraffic(5, PARTITIONS, PAST.toEpochMilli(), 2_500, 0).log(300);
        cluster.produce(before);
        DeclaredStage declared = DeclaredStages.stage(pair("v2"), 1, 5);
        stages.declare(declared);
        declare(declared);
        Log inStage = new SyntheticTraffic(
                        6, PARTITIONS, PAST.plusSeconds(7_200).toEpochMilli(), 2_500, 1, 900)
                .log(REQUESTS);
        cluster.produce(inStage);
        try (StageRunner stage = cluster.stage("one", stages)) {
            stage.start();
            awaitDecisionsOn(before.size() + inStage.size());
        }
        beginAt(cluster.topics().comparisons(), before.comparisons());
        beginAt(cluster.topics().predictions(), before.predictions());
        beginAt(cluster.topics().outcomes(), before.outcomes());

        List<Verified> verified = verifier(CONFIGURATION).verify(latestOf("v2"));

        assertThat(verified).isNotEmpty().allSatisfy(one -> {
            assertThat(one.differences()).allMatch(SummaryFields::isBeyondStage);
            assertThat(one.result()).isEqualTo(Result.REPRODUCED_IN_STAGE);
            assertThat(one.gone()).hasSize(3 * PARTITIONS);
        });
    }

    private void declare(DeclaredStage stage) {
        Topic<String, DeclaredStage> topic = cluster.topics().rolloutStages();
        kafka.produce(List.of(new ProducerRecord<>(
                topic.name(),
                stage.pair().key().getBytes(StandardCharsets.UTF_8),
                topic.valueSerde().serializer().serialize(topic.name(), stage))));
    }

    private <V> void beginAt(Topic<String, V> topic, List<Placed<V>> deleted) {
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int of = partition;
            delete(
                    topic,
                    partition,
                    deleted.stream().filter(placed -> placed.partition() == of).count());
        }
    }

    private List<PublishedSummary> latestOf(String candidate) {
        return latest().stream()
                .filter(one -> one.summary().getCandidateVersion().equals(candidate))
                .toList();
    }

    @Test
    void stage_that_is_not_declared_any_more_is_named() {
        DeclaredStages stages = new DeclaredStages();
        stages.declare(pair("v2"), 1, 5);
        Log log = new SyntheticTraffic(7, PARTITIONS, PAST.toEpochMilli(), 2_500, 1).log(100);
        cluster.produce(log);
        try (StageRunner stage = cluster.stage("one", stages)) {
            stage.start();
            awaitDecisionsOn(log.size());
        }

        List<Verified> verified = verifier(CONFIGURATION).verify(latestOf("v2"));

        assertThat(verified).isNotEmpty().allSatisfy(one -> {
            assertThat(one.result()).isEqualTo(Result.INPUT_GONE);
            assertThat(one.gone()).singleElement().asString().contains("epoch 1 of fraud/v1/v2");
        });
    }

    @Test
    void settings_that_are_others_than_those_of_the_stage_are_named() {
        evaluate(log(3));

        List<Verified> verified = verifier("other settings").verify(latest());

        assertThat(verified).isNotEmpty().allSatisfy(one -> {
            assertThat(one.result()).isEqualTo(Result.INPUT_GONE);
            assertThat(one.gone()).singleElement().asString().startsWith("configuration: ");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void stage_that_was_counted_in_part_with_other_settings_says_so_and_does_not_pass_for_changed(
            boolean segmentsLater) {
        EvaluateSettings settings = EvaluateChild.settings();
        EvaluateSettings first = segmentsLater ? withoutSegments() : settings;
        EvaluateSettings then = segmentsLater ? settings : withoutSegments();
        DeclaredStages stages = new DeclaredStages();
        DeclaredStage declared = DeclaredStages.stage(pair("v2"), 1, 5);
        stages.declare(declared);
        declare(declared);
        Log log = new SyntheticTraffic(8, PARTITIONS, PAST.toEpochMilli(), 2_500, 1).log(REQUESTS);
        cluster.produce(log.first(0.5));
        try (StageRunner stage = cluster.stage("one", stages, first)) {
            stage.start();
            cluster.awaitCommitted(log.first(0.5).size());
        }
        cluster.produce(log.rest(0.5));
        try (StageRunner stage = cluster.stage("one", stages, then)) {
            stage.start();
            awaitDecisionsOn(log.size());
        }

        List<Verified> verified = verifier(CONFIGURATION, then).verify(latestOf("v2"));

        assertThat(verified).isNotEmpty().anySatisfy(one -> {
            assertThat(one.result()).isEqualTo(Result.COUNTED_OTHERWISE);
            assertThat(one.gone())
                    .hasSize(PARTITIONS)
                    .allSatisfy(gone -> assertThat(gone)
                            .startsWith("evidence: in partition ")
                            .contains("was counted in part by " + CountedBy.text(first)));
        });
        assertThat(verified).extracting(Verified::result).doesNotContain(Result.DIFFERS, Result.INPUT_GONE);
    }

    private static EvaluateSettings withoutSegments() {
        EvaluateSettings settings = EvaluateChild.settings();
        return new EvaluateSettings(
                settings.window(),
                settings.grace(),
                settings.interval(),
                settings.idleAfter(),
                settings.windowRetention(),
                settings.epochRetention(),
                settings.lagBudget(),
                settings.outcomes(),
                settings.disagreements(),
                settings.expectedPairs(),
                new Segments(Map.of()),
                settings.shape());
    }

    @Test
    void candidate_that_was_in_force_all_the_while_is_missed_and_one_that_has_ended_is_not() {
        declareSince(pair("v3"), PAST);
        evaluate(log(9));
        PublishedSummary alone = latestOf("v2").get(0);

        assertThat(doubts(alone))
                .singleElement()
                .asString()
                .startsWith("stage.candidates is 1, but rollout-stages has 2");
        end(pair("v3"));
        assertThat(doubts(alone)).isEmpty();
        declareSince(pair("v4"), Instant.now());
        assertThat(doubts(alone)).as("it has just been declared").isEmpty();
    }

    private List<String> doubts(PublishedSummary published) {
        Verified verified = verifier(CONFIGURATION).verify(List.of(published)).get(0);
        assertThat(verified.result()).isEqualTo(Result.REPRODUCED);
        return verified.doubts();
    }

    private void declareSince(ModelPair pair, Instant since) {
        DeclaredStage stage = DeclaredStages.stage(pair, 1, 0);
        declare(new DeclaredStage(
                pair,
                stage.epoch(),
                stage.percent(),
                since,
                stage.hold(),
                stage.margins(),
                stage.references(),
                stage.candidates()));
    }

    private void end(ModelPair pair) {
        kafka.produce(List.of(new ProducerRecord<>(
                cluster.topics().rolloutStages().name(), pair.key().getBytes(StandardCharsets.UTF_8), null)));
    }

    @Test
    void field_that_was_tampered_with_is_named() {
        evaluate(log(4));
        PublishedSummary honest = latest().get(0);
        ReadinessSummary tampered = ReadinessSummary.newBuilder(honest.summary())
                .setVerdict(Verdict.READY)
                .build();

        List<Verified> verified =
                verifier(CONFIGURATION).verify(List.of(new PublishedSummary(tampered, RecordBody.of(tampered))));

        assertThat(verified).singleElement().satisfies(one -> {
            assertThat(one.result()).isEqualTo(Result.DIFFERS);
            assertThat(one.differences())
                    .containsExactly(new Difference(
                            "verdict", "READY", honest.summary().getVerdict().name()));
        });
    }
}
