package dev.understudy.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.BatchLatency;
import dev.understudy.avro.Divergence;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.WindowStatus;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.kafka.avro.TrustedRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a new stage takes from the windows before it. */
final class StageReferencesTest {
    private static final Instant START = Instant.parse("2026-11-22T12:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    @BeforeAll
    static void trustRecords() {
        TrustedRecords.trust();
    }

    private static ModelPair pair(String candidate) {
        return new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion(candidate));
    }

    private static LatencySummary latency(double p99) {
        return LatencySummary.newBuilder()
                .setCount(1)
                .setP99Nanos(p99)
                .setRelativeError(0.004)
                .build();
    }

    private static WindowSummary window(String candidate, int minute, long batches, double p99, List<Double> deciles) {
        Instant from = START.plus(Duration.ofMinutes(minute));
        return WindowSummary.newBuilder()
                .setModel("fraud")
                .setProductionVersion("v1")
                .setCandidateVersion(candidate)
                .setEpoch(0)
                .setSegment("all")
                .setWindowStart(from)
                .setWindowEnd(from.plus(Duration.ofMinutes(1)))
                .setFinal$(true)
                .setStatus(WindowStatus.TRAFFIC)
                .setCompared(0)
                .setFailed(0)
                .setTimedOut(0)
                .setQuarantined(0)
                .setShed(0)
                .setProductionErrors(0)
                .setProductionLatency(latency(1))
                .setCandidateLatency(latency(1))
                .setDivergence(Divergence.newBuilder()
                        .setN(100)
                        .setInvalidProd(0)
                        .setInvalidCand(0)
                        .build())
                .setBatchLatency(
                        batches == 0
                                ? null
                                : BatchLatency.newBuilder()
                                        .setBatches(batches)
                                        .setProduction(latency(p99))
                                        .setCandidate(latency(2 * p99))
                                        .build())
                .setProductionDeciles(deciles.isEmpty() ? null : deciles)
                .build();
    }

    private static WindowSummary window(String candidate, int minute, long batches, double p99) {
        return window(candidate, minute, batches, p99, List.of());
    }

    private static Instant endOf(int minute) {
        return START.plus(Duration.ofMinutes(minute + 1));
    }

    @Test
    void tail_is_the_median_of_the_windows_weighted_by_their_batches() {
        StageReferences references = StageReferences.of(
                List.of(window("v2", 0, 300, 1_000), window("v2", 1, 10, 90_000), window("v2", 2, 400, 2_000)),
                pair("v2"),
                HOUR);

        assertThat(references.tailNanos()).contains(new StageReferences.Taken<>(2_000L, 3, 710, endOf(2)));
    }

    @Test
    void too_few_batches_give_no_tail() {
        assertThat(StageReferences.of(List.of(window("v2", 0, 99, 1_000)), pair("v2"), HOUR)
                        .tailNanos())
                .isEmpty();
        assertThat(StageReferences.of(List.of(), pair("v2"), HOUR).tailNanos()).isEmpty();
    }

    @Test
    void windows_further_back_than_the_span_are_left_out() {
        StageReferences references = StageReferences.of(
                List.of(window("v2", 0, 5_000, 1_000), window("v2", 61, 500, 2_000)), pair("v2"), HOUR);

        assertThat(references.tailNanos()).contains(new StageReferences.Taken<>(2_000L, 1, 500, endOf(61)));
    }

    @Test
    void new_candidate_takes_production_from_the_windows_of_the_others() {
        StageReferences references = StageReferences.of(List.of(window("v2", 0, 500, 1_000)), pair("v3"), HOUR);

        assertThat(references.tailNanos()).contains(new StageReferences.Taken<>(1_000L, 1, 500, endOf(0)));
    }

    @Test
    void own_windows_win_where_they_suffice_and_empty_ones_do_not_make_them_younger() {
        StageReferences references = StageReferences.of(
                List.of(window("v2", 0, 5_000, 9_000), window("v3", 1, 100, 1_000), window("v3", 2, 0, 0)),
                pair("v3"),
                HOUR);

        assertThat(references.tailNanos()).contains(new StageReferences.Taken<>(1_000L, 1, 100, endOf(1)));
        assertThat(StageReferences.ofAll(
                                List.of(window("v2", 0, 500, 1_000), window("v3", 1, 400, 2_000)), pair("v3"), HOUR)
                        .tailNanos())
                .contains(new StageReferences.Taken<>(1_000L, 2, 900, endOf(1)));
    }

    @Test
    void candidate_with_a_handful_of_batches_takes_production_from_all() {
        StageReferences references =
                StageReferences.of(List.of(window("v2", 0, 500, 1_000), window("v3", 1, 5, 9_000)), pair("v3"), HOUR);

        assertThat(references.tailNanos()).contains(new StageReferences.Taken<>(1_000L, 2, 505, endOf(1)));
    }

    @Test
    void deciles_are_taken_edge_by_edge() {
        List<Double> low = IntStream.rangeClosed(1, 9).mapToObj(i -> i / 10.0).toList();
        List<Double> high = IntStream.rangeClosed(1, 9).mapToObj(i -> i / 1.0).toList();
        StageReferences references = StageReferences.of(
                List.of(window("v2", 0, 0, 1, low), window("v2", 1, 0, 1, high), window("v2", 2, 0, 1, high)),
                pair("v2"),
                HOUR);

        assertThat(references.deciles()).contains(new StageReferences.Taken<>(high, 3, 300, endOf(2)));
        assertThat(StageReferences.of(List.of(window("v2", 0, 0, 1)), pair("v2"), HOUR)
                        .deciles())
                .isEmpty();
    }

    @Test
    void what_was_given_is_completed_and_never_replaced() {
        List<Double> edges = IntStream.rangeClosed(1, 9).mapToObj(i -> i / 10.0).toList();
        List<Double> others = IntStream.rangeClosed(1, 9).mapToObj(i -> i / 1.0).toList();
        StageReferences windows = StageReferences.of(List.of(window("v2", 0, 500, 1_000, edges)), pair("v2"), HOUR);
        References none = References.none();
        References own = none.withTailNanos(7).withDeciles(others);

        assertThat(windows.complete(none)).isEqualTo(none.withTailNanos(1_000).withDeciles(edges));
        assertThat(windows.complete(none.withTailNanos(7)))
                .isEqualTo(none.withTailNanos(7).withDeciles(edges));
        assertThat(windows.complete(own)).isEqualTo(own);
        assertThat(StageReferences.of(List.of(), pair("v2"), HOUR).complete(none))
                .isEqualTo(none);
    }
}
