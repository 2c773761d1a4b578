package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.Features;
import dev.understudy.domain.Requests;
import dev.understudy.domain.RowResult;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.FakeModels;
import dev.understudy.model.ScoredBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LikeForLikeTrialsTest {
    private static final long NANOS_OF_FIRST_CALL = 60_000;

    private final FakeModels models = new FakeModels();

    @Test
    void versions_that_are_slow_at_first_and_learn_the_rows_are_alike() {
        // What a real model does on a row: the n-th call on it is faster than the one before.
        Map<String, AtomicInteger> calls = new HashMap<>();
        FakeModels.FakeScorer v1 = learning("v1", calls);
        FakeModels.FakeScorer v2 = learning("v2", calls);
        LikeForLikeTrials trials = new LikeForLikeTrials(1, 7);

        List<BatchTimes> times = new ArrayList<>();
        for (int n = 0; n < 4; n++) {
            calls.clear();
            times.add(trial(trials, v1, v2));
        }

        assertThat(times)
                .allSatisfy(one -> assertThat(one.candidateNanos())
                        .isEqualTo(one.productionNanos())
                        .isLessThan(NANOS_OF_FIRST_CALL * one.rows()));
        assertThat(times.stream().mapToLong(BatchTimes::productionNanos).sum())
                .isEqualTo(times.stream()
                        .mapToLong(BatchTimes::productionAgainNanos)
                        .sum());
    }

    @Test
    void each_version_follows_itself_so_that_neither_pays_for_what_the_other_left_in_the_caches() {
        List<String> called = new ArrayList<>();
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9).onCall(() -> called.add("v1"));
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2).onCall(() -> called.add("v2"));
        LikeForLikeTrials trials = new LikeForLikeTrials(1, 7);

        trial(trials, v1, v2);
        trial(trials, v1, v2);

        assertThat(called).containsExactly("v1", "v1", "v1", "v2", "v2", "v2", "v2", "v2", "v2", "v1", "v1", "v1");
    }

    @Test
    void versions_and_timed_calls_change_places_so_that_each_has_stood_in_each_place_equally_often() {
        // A clock that ticks with each call tells the place: the n-th call of a trial takes n for each row.
        AtomicInteger place = new AtomicInteger();
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);
        v1.onCall(() -> v1.takes(place.incrementAndGet()));
        v2.onCall(() -> v2.takes(place.incrementAndGet()));
        LikeForLikeTrials trials = new LikeForLikeTrials(1, 7);

        List<List<Long>> places = new ArrayList<>();
        for (int n = 0; n < 8; n++) {
            place.set(0);
            BatchTimes times = trial(trials, v1, v2);
            places.add(Stream.of(times.productionNanos(), times.candidateNanos(), times.productionAgainNanos())
                    .map(nanos -> nanos / times.rows())
                    .toList());
        }

        assertThat(places.subList(0, 4))
                .containsExactlyInAnyOrder(
                        List.of(2L, 5L, 3L), List.of(5L, 2L, 6L), List.of(3L, 6L, 2L), List.of(6L, 3L, 5L));
        assertThat(places.subList(4, 8)).isEqualTo(places.subList(0, 4));
    }

    private FakeModels.FakeScorer learning(String version, Map<String, AtomicInteger> calls) {
        FakeModels.FakeScorer scorer = models.serve(version, 0.5);
        return scorer.onCall(() -> scorer.takes(NANOS_OF_FIRST_CALL
                / calls.computeIfAbsent(version, first -> new AtomicInteger()).incrementAndGet()));
    }

    /** Called without a guard. */
    static LikeForLikeTrials.Calls calls(BatchScorer scorer) {
        return new LikeForLikeTrials.Calls() {
            @Override
            public ScoredBatch first(List<? extends Features> rows) {
                return scorer.score(rows);
            }

            @Override
            public ScoredBatch again(List<? extends Features> rows) {
                return scorer.score(rows);
            }
        };
    }

    private static BatchTimes trial(LikeForLikeTrials trials, FakeModels.FakeScorer v1, FakeModels.FakeScorer v2) {
        return trial(trials, v1, v2, LikeForLikeTrials.ROWS_TO_GET_WARM);
    }

    private static BatchTimes trial(
            LikeForLikeTrials trials, FakeModels.FakeScorer v1, FakeModels.FakeScorer v2, int rows) {
        return trials.run(ShadowScorerTest.target("v1", "v2"), calls(v1), calls(v2), rows(rows))
                .times();
    }

    private static List<Features> rows(int number) {
        return IntStream.range(0, number)
                .<Features>mapToObj(n -> Requests.of("r", "a", n).features())
                .toList();
    }

    @Test
    void small_batch_is_called_until_as_many_rows_were_scored_as_a_version_needs_to_get_warm() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);
        LikeForLikeTrials trials = new LikeForLikeTrials(1, 7);

        trial(trials, v1, v2, 1);
        assertThat(v1.calls).hasSize(10);
        assertThat(v2.calls).hasSize(10);
        trial(trials, v1, v2, 3);
        assertThat(v1.calls).hasSize(15);
        assertThat(v2.calls).hasSize(15);
    }

    @Test
    void call_that_takes_long_is_not_repeated_to_get_warm() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9).takes(20_000_000);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);

        trial(new LikeForLikeTrials(1, 7), v1, v2, 1);

        assertThat(v1.calls).hasSize(3);
        assertThat(v2.calls).hasSize(10);
    }

    @Test
    void version_whose_call_times_out_is_not_called_again_and_has_failed() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        AtomicInteger made = new AtomicInteger();
        FakeModels.FakeScorer v2 = models.serve(
                "v2",
                rows -> rows.stream()
                        .<RowResult>map(row -> made.incrementAndGet() < 3
                                ? new RowResult.Scored(0.2, "0", Map.of(), null)
                                : new RowResult.Failed(RowResult.Failed.TIMED_OUT, "too long"))
                        .toList());

        BatchTimes times = trial(new LikeForLikeTrials(1, 7), v1, v2, 1);

        assertThat(v2.calls).hasSize(3);
        assertThat(times.candidateFailed()).isTrue();
        assertThat(times.productionFailed()).isFalse();
    }

    @Test
    void failure_of_a_call_that_only_makes_warm_is_none_of_the_trial() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        AtomicInteger made = new AtomicInteger();
        FakeModels.FakeScorer v2 = models.serve(
                "v2",
                rows -> List.of(
                        made.incrementAndGet() == 3
                                ? FakeModels.broken()
                                : new RowResult.Scored(0.2, "0", Map.of(), null)));

        BatchTimes times = trial(new LikeForLikeTrials(1, 7), v1, v2, 1);

        assertThat(times.candidateFailed()).isFalse();
    }

    @Test
    void draw_of_batches_is_the_same_for_the_same_seed_and_never_or_always_at_the_ends() {
        assertThat(draw(0.5, 3)).isEqualTo(draw(0.5, 3)).isNotEqualTo(draw(0.5, 4));
        assertThat(draw(0, 3)).containsOnly(Optional.empty());
        assertThat(draw(1, 3)).containsOnly(Optional.of("v2"));
    }

    @Test
    void each_target_of_a_batch_is_drawn_with_its_share_and_one_at_most() {
        LikeForLikeTrials trials = new LikeForLikeTrials(0.2, 7);
        LikeForLikeTrials always = new LikeForLikeTrials(1, 7);
        Map<String, Integer> drawn = new HashMap<>();
        Map<String, Integer> drawnAlways = new HashMap<>();
        for (int n = 0; n < 10_000; n++) {
            drawn.merge(trials.draw(List.of("v2", "v3", "v4")).orElse("none"), 1, Integer::sum);
            drawnAlways.merge(always.draw(List.of("v2", "v3", "v4")).orElse("none"), 1, Integer::sum);
        }

        // Five standard deviations of 10,000 draws.
        assertThat(drawn).containsOnlyKeys("none", "v2", "v3", "v4");
        assertThat(drawn)
                .allSatisfy((target, times) -> assertThat(times)
                        .isBetween(target.equals("none") ? 3_755 : 1_800, target.equals("none") ? 4_245 : 2_200));
        assertThat(drawnAlways).containsOnlyKeys("v2", "v3", "v4");
        assertThat(drawnAlways.values()).allSatisfy(times -> assertThat(times).isBetween(3_097, 3_570));
    }

    private static List<Optional<String>> draw(double share, long seed) {
        LikeForLikeTrials trials = new LikeForLikeTrials(share, seed);
        return IntStream.range(0, 100).mapToObj(n -> trials.draw(List.of("v2"))).toList();
    }
}
