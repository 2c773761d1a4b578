package dev.understudy.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class RecentStateTest {
    private long now;
    private int looks;

    private final RecentState state = new RecentState(
            () -> {
                looks++;
                return ProcessState.NOTHING;
            },
            () -> now);

    @Test
    void however_often_it_is_asked_it_looks_once_a_second() {
        now = Long.MAX_VALUE; // nanoTime may start anywhere and overflow
        for (int i = 0; i < 100; i++) {
            assertThat(state.get()).isSameAs(ProcessState.NOTHING);
        }
        assertThat(looks).isEqualTo(1);

        now += Duration.ofSeconds(1).toNanos();
        state.get();
        state.get();
        assertThat(looks).isEqualTo(2);
    }
}
