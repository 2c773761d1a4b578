package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.evidence.EntityHash;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SheddingTest {
    private static final int ENTITIES = 100_000;

    private final Shedding shedding = new Shedding(Duration.ofMinutes(2), 0);
    private long nowNanos;

    @Test
    void nothing_is_left_out_within_the_budget() {
        for (int i = 0; i < 100; i++) {
            observeFor(Duration.ofSeconds(119), 1);
        }

        assertThat(shedding.keptShare()).isEqualTo(1);
        assertThat(shedding.keeps("card-1")).isTrue();
    }

    @Test
    void share_is_halved_while_the_lag_is_over_its_budget_and_does_not_fall_fast_enough() {
        observeFor(Duration.ofMinutes(3), 1);
        assertThat(shedding.keptShare()).as("how it goes on is not known yet").isEqualTo(1);
        observeFor(Duration.ofMinutes(3), 1);
        assertThat(shedding.keptShare()).isEqualTo(0.5);
        observeFor(Duration.ofSeconds(175), 1);
        assertThat(shedding.keptShare()).as("5 s in 10 s is too slow").isEqualTo(0.25);
        observeFor(Duration.ofSeconds(160), 1);
        assertThat(shedding.keptShare()).as("15 s in 10 s will do").isEqualTo(0.25);
        observeFor(Duration.ofMinutes(1), 10);
        assertThat(shedding.keptShare()).as("neither behind nor up to date").isEqualTo(0.25);
        observeFor(Duration.ofSeconds(1), 1);
        observeFor(Duration.ofSeconds(1), 1);
        assertThat(shedding.keptShare()).isEqualTo(1);
    }

    @Test
    void backlog_of_an_outage_that_is_worked_off_fast_costs_no_row() {
        for (int behind = 3600; behind > 0; behind -= 15) {
            observeFor(Duration.ofSeconds(behind), 1);
        }

        assertThat(shedding.keptShare()).isEqualTo(1);
    }

    @Test
    void share_never_falls_to_nothing() {
        observeFor(Duration.ofMinutes(3), 100);

        assertThat(shedding.keptShare()).isEqualTo(1.0 / 1024);
    }

    @Test
    void who_is_kept_at_a_share_is_kept_at_every_larger_one_and_shares_are_met() {
        Set<String> before = kept();
        observeFor(Duration.ofMinutes(3), 1);
        for (double share = 0.5; share > 0.01; share /= 2) {
            observeFor(Duration.ofMinutes(3), 1);
            Set<String> now = kept();

            assertThat(now.size() / (double) ENTITIES).isBetween(share - 0.005, share + 0.005);
            // Not AssertJ's own, which compares every pair of elements.
            assertThat(before.containsAll(now)).isTrue();
            before = now;
        }
    }

    @Test
    void what_is_kept_fills_the_buckets_of_evidence_evenly() {
        observeFor(Duration.ofMinutes(3), 4);
        int[] buckets = new int[64];
        kept().forEach(entity -> buckets[(int) (EntityHash.of(entity) & 63)]++);

        double expected = ENTITIES * shedding.keptShare() / 64;
        assertThat(shedding.keptShare()).isEqualTo(0.125);
        // Five standard deviations of a Poisson count.
        assertThat(IntStream.of(buckets).boxed())
                .allSatisfy(count ->
                        assertThat(count - expected).isBetween(-5 * Math.sqrt(expected), 5 * Math.sqrt(expected)));
    }

    private Set<String> kept() {
        Set<String> kept = new HashSet<>();
        for (int entity = 0; entity < ENTITIES; entity++) {
            if (shedding.keeps("card-" + entity)) {
                kept.add("card-" + entity);
            }
        }
        return kept;
    }

    /** Batches of ten seconds, so many times: one look at the share each time. */
    private void observeFor(Duration lag, int times) {
        for (int i = 0; i < times; i++) {
            nowNanos += Duration.ofSeconds(10).toNanos();
            shedding.observe(lag, nowNanos);
        }
    }
}
