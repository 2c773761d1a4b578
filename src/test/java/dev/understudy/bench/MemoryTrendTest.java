package dev.understudy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.bench.MemoryTrend.Sample;
import java.util.List;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is made of looks at a process' memory. */
final class MemoryTrendTest {
    /** A look every ten seconds, a hundred of them. */
    private static List<Sample> samples(IntToLongFunction bytes) {
        return IntStream.rangeClosed(1, 100)
                .mapToObj(i -> new Sample(10.0 * i, bytes.applyAsLong(i)))
                .toList();
    }

    @Test
    void growth_is_that_of_the_second_half_and_outliers_do_not_move_it() {
        MemoryTrend trend = MemoryTrend.of(samples(i -> i == 70 || i == 90 ? 1_000_000 : i <= 50 ? 9_000 : 200L * i));

        assertThat(trend.growthPerHour()).isCloseTo(20 * 3_600, within(1e-6));
        assertThat(trend.earlyBytes()).isEqualTo(9_000);
        assertThat(trend.endBytes()).isEqualTo(20_000);
    }

    @Test
    void early_is_a_fifth_of_the_time() {
        assertThat(MemoryTrend.of(samples(i -> i)).earlyBytes()).isEqualTo(20);
    }

    @Test
    void few_samples_have_no_trend() {
        List<Sample> few = samples(i -> i).subList(0, 3);

        assertThatThrownBy(() -> MemoryTrend.of(few)).hasMessage("a trend needs at least 4 samples, had 3");
    }
}
