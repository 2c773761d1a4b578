package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.InputOffsets;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.Task;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** The merge with several source partitions, message by message. */
final class MergedPairsTest {
    private static final long NOW = EvaluateDriver.START.toEpochMilli();
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();

    private EvaluateSettings settings = EvaluateSettings.defaults(Map.of());
    private final MemoryStores stores = new MemoryStores();
    private final KeyValueStore<String, byte[]> snapshots = stores.store("snapshots");
    private final KeyValueStore<String, byte[]> progress = stores.store("progress");
    private final Map<String, WindowSummary> windows = new LinkedHashMap<>();
    private final Map<String, ReadinessSummary> readiness = new LinkedHashMap<>();
    private final DeclaredStages stages = new DeclaredStages();
    private MergedPairs pairs = started(NOW);

    private MergedPairs started(long now) {
        return new MergedPairs(
                settings,
                stages,
                new ReadinessJudge(
                        settings,
                        new ReadinessPolicy(ReadinessSettings.standard()),
                        Provenance.of(version -> Optional.empty(), "")),
                snapshots,
                progress,
                now);
    }

    private static byte[] evidence(int comparisons) {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        Answer answer = new Answer(false, 0.25, "0", Map.of(), 50_000);
        for (int i = 0; i < comparisons; i++) {
            evidence.add(PairObservation.of(
                    "user-" + i, NOW, Task.BINARY, List.of(), CandidateStatus.COMPARED, true, answer, answer));
        }
        return evidence.bytes();
    }

    private static Progress progress(int partition, long watermark) {
        return new Progress(
                partition, watermark, FlagState.NONE, OutcomeCounts.NONE, InputsRead.NOTHING, CountedBy.NOTHING_TOLD);
    }

    private static Progress flags(int partition, long predictedThrough, boolean stale) {
        Optional<Instant> since = stale ? Optional.of(Instant.ofEpochMilli(NOW - 10 * MINUTE)) : Optional.empty();
        return new Progress(
                partition,
                NOW,
                new FlagState(predictedThrough, since),
                OutcomeCounts.NONE,
                InputsRead.UNKNOWN,
                CountedBy.NOTHING_TOLD);
    }

    private List<String> reasons() {
        publish(NOW);
        return Objects.requireNonNull(readiness.get("fraud/v1/v2|all")).getReasons().stream()
                .map(reason -> reason.getCode())
                .toList();
    }

    private Map<Integer, String> countedOtherwise() {
        publish(NOW);
        Map<Integer, String> otherwise = new LinkedHashMap<>();
        for (InputOffsets inputs : Objects.requireNonNull(readiness.get("fraud/v1/v2|all"))
                .getProvenance()
                .getInputs()) {
            inputs.getCountedOtherwise().ifPresent(by -> otherwise.put(inputs.getPartition(), by));
        }
        return otherwise;
    }

    private static Progress counted(int partition, CountedBy by) {
        return new Progress(partition, NOW, FlagState.NONE, OutcomeCounts.NONE, InputsRead.NOTHING, by);
    }

    @Test
    void decision_says_which_partitions_counted_its_stage_otherwise_than_the_one_who_decides() {
        String here = CountedBy.text(settings);
        stages.declare(V2, 2, 5);
        receive(new Announced(0, V2, 2), NOW);
        receive(counted(0, CountedBy.always(here)), NOW);
        receive(counted(1, CountedBy.always("another version")), NOW);
        receive(counted(2, new CountedBy(here, "an old version", Map.of(V2.key(), 2L))), NOW);
        receive(counted(3, new CountedBy(here, "an old version", Map.of(V2.key(), 1L))), NOW);
        receive(counted(4, new CountedBy(here, "an old version", Map.of("fraud/v1/v3", 7L))), NOW);

        assertThat(countedOtherwise()).isEqualTo(Map.of(1, "another version", 2, "an old version"));
        pairs = started(NOW);
        assertThat(countedOtherwise())
                .as("after a restart, before any partition tells again")
                .isEqualTo(Map.of(1, "another version", 2, "an old version"));
    }

    private void tell(int partition, EvidenceSlot slot, int comparisons, long now) {
        receive(new Snapshot(partition, slot, OriginRanges.NONE, Dropped.NONE, evidence(comparisons)), now);
    }

    private void receive(EvidenceMessage message, long now) {
        pairs.receive(message, now, this::take);
    }

    private void publish(long now) {
        windows.clear();
        readiness.clear();
        pairs.publish(now, this::take);
    }

    private void take(String key, Published published) {
        if (published instanceof Published.OfWindow window) {
            windows.put(key, window.summary());
        } else if (published instanceof Published.OfReadiness decision && decision.summary() != null) {
            readiness.put(key, decision.summary());
        }
    }

    private static EvidenceSlot window(long start) {
        return EvidenceSlot.window(V2, 0, EvidenceKind.PAIRS, start);
    }

    private static String key(long start) {
        return SummaryRecords.windowKey(V2, Instant.ofEpochMilli(start));
    }

    private long compared() {
        return Objects.requireNonNull(readiness.get("fraud/v1/v2|all"))
                .getLedger()
                .getCompared();
    }

    private WindowSummary windowNow() {
        return Objects.requireNonNull(windows.get(key(NOW)));
    }

    @Test
    void snapshot_that_is_told_twice_counts_once() {
        EvidenceSlot all = EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, Segments.ALL);
        tell(0, all, 10, NOW);
        tell(1, all, 5, NOW);
        tell(0, all, 10, NOW);
        receive(progress(0, NOW), NOW);
        receive(progress(1, NOW), NOW);

        publish(NOW);

        assertThat(compared()).isEqualTo(15);
    }

    @Test
    void later_snapshot_replaces_the_earlier_one_of_its_partition() {
        EvidenceSlot all = EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, Segments.ALL);
        tell(0, all, 10, NOW);
        tell(1, all, 5, NOW);
        tell(0, all, 12, NOW);
        receive(progress(0, NOW), NOW);
        receive(progress(1, NOW), NOW);

        publish(NOW);

        assertThat(compared()).isEqualTo(17);
    }

    @Test
    void publication_waits_until_a_partition_has_told_all_even_over_a_restart() {
        EvidenceSlot all = EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, Segments.ALL);
        tell(0, all, 10, NOW);
        receive(progress(0, NOW), NOW);
        tell(0, all, 12, NOW);
        pairs = started(NOW);

        publish(NOW);
        Map<String, ReadinessSummary> inBetween = Map.copyOf(readiness);
        receive(progress(0, NOW), NOW);

        assertThat(inBetween).isEmpty();
        assertThat(compared()).isEqualTo(12);
    }

    @Test
    void partition_that_does_not_tell_the_rest_is_waited_for_once_and_what_it_read_is_not_known() {
        EvidenceSlot all = EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, Segments.ALL);
        receive(progress(0, NOW), NOW);
        tell(0, all, 12, NOW);

        publish(NOW);
        publish(NOW + MINUTE);

        assertThat(compared()).isEqualTo(12);
        assertThat(Objects.requireNonNull(readiness.get("fraud/v1/v2|all"))
                        .getProvenance()
                        .getInputs())
                .singleElement()
                .matches(inputs -> inputs.getComparisons().isEmpty());
    }

    @Test
    void window_waits_for_the_partition_that_is_behind() {
        tell(0, window(NOW), 1, NOW);
        receive(progress(0, NOW + 30 * MINUTE), NOW);
        receive(progress(1, NOW + 2 * MINUTE), NOW);
        publish(NOW);
        boolean finalBefore = windowNow().getFinal$();

        tell(1, window(NOW), 1, NOW);
        receive(progress(1, NOW + 6 * MINUTE), NOW);
        publish(NOW);

        assertThat(finalBefore).isFalse();
        assertThat(windowNow().getFinal$()).isTrue();
        assertThat(windowNow().getCompared()).isEqualTo(2);
    }

    @Test
    void partition_that_has_nothing_yet_holds_windows_back_until_it_was_idle() {
        tell(0, window(NOW), 1, NOW);
        receive(progress(0, NOW + 30 * MINUTE), NOW);
        receive(progress(1, Long.MIN_VALUE), NOW);
        publish(NOW + MINUTE - 1);
        boolean finalBefore = windowNow().getFinal$();
        int publishedBefore = windows.size();
        receive(progress(0, NOW + 30 * MINUTE), NOW + 7 * MINUTE);

        publish(NOW + 7 * MINUTE);

        assertThat(finalBefore).isFalse();
        assertThat(publishedBefore).isEqualTo(1);
        assertThat(windowNow().getFinal$()).isTrue();
    }

    @Test
    void partition_that_went_quiet_while_flags_were_stale_has_its_say_for_as_long_as_windows_are_kept() {
        tell(0, EvidenceSlot.cumulative(V2, 0, EvidenceKind.PAIRS, Segments.ALL), 1, NOW);
        receive(flags(0, NOW, true), NOW);
        receive(flags(1, NOW, true), NOW);
        List<String> whileStale = reasons();

        long kept = settings.windowRetention().toMillis();
        receive(flags(1, NOW + kept - 1, false), NOW);
        List<String> whileOneMayBeStale = reasons();
        receive(flags(1, NOW + kept, false), NOW);

        assertThat(whileStale).contains("STALE_FLAGS");
        assertThat(whileOneMayBeStale).contains("STALE_FLAGS");
        assertThat(reasons()).doesNotContain("STALE_FLAGS");
    }

    @Test
    void announced_pair_is_published_once_its_declaration_is_known_here() {
        receive(new Announced(0, V2, 1), NOW);
        publish(NOW);
        Map<String, ReadinessSummary> before = Map.copyOf(readiness);

        stages.declare(V2, 1, 5);
        receive(new Announced(0, V2, 1), NOW);
        publish(NOW);

        assertThat(before).isEmpty();
        assertThat(readiness).containsOnlyKeys("fraud/v1/v2|all");
    }

    @Test
    void restart_publishes_every_window_again_as_it_was() {
        tell(0, window(NOW), 3, NOW);
        receive(progress(0, NOW + 30 * MINUTE), NOW);
        publish(NOW);
        Map<String, WindowSummary> before = Map.copyOf(windows);

        pairs = started(NOW + MINUTE);
        publish(NOW + MINUTE);

        assertThat(windows.get(key(NOW))).isEqualTo(before.get(key(NOW)));
        assertThat(windows).hasSize(1);
    }

    @Test
    void windows_of_a_long_silence_are_published_in_portions_that_a_transaction_can_hold() {
        settings = EvaluateChild.settings();
        pairs = started(NOW);
        int silent = 2 * MergedPairs.WINDOWS_AT_ONCE + 10;
        tell(0, window(NOW), 1, NOW);
        receive(progress(0, NOW + 7 * MINUTE), NOW);
        publish(NOW);
        receive(progress(0, NOW + (7 + silent) * MINUTE), NOW);
        Map<String, WindowSummary> all = new LinkedHashMap<>();
        List<Integer> portions = new ArrayList<>();

        for (int i = 0; i < 4; i++) {
            publish(NOW);
            portions.add(windows.size());
            all.putAll(windows);
        }

        assertThat(portions).containsExactly(MergedPairs.WINDOWS_AT_ONCE, MergedPairs.WINDOWS_AT_ONCE, 10, 0);
        assertThat(all).hasSize(silent);
        assertThat(all.values()).allMatch(WindowSummary::getFinal$);
    }

    @Test
    void windows_of_a_restart_are_published_newest_first_in_portions() {
        settings = EvaluateChild.settings();
        pairs = started(NOW);
        int known = MergedPairs.WINDOWS_AT_ONCE + 1;
        for (int i = 0; i < known; i++) {
            tell(0, window(NOW + i * MINUTE), 1, NOW);
        }
        receive(progress(0, NOW + (known + 6) * MINUTE), NOW);
        publish(NOW);
        publish(NOW);

        pairs = started(NOW + MINUTE);
        publish(NOW + MINUTE);
        Map<String, WindowSummary> first = Map.copyOf(windows);
        publish(NOW + MINUTE);

        assertThat(first).hasSize(MergedPairs.WINDOWS_AT_ONCE).doesNotContainKey(key(NOW));
        assertThat(windows).containsOnlyKeys(key(NOW));
    }

    @Test
    void evidence_that_was_let_go_does_not_replace_a_published_window() {
        tell(0, window(NOW), 3, NOW);
        receive(progress(0, NOW + 6 * MINUTE), NOW);
        publish(NOW);
        receive(progress(0, NOW + 300 * MINUTE), NOW);
        publish(NOW);

        tell(1, window(NOW), 1, NOW);
        publish(NOW);

        assertThat(windows).doesNotContainKey(key(NOW));
        assertThat(List.of(snapshots.approximateNumEntries())).containsExactly(0L);
    }
}
