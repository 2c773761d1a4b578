package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.ModelPair;
import dev.understudy.kafka.StageFailedException;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.Topics;
import dev.understudy.process.ChildJvm;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
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

    private EvaluateCluster cluster;
    private Topics topics;

    @BeforeEach
    void createTopics() {
        cluster = new EvaluateCluster(kafka, directory, PARTITIONS);
        topics = cluster.topics();
    }

    private static SyntheticTraffic.Log log(long seed) {
        return log(seed, REQUESTS);
    }

    private static SyntheticTraffic.Log log(long seed, int requests) {
        return new SyntheticTraffic(seed, PARTITIONS, PAST.toEpochMilli(), STEP_MILLIS, 0).log(requests);
    }

    private MergedTopic merged() {
        return MergedTopic.read(kafka.bootstrapServers(), cluster.applicationId(), EvaluateChild.settings());
    }

    private void awaitEvidence(SyntheticTraffic.Log log) {
        OfflineEvaluation expected = OfflineEvaluation.of(EvaluateChild.settings(), log);
        assertThat(expected.replays()).as("repetitions in the log").isPositive();
        cluster.awaitCommitted(log.size());
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

        cluster.produce(first);
        try (StageRunner stage = cluster.stage("one")) {
            stage.start();
            cluster.awaitCommitted(first.size());
        }
        cluster.produce(log.rest(0.5));
        try (StageRunner stage = cluster.stage("one-again")) {
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

        cluster.produce(first);
        try (StageRunner stage = cluster.stage("small", fewValues)) {
            stage.start();
            cluster.awaitCommitted(first.size());
        }
        cluster.produce(log.rest(0.5));
        try (StageRunner stage = cluster.stage("small-again", fewValues)) {
            stage.start();
            awaitEvidence(log);
        }
    }

    @Test
    void evidence_is_the_same_after_kills_in_mid_stream() {
        SyntheticTraffic.Log log = log(2);
        cluster.produce(log);
        List<Long> committedAtKill = new ArrayList<>();

        for (int kill = 1; kill <= 2; kill++) {
            int target = log.size() * kill / 4;
            try (ChildJvm child = cluster.child("kill-" + kill)) {
                cluster.awaitCommitted(target);
                child.killForcibly();
            }
            committedAtKill.add(cluster.committed());
        }
        try (StageRunner stage = cluster.stage("survivor")) {
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

        try (StageRunner first = cluster.stage("first")) {
            first.start();
            cluster.produce(log.first(1.0 / 3));
            cluster.awaitCommitted(third / 2);
            try (StageRunner second = cluster.stage("second")) {
                second.start();
                cluster.produce(log.rest(1.0 / 3).first(0.5));
                cluster.awaitCommitted(third + third / 2);
            }
            cluster.produce(log.rest(1.0 / 3).rest(0.5));
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

        cluster.produce(log);
        try (StageRunner stage = cluster.stage("one")) {
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

    @Test
    void state_that_another_release_wrote_is_refused_with_what_to_do() {
        String changelog = cluster.applicationId() + "-" + EvaluateTopology.MERGED_EVIDENCE + "-changelog";
        kafka.createTopics(
                List.of(new NewTopic(changelog, PARTITIONS, (short) 1).configs(Map.of("cleanup.policy", "compact"))));
        String key = "0\n"
                + EvidenceSlot.cumulative(EvaluateDriver.V2, 0, EvidenceKind.PAIRS, Segments.ALL)
                        .storeKey();
        byte[] later = {99, 1, 0, 0, 0, 0};
        kafka.produce(List.of(new ProducerRecord<>(changelog, 0, key.getBytes(StandardCharsets.UTF_8), later)));

        try (StageRunner stage = cluster.stage("one")) {
            assertThatThrownBy(() -> {
                        stage.start();
                        stage.awaitEnd();
                    })
                    .isInstanceOf(StageFailedException.class)
                    .hasMessageContaining("evidence must have version 3, was 99: it was written by another release of"
                            + " Understudy; begin anew with another kafka.application-prefix");
        }
    }
}
