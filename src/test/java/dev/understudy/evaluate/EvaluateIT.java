package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.ModelPair;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Evidence over a recorded log, on a real broker, whatever happens to the stage meanwhile: equal, to the byte, to what is
 * computed offline from the same log with each origin counted once.
 */
final class EvaluateIT {
    private static final int PARTITIONS = 3;
    private static final int REQUESTS = 1_500;
    private static final Duration BOUND = Duration.ofSeconds(90);

    /** Event time of the logs: 50 windows of a month ago. */
    private static final Instant PAST = Instant.parse("2026-10-20T00:00:00Z");

    /** The broker would delete records of a month ago at the next round of its cleaner, whenever that is. */
    private static final Map<String, String> KEPT = Map.of("retention.ms", "-1");

    private static final long STEP_MILLIS = Duration.ofMinutes(50).toMillis() / REQUESTS;

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path directory;

    private String prefix;
    private Topics topics;

    @BeforeEach
    void createTopics() {
        prefix = kafka.uniqueName("evaluate") + ".";
        topics = new Topics(
                prefix,
                AvroSerdes.configured(
                        Map.of("schema.registry.url", kafka.registryUrl().toString())));
        kafka.createTopics(List.of(
                newTopic(topics.comparisons(), PARTITIONS),
                newTopic(topics.predictions(), PARTITIONS),
                newTopic(topics.outcomes(), PARTITIONS),
                newTopic(topics.disagreements(), 1),
                newTopic(topics.shadowMetrics(), 1),
                newTopic(topics.rolloutReadiness(), 1),
                newTopic(topics.deadLetters(), 1)));
    }

    private static NewTopic newTopic(Topic<?, ?> topic, int partitions) {
        return new NewTopic(topic.name(), partitions, (short) 1).configs(KEPT);
    }

    private static SyntheticTraffic.Log log(long seed) {
        return log(seed, REQUESTS);
    }

    private static SyntheticTraffic.Log log(long seed, int requests) {
        return new SyntheticTraffic(seed, PARTITIONS, PAST.toEpochMilli(), STEP_MILLIS, 0).log(requests);
    }

    private StageRunner stage(String instance) {
        return stage(instance, EvaluateChild.LARGE_CACHE);
    }

    private StageRunner stage(String instance, long cacheBytes) {
        return EvaluateChild.stage(
                kafka.bootstrapServers(),
                kafka.registryUrl().toString(),
                prefix,
                directory.resolve(instance),
                cacheBytes);
    }

    private ChildJvm child(String instance) {
        return ChildJvm.start(
                instance,
                JvmCommand.of(EvaluateChild.class, 256)
                        .withArguments(
                                kafka.bootstrapServers(),
                                kafka.registryUrl().toString(),
                                prefix,
                                directory.resolve(instance).toString()),
                EvaluateChild.READY,
                Duration.ofSeconds(60));
    }

    private void produce(SyntheticTraffic.Log log) {
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        records.addAll(records(topics.predictions(), log.predictions()));
        records.addAll(records(topics.comparisons(), log.comparisons()));
        records.addAll(records(topics.outcomes(), log.outcomes()));
        kafka.produce(records);
    }

    private static <V> List<ProducerRecord<byte[], byte[]>> records(
            Topic<String, V> topic, List<SyntheticTraffic.Placed<V>> log) {
        return log.stream()
                .map(placed -> new ProducerRecord<>(
                        topic.name(),
                        placed.partition(),
                        placed.timestampMillis(),
                        placed.entityId().getBytes(StandardCharsets.UTF_8),
                        topic.valueSerde().serializer().serialize(topic.name(), placed.value())))
                .toList();
    }

    /** How many records of all three inputs the stage has committed. */
    private long committed() {
        Map<TopicPartition, OffsetAndMetadata> offsets = TestKafka.get(kafka.admin()
                .listConsumerGroupOffsets(EvaluateChild.applicationId(prefix))
                .partitionsToOffsetAndMetadata());
        long sum = 0;
        Set<String> inputs = Set.of(
                topics.comparisons().name(),
                topics.predictions().name(),
                topics.outcomes().name());
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry : offsets.entrySet()) {
            if (inputs.contains(entry.getKey().topic()) && entry.getValue() != null) {
                sum += entry.getValue().offset();
            }
        }
        return sum;
    }

    private void awaitCommitted(long records) {
        Await.until(records + " records are committed", BOUND, () -> committed() >= records, this::committed);
    }

    private MergedTopic merged() {
        return MergedTopic.read(
                kafka.bootstrapServers(), EvaluateChild.applicationId(prefix), EvaluateChild.settings());
    }

    private void awaitEvidence(SyntheticTraffic.Log log) {
        OfflineEvaluation expected = OfflineEvaluation.of(EvaluateChild.settings(), log);
        assertThat(expected.replays()).as("repetitions in the log").isPositive();
        awaitCommitted(log.size());
        Await.untilAsserted(
                "evidence equals what is computed offline",
                BOUND,
                () -> assertThat(merged().fingerprints()).isEqualTo(expected.fingerprints()));
        Map<ModelPair, LedgerBalance> ledger = merged().ledger();
        assertThat(ledger).hasSameSizeAs(expected.ledger());
        ledger.forEach((pair, balance) -> {
            assertThat(List.of(balance.eligible(), balance.accounted()))
                    .as("ledger of %s", pair)
                    .isEqualTo(expected.ledger().get(pair));
            assertThat(balance.gap()).isZero();
        });
        assertThat(kafka.records(topics.deadLetters().name())).isEmpty();
    }

    private Map<String, WindowSummary> latestWindows() {
        var deserializer = topics.shadowMetrics().valueSerde().deserializer();
        Map<String, WindowSummary> latest = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record :
                kafka.records(topics.shadowMetrics().name())) {
            latest.put(
                    new String(record.key(), StandardCharsets.UTF_8),
                    deserializer.deserialize(record.topic(), record.value()));
        }
        return latest;
    }

    private List<ReadinessSummary> readiness() {
        var deserializer = topics.rolloutReadiness().valueSerde().deserializer();
        return kafka.records(topics.rolloutReadiness().name()).stream()
                .map(record -> deserializer.deserialize(record.topic(), record.value()))
                .toList();
    }

    @Test
    void evidence_is_the_same_over_a_clean_restart() {
        SyntheticTraffic.Log log = log(1);
        SyntheticTraffic.Log first = log.first(0.5);

        produce(first);
        try (StageRunner stage = stage("one")) {
            stage.start();
            awaitCommitted(first.size());
        }
        produce(log.rest(0.5));
        try (StageRunner stage = stage("one-again")) {
            stage.start();
            awaitEvidence(log);
        }
    }

    /** Arrays that are updated in place are handed over by evictions, between the records of one commit. */
    @Test
    void evidence_is_the_same_when_the_cache_is_too_small_and_evicts() {
        // Few, since nearly every change writes its whole array to the changelog.
        SyntheticTraffic.Log log = log(5, REQUESTS / 4);
        SyntheticTraffic.Log first = log.first(0.5);
        long fewValues = 4L * EvaluateSettings.FULL_BYTES;

        produce(first);
        try (StageRunner stage = stage("small", fewValues)) {
            stage.start();
            awaitCommitted(first.size());
        }
        produce(log.rest(0.5));
        try (StageRunner stage = stage("small-again", fewValues)) {
            stage.start();
            awaitEvidence(log);
        }
    }

    @Test
    void evidence_is_the_same_after_kills_in_mid_stream() {
        SyntheticTraffic.Log log = log(2);
        produce(log);
        List<Long> committedAtKill = new ArrayList<>();

        for (int kill = 1; kill <= 2; kill++) {
            int target = log.size() * kill / 4;
            try (ChildJvm child = child("kill-" + kill)) {
                awaitCommitted(target);
                child.killForcibly();
            }
            committedAtKill.add(committed());
        }
        try (StageRunner stage = stage("survivor")) {
            stage.start();
            awaitEvidence(log);
        }

        assertThat(committedAtKill)
                .allSatisfy(committed -> assertThat(committed)
                        .as("killed in mid-stream")
                        .isPositive()
                        .isLessThan(log.size()));
    }

    @Test
    void evidence_is_the_same_when_an_instance_joins_and_leaves() {
        SyntheticTraffic.Log log = log(3);
        int third = log.size() / 3;

        try (StageRunner first = stage("first")) {
            first.start();
            produce(log.first(1.0 / 3));
            awaitCommitted(third / 2);
            try (StageRunner second = stage("second")) {
                second.start();
                produce(log.rest(1.0 / 3).first(0.5));
                awaitCommitted(third + third / 2);
            }
            produce(log.rest(1.0 / 3).rest(0.5));
            awaitEvidence(log);
        }
    }

    @Test
    void backlog_of_the_past_gives_every_window_and_no_ready() {
        SyntheticTraffic.Log log = log(4);
        OfflineEvaluation expected = OfflineEvaluation.of(EvaluateChild.settings(), log);
        Map<String, Long> comparedByWindow = new TreeMap<>();
        expected.windowTotals()
                .forEach((slot, total) -> comparedByWindow.put(
                        SummaryRecords.windowKey(slot.pair(), Instant.ofEpochMilli(slot.windowStart())), total));

        produce(log);
        try (StageRunner stage = stage("one")) {
            stage.start();
            awaitEvidence(log);
            Await.untilAsserted("every window is published as final", BOUND, () -> {
                Map<String, WindowSummary> withTraffic = latestWindows().entrySet().stream()
                        .filter(entry -> entry.getValue().getStatus() == WindowStatus.TRAFFIC)
                        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
                assertThat(withTraffic.values()).allMatch(WindowSummary::getFinal$);
                assertThat(withTraffic).hasSizeGreaterThanOrEqualTo(100);
                Map<String, Long> totals = new TreeMap<>();
                withTraffic.forEach((key, window) -> totals.put(
                        key,
                        window.getCompared()
                                + window.getFailed()
                                + window.getTimedOut()
                                + window.getQuarantined()
                                + window.getShed()));
                assertThat(totals).isEqualTo(comparedByWindow);
            });
        }

        assertThat(readiness())
                .isNotEmpty()
                .extracting(ReadinessSummary::getVerdict)
                .isSubsetOf(Verdict.HOLD, Verdict.REJECT, Verdict.NOT_READY);
    }
}
