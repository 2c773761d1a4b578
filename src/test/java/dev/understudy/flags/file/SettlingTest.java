package dev.understudy.flags.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SettlingTest {
    private static final Sighting A = new Sighting.Content("a");
    private static final Sighting B = new Sighting.Content("b");
    private final Settling settling = new Settling(Duration.ofNanos(10));

    @Test
    void what_stays_the_same_long_enough_is_settled() {
        assertThat(settling.isSettled(A, 100)).isFalse();
        assertThat(settling.isSettled(new Sighting.Content("a"), 109)).isFalse();
        assertThat(settling.isSettled(A, 110)).isTrue();
        assertThat(settling.isSettled(A, 500)).isTrue();
    }

    @Test
    void whatever_is_seen_in_between_starts_the_time_again() {
        assertThat(settling.isSettled(A, 100)).isFalse();
        assertThat(settling.isSettled(B, 109)).isFalse();
        assertThat(settling.isSettled(A, 110)).isFalse();
        assertThat(settling.isSettled(new Sighting.Unreadable("gone", false), 119))
                .isFalse();
        assertThat(settling.isSettled(A, 125)).isFalse();
        assertThat(settling.isSettled(A, 135)).isTrue();
    }
}
