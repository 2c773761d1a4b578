package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.START;
import static dev.understudy.evaluate.EvaluateDriver.V2;
import static dev.understudy.evaluate.EvaluateDriver.V3;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.avro.GateResult;
import dev.understudy.avro.GateStatus;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.avro.VerdictReason;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.kafka.GoldenTopology;
import dev.understudy.readiness.Gate;
import dev.understudy.readiness.ReadinessSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class EvaluateTopologyTest {
    private static final Map<String, List<String>> REGIONS = Map.of("region", List.of("eu", "us"));

    private final EvaluateDriver driver = new EvaluateDriver(REGIONS);

    @AfterEach
    void closeDriver() {
        driver.close();
    }

    private EvidenceMessage.Snapshot cumulative(long epoch) {
        return driver.snapshot(EvidenceSlot.cumulative(V2, epoch, EvidenceKind.PAIRS, Segments.ALL));
    }

    private static long total(EvidenceMessage.Snapshot snapshot) {
        return PairEvidence.wrap(snapshot.evidence()).total();
    }

    /** The last decision on the pair for all requests. */
    private static ReadinessSummary latestReadiness(EvaluateDriver driver) {
        return Objects.requireNonNull(driver.readiness().get("fraud/v1/v2|all"));
    }

    private static Instant at(Duration offset) {
        return START.plus(offset);
    }

    @Test
    void topology_is_the_recorded_one_with_every_operator_and_store_named() throws IOException {
        GoldenTopology.assertUnchanged(
                "evaluate",
                EvaluateDriver.topology(
                                EvaluateDriver.topics(),
                                EvaluateSettings.defaults(REGIONS),
                                new DeclaredStages(),
                                ReadinessSettings.standard())
                        .build(new TopologyConfig(new StreamsConfig(EvaluateDriver.properties()))));
    }

    @Test
    void replay_is_dropped_and_counted() {
        driver.compare(V2, 10, START)
                .compare(V2, 11, START)
                .compare(V2, 10, START)
                .compare(V2, 11, START);

        driver.publish();

        assertThat(total(cumulative(0))).isEqualTo(2);
        assertThat(cumulative(0).dropped().replays()).isEqualTo(2);
        assertThat(cumulative(0).origins().ranges()).containsExactly(new OriginRanges.Range(0, 10, 11, 2));
    }

    @Test
    void two_candidates_of_one_request_are_both_counted() {
        driver.compare(V2, 10, START).compare(V3, 10, START);

        driver.publish();

        assertThat(total(cumulative(0))).isEqualTo(1);
        assertThat(total(driver.snapshot(EvidenceSlot.cumulative(V3, 0, EvidenceKind.PAIRS, Segments.ALL))))
                .isEqualTo(1);
    }

    @Test
    void replay_of_an_earlier_epoch_is_told_with_the_stage_in_force_at_once() {
        driver.stages.declare(V2, 1, 5);
        driver.compare(V2, 10, START, 0, Map.of()).compare(V2, 11, START, 1, Map.of());
        driver.publish();

        driver.compare(V2, 10, START, 0, Map.of()).publish();

        assertThat(cumulative(1).dropped().replays()).isEqualTo(1);
    }

    @Test
    void replay_that_carries_a_newer_epoch_is_still_a_replay() {
        driver.compare(V2, 10, START, 1, Map.of()).compare(V2, 10, START, 2, Map.of());
        driver.compare(V2, 11, START, 2, Map.of());

        driver.publish();

        assertThat(total(cumulative(1))).isEqualTo(1);
        assertThat(total(cumulative(2))).isEqualTo(1);
        assertThat(cumulative(2).dropped().replays()).isEqualTo(1);
    }

    @Test
    void comparison_beyond_the_grace_is_left_out_of_its_window_but_counted_since_the_epoch_began() {
        driver.compare(V2, 1, at(Duration.ofMinutes(6))).compare(V2, 2, START.plusSeconds(59));

        driver.publish();

        assertThat(driver.windows())
                .extracting(WindowSummary::getWindowStart)
                .containsExactly(at(Duration.ofMinutes(6)));
        assertThat(total(cumulative(0))).isEqualTo(2);
        assertThat(cumulative(0).dropped().late()).isEqualTo(1);
    }

    @Test
    void comparison_within_the_grace_is_counted_in_its_window_however_late_the_clock_is() {
        driver.pass(Duration.ofDays(3));
        driver.compare(V2, 1, at(Duration.ofMinutes(6)).minusMillis(1)).compare(V2, 2, START.plusSeconds(59));

        driver.publish();

        assertThat(driver.windows())
                .extracting(WindowSummary::getWindowStart, WindowSummary::getCompared)
                .contains(tuple(START, 1L));
        assertThat(cumulative(0).dropped().late()).isZero();
    }

    @Test
    void window_is_final_once_event_time_has_passed_its_grace() {
        driver.compare(V2, 1, START).publish();
        List<WindowSummary> before = driver.windows();
        driver.compare(V2, 2, at(Duration.ofMinutes(6))).publish();

        assertThat(before).extracting(WindowSummary::getFinal$).containsExactly(false);
        assertThat(driver.windows())
                .filteredOn(window -> window.getWindowStart().equals(START))
                .extracting(WindowSummary::getFinal$)
                .containsExactly(true);
    }

    @Test
    void closed_window_without_comparisons_says_no_traffic() {
        driver.compare(V2, 1, START).compare(V2, 2, at(Duration.ofMinutes(8)));

        driver.publish();

        assertThat(driver.windows())
                .extracting(WindowSummary::getWindowStart, WindowSummary::getStatus, WindowSummary::getFinal$)
                .containsExactly(
                        tuple(START, WindowStatus.TRAFFIC, true),
                        tuple(at(Duration.ofMinutes(1)), WindowStatus.NO_TRAFFIC, true),
                        tuple(at(Duration.ofMinutes(2)), WindowStatus.NO_TRAFFIC, true),
                        tuple(at(Duration.ofMinutes(8)), WindowStatus.TRAFFIC, false));
    }

    @Test
    void idle_windows_are_closed_by_the_clock_and_say_no_traffic() {
        driver.compare(V2, 1, START).publish();
        driver.windows();

        driver.pass(Duration.ofMinutes(8));

        assertThat(driver.windows())
                .extracting(WindowSummary::getWindowStart, WindowSummary::getStatus, WindowSummary::getFinal$)
                .contains(
                        tuple(START, WindowStatus.TRAFFIC, true),
                        tuple(at(Duration.ofMinutes(1)), WindowStatus.NO_TRAFFIC, true));
    }

    @Test
    void comparison_for_a_window_that_the_clock_closed_is_counted_and_published_anew() {
        driver.compare(V2, 1, START).publish();
        driver.pass(Duration.ofMinutes(30));
        driver.windows();

        driver.compare(V2, 2, START.plusSeconds(30)).publish();

        assertThat(driver.windows())
                .extracting(WindowSummary::getWindowStart, WindowSummary::getCompared, WindowSummary::getFinal$)
                .contains(tuple(START, 2L, false));
    }

    @Test
    void key_of_a_window_is_pair_and_start() {
        driver.compare(V2, 1, START.plusSeconds(7)).publish();

        assertThat(driver.keyedWindows())
                .extracting(entry -> entry.key)
                .containsExactly("fraud/v1/v2@2026-11-22T12:00:00Z");
    }

    @Test
    void backlog_of_the_past_emits_every_window() {
        Instant past = START.minus(Duration.ofDays(30));
        for (int minute = 0; minute < 50; minute++) {
            driver.compare(V2, minute, past.plus(Duration.ofMinutes(minute)));
        }

        driver.publish();

        List<WindowSummary> windows = driver.windows();
        assertThat(windows).hasSize(50).extracting(WindowSummary::getCompared).containsOnly(1L);
        assertThat(windows).filteredOn(WindowSummary::getFinal$).hasSize(44);
    }

    @Test
    void window_in_which_a_stage_began_has_the_comparisons_of_both_epochs() {
        driver.compare(V2, 1, START, 1, Map.of()).compare(V2, 2, START, 2, Map.of());

        driver.publish();

        assertThat(driver.windows())
                .extracting(WindowSummary::getCompared, WindowSummary::getEpoch)
                .containsExactly(tuple(2L, 2L));
    }

    @Test
    void value_that_is_not_declared_goes_to_other_and_is_counted() {
        driver.compare(V2, 1, START, 0, Map.of("region", "eu"));
        driver.compare(V2, 2, START, 0, Map.of("region", "mars"));
        driver.compare(V2, 3, START, 0, Map.of());

        driver.publish();

        assertThat(total(driver.snapshot(EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, "region=eu"))))
                .isEqualTo(1);
        assertThat(total(driver.snapshot(EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, "region=other"))))
                .isEqualTo(2);
        assertThat(cumulative(0).dropped().undeclaredValues()).isEqualTo(2);
    }

    @Test
    void closed_window_leaves_the_partition_and_after_the_retention_the_merge() {
        driver.compare(V2, 1, START).compare(V2, 2, at(Duration.ofHours(3)));

        driver.publish();

        String old = EvidenceSlot.window(V2, 0, EvidenceKind.PAIRS, START.toEpochMilli())
                .storeKey();
        assertThat(driver.windows())
                .extracting(WindowSummary::getWindowStart, WindowSummary::getFinal$)
                .contains(tuple(START, true));
        assertThat(driver.keys(EvaluateTopology.PARTIAL_EVIDENCE))
                .doesNotContain(old)
                .filteredOn(key -> key.contains("\np\n"))
                .hasSize(3);
        assertThat(driver.keys(EvaluateTopology.MERGED_EVIDENCE))
                .doesNotContain("0\n" + old)
                .filteredOn(key -> key.contains("\np\n"))
                .hasSize(3);
    }

    @Test
    void evidence_of_an_epoch_that_is_no_longer_in_force_goes_after_the_retention() {
        driver.stages.declare(V2, 2, 5);
        driver.compare(V2, 1, START, 1, Map.of());
        driver.compare(V2, 2, at(Duration.ofDays(8)), 2, Map.of());

        driver.publish();

        assertThat(driver.keys(EvaluateTopology.PARTIAL_EVIDENCE))
                .contains(EvidenceSlot.cumulative(V2, 2, EvidenceKind.PAIRS, Segments.ALL)
                        .storeKey())
                .doesNotContain(EvidenceSlot.cumulative(V2, 1, EvidenceKind.PAIRS, Segments.ALL)
                        .storeKey())
                .doesNotContain(EvidenceSlot.cumulative(V2, 1, EvidenceKind.PAIRS, "region=other")
                        .storeKey());
        assertThat(driver.keys(EvaluateTopology.MERGED_EVIDENCE))
                .doesNotContain("0\n"
                        + EvidenceSlot.cumulative(V2, 1, EvidenceKind.PAIRS, Segments.ALL)
                                .storeKey());
    }

    @Test
    void replay_of_an_epoch_whose_evidence_is_gone_is_still_dropped() {
        driver.stages.declare(V2, 2, 5);
        driver.compare(V2, 1, START, 1, Map.of());
        driver.compare(V2, 2, at(Duration.ofDays(8)), 2, Map.of()).publish();

        driver.compare(V2, 1, START, 1, Map.of()).publish();

        assertThat(driver.keys(EvaluateTopology.PARTIAL_EVIDENCE))
                .doesNotContain(EvidenceSlot.cumulative(V2, 1, EvidenceKind.PAIRS, Segments.ALL)
                        .storeKey());
    }

    @Test
    void readiness_is_keyed_by_pair_and_segment_and_says_what_it_rests_on() {
        driver.compare(V2, 7, START, 0, Map.of("region", "eu")).publish();

        Map<String, ReadinessSummary> readiness = driver.readiness();

        assertThat(readiness).containsOnlyKeys("fraud/v1/v2|all", "fraud/v1/v2|region=eu");
        ReadinessSummary all = Objects.requireNonNull(readiness.get("fraud/v1/v2|all"));
        assertThat(all.getVerdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(all.getLedger().getCompared()).isEqualTo(1);
        assertThat(all.getStage().getEpoch()).isZero();
        assertThat(all.getProvenance().getOffsets()).containsOnly(Map.entry("0", "0@7..7 (1)"));
        assertThat(all.getProvenance().getCandidateSha256()).contains("sha256 of v2");
        assertThat(all.getProvenance().getConfigurationHash()).hasSize(64);
    }

    @Test
    void idle_pair_is_still_published_and_its_validity_moves_on() {
        driver.compare(V2, 1, START).publish();
        Instant before = latestReadiness(driver).getValidUntil();

        driver.pass(Duration.ofMinutes(10));

        ReadinessSummary after = latestReadiness(driver);
        assertThat(after.getValidUntil()).isAfter(before.plus(Duration.ofMinutes(9)));
        assertThat(after.getVerdict()).isEqualTo(Verdict.HOLD);
        assertThat(after.getReasons()).extracting(VerdictReason::getCode).contains("NO_TRAFFIC");
    }

    @Test
    void declared_pair_is_published_before_its_first_comparison() {
        driver.stages.declare(V2, 4, 5);

        driver.publish();

        ReadinessSummary summary = latestReadiness(driver);
        assertThat(summary.getStage().getEpoch()).isEqualTo(4);
        assertThat(summary.getStage().getPercent()).isEqualTo(5);
        assertThat(summary.getVerdict()).isEqualTo(Verdict.HOLD);
    }

    @Test
    void pair_whose_stage_ends_before_its_first_comparison_leaves_the_readiness_topic() {
        driver.stages.declare(V2, 4, 5);
        driver.publish();
        driver.readiness();

        driver.stages.end(V2);
        driver.publish();
        Map<String, ReadinessSummary> ended = driver.readiness();
        driver.publish();

        assertThat(ended).containsOnlyKeys("fraud/v1/v2|all").containsValue(null);
        assertThat(driver.readiness()).isEmpty();
        assertThat(driver.keys(EvaluateTopology.MERGE_PROGRESS)).noneMatch(key -> key.contains("fraud/v1/v2"));
    }

    @Test
    void evidence_of_an_epoch_that_is_not_in_force_is_not_judged() {
        driver.stages.declare(V2, 2, 5);
        driver.compare(V2, 1, START, 1, Map.of()).compare(V2, 2, START, 1, Map.of());
        driver.compare(V2, 3, START, 2, Map.of());

        driver.publish();

        ReadinessSummary summary = latestReadiness(driver);
        assertThat(summary.getStage().getEpoch()).isEqualTo(2);
        assertThat(summary.getLedger().getCompared()).isEqualTo(1);
    }

    @Test
    void candidate_that_passes_all_required_gates_is_ready() {
        try (EvaluateDriver lenient = new EvaluateDriver(
                Map.of(),
                ReadinessSettings.standard().toBuilder()
                        .required(List.of(Gate.ERRORS, Gate.FLIPS))
                        .margins(Map.of("errors", 0.5, "flips", 0.5))
                        .holds(new TreeMap<>(Map.of(0, Duration.ZERO)))
                        .build())) {
            for (int i = 0; i < 3_000; i++) {
                lenient.compareAs("user-" + i, V2, i, START.plusMillis(i));
            }

            lenient.publish();

            ReadinessSummary summary = latestReadiness(lenient);
            assertThat(summary.getGates())
                    .hasSize(2)
                    .extracting(GateResult::getStatus)
                    .containsOnly(GateStatus.PASS);
            assertThat(summary.getVerdict()).isEqualTo(Verdict.READY);
            assertThat(summary.getReasons()).extracting(VerdictReason::getCode).containsExactly("ALL_GATES_PASSED");
            assertThat(summary.getNextStage()).contains(100);
            assertThat(summary.getExplanation()).startsWith("READY for 100 % from ");
        }
    }

    @Test
    void pair_without_a_stage_that_is_gone_leaves_the_readiness_topic() {
        driver.compare(V2, 1, START).publish();
        driver.readiness();

        driver.compare(V3, 2, at(Duration.ofDays(8))).publish();

        assertThat(driver.readiness()).containsEntry("fraud/v1/v2|all", null).containsKey("fraud/v1/v3|all");
        assertThat(driver.keys(EvaluateTopology.MERGED_EVIDENCE)).noneMatch(key -> key.contains("fraud/v1/v2"));
    }
}
