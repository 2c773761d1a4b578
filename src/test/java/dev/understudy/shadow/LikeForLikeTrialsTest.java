package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.Requests;
import dev.understudy.model.FakeModels;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class LikeForLikeTrialsTest {
    private final FakeModels models = new FakeModels();

    @Test
    void calls_take_all_orders_in_turn_so_that_each_has_stood_in_each_place_equally_often() {
        // A clock that ticks with each call tells the place: the n-th call of a trial takes n.
        AtomicInteger place = new AtomicInteger();
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);
        v1.onCall(() -> v1.takes(place.incrementAndGet()));
        v2.onCall(() -> v2.takes(place.incrementAndGet()));
        LikeForLikeTrials trials = new LikeForLikeTrials(1, 7);

        List<List<Long>> places = new ArrayList<>();
        for (int n = 0; n < 12; n++) {
            place.set(0);
            BatchTimes times = trials.run(
                            ShadowScorerTest.target("v1", "v2"),
                            v1,
                            v2,
                            List.of(Requests.of("r", "a", 1).features()))
                    .times();
            places.add(List.of(times.productionNanos(), times.candidateNanos(), times.productionAgainNanos()));
        }

        assertThat(places.subList(0, 6))
                .containsExactlyInAnyOrder(
                        List.of(1L, 2L, 3L),
                        List.of(1L, 3L, 2L),
                        List.of(2L, 1L, 3L),
                        List.of(2L, 3L, 1L),
                        List.of(3L, 1L, 2L),
                        List.of(3L, 2L, 1L));
        assertThat(places.subList(6, 12)).isEqualTo(places.subList(0, 6));
    }

    @Test
    void draw_of_batches_is_the_same_for_the_same_seed_and_never_or_always_at_the_ends() {
        assertThat(draw(0.5, 3)).isEqualTo(draw(0.5, 3)).isNotEqualTo(draw(0.5, 4));
        assertThat(draw(0, 3)).containsOnly(false);
        assertThat(draw(1, 3)).containsOnly(true);
    }

    private static List<Boolean> draw(double share, long seed) {
        LikeForLikeTrials trials = new LikeForLikeTrials(share, seed);
        return IntStream.range(0, 100).mapToObj(n -> trials.isDue()).toList();
    }
}
