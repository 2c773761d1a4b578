package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.evidence.PairEvidence;
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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
                newTopic(topics.shadowMetrics(), 1),
                newTopic(topics.rolloutReadiness(), 1),
                newTopic(topics.deadLetters(), 1)));
    }

    private static NewTopic newTopic(Topic<?, ?> topic, int partitions) {
        return new NewTopic(topic.name(), partitions, (short) 1);
    }

    private static List<SyntheticComparisons.Placed> log(long seed) {
        return new SyntheticComparisons(seed, PARTITIONS, PAST.toEpochMilli(), STEP_MILLIS, 0).log(REQUESTS);
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

    private void produce(List<SyntheticComparisons.Placed> log) {
        var serializer = topics.comparisons().valueSerde().serializer();
        kafka.produce(log.stream()
                .map(placed -> new ProducerRecord<>(
                        topics.comparisons().name(),
                        placed.partition(),
                        placed.timestampMillis(),
                        placed.comparison().getEntityId().getBytes(StandardCharsets.UTF_8),
                        serializer.serialize(topics.comparisons().name(), placed.comparison())))
                .toList());
    }

    /** How many comparisons the stage has committed. */
    private long committed() {
        Map<TopicPartition, OffsetAndMetadata> offsets = TestKafka.get(kafka.admin()
                .listConsumerGroupOffsets(EvaluateChild.applicationId(prefix))
                .partitionsToOffsetAndMetadata());
        long sum = 0;
        for (Map.Entry<TopicPartition, OffsetAndMetadata> entry : offsets.entrySet()) {
            if (entry.getKey().topic().equals(topics.comparisons().name()) && entry.getValue() != null) {
                sum += entry.getValue().offset();
            }
        }
        return sum;
    }

    private void awaitCommitted(long comparisons) {
        Await.until(
                comparisons + " comparisons are committed", BOUND, () -> committed() >= comparisons, this::committed);
    }

    /** The evidence that the merge holds, from the changelog of its store. */
    private Map<EvidenceSlot, PairEvidence> mergedEvidence() {
        Map<String, byte[]> latest = new TreeMap<>();
        for (ConsumerRecord<byte[], byte[]> record : kafka.records(
                EvaluateChild.applicationId(prefix) + "-" + EvaluateTopology.MERGED_EVIDENCE + "-changelog")) {
            String key = new String(record.key(), StandardCharsets.UTF_8);
            if (record.value() == null) {
                latest.remove(key);
            } else {
                latest.put(key, record.value());
            }
        }
        Map<EvidenceSlot, PairEvidence> merged = new HashMap<>();
        for (byte[] bytes : latest.values()) {
            EvidenceMessage.Snapshot snapshot = (EvidenceMessage.Snapshot) EvidenceMessageSerde.decode(bytes);
            PairEvidence part = PairEvidence.wrap(snapshot.evidence());
            PairEvidence before = merged.putIfAbsent(snapshot.slot(), part);
            if (before != null) {
                before.merge(part);
            }
        }
        return merged;
    }

    private void awaitEvidence(List<SyntheticComparisons.Placed> log) {
        OfflineEvaluation expected = OfflineEvaluation.of(EvaluateChild.settings(), log);
        assertThat(expected.replays()).as("repetitions in the log").isPositive();
        awaitCommitted(log.size());
        Await.untilAsserted(
                "evidence equals what is computed offline",
                BOUND,
                () -> assertThat(OfflineEvaluation.fingerprints(mergedEvidence()))
                        .isEqualTo(expected.fingerprints()));
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
        List<SyntheticComparisons.Placed> log = log(1);
        List<SyntheticComparisons.Placed> first = log.subList(0, log.size() / 2);

        produce(first);
        try (StageRunner stage = stage("one")) {
            stage.start();
            awaitCommitted(first.size());
        }
        produce(log.subList(first.size(), log.size()));
        try (StageRunner stage = stage("one-again")) {
            stage.start();
            awaitEvidence(log);
        }
    }

    /** Arrays that are updated in place are handed over by evictions, between the records of one commit. */
    @Test
    void evidence_is_the_same_when_the_cache_is_too_small_and_evicts() {
        List<SyntheticComparisons.Placed> log = log(5);
        List<SyntheticComparisons.Placed> first = log.subList(0, log.size() / 2);
        long twoValues = 2L * EvaluateSettings.FULL_BYTES;

        produce(first);
        try (StageRunner stage = stage("small", twoValues)) {
            stage.start();
            awaitCommitted(first.size());
        }
        produce(log.subList(first.size(), log.size()));
        try (StageRunner stage = stage("small-again", twoValues)) {
            stage.start();
            awaitEvidence(log);
        }
    }

    @Test
    void evidence_is_the_same_after_kills_in_mid_stream() {
        List<SyntheticComparisons.Placed> log = log(2);
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
        List<SyntheticComparisons.Placed> log = log(3);
        int third = log.size() / 3;

        try (StageRunner first = stage("first")) {
            first.start();
            produce(log.subList(0, third));
            awaitCommitted(third / 2);
            try (StageRunner second = stage("second")) {
                second.start();
                produce(log.subList(third, 2 * third));
                awaitCommitted(third + third / 2);
            }
            produce(log.subList(2 * third, log.size()));
            awaitEvidence(log);
        }
    }

    @Test
    void backlog_of_the_past_gives_every_window_and_no_ready() {
        List<SyntheticComparisons.Placed> log = log(4);
        OfflineEvaluation expected = OfflineEvaluation.of(EvaluateChild.settings(), log);
        Map<String, Long> comparedByWindow = new TreeMap<>();
        expected.evidence().forEach((slot, evidence) -> {
            if (!slot.isCumulative()) {
                comparedByWindow.put(
                        SummaryRecords.windowKey(slot.pair(), Instant.ofEpochMilli(slot.windowStart())),
                        evidence.total());
            }
        });

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
