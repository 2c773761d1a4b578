package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

final class RestoreProgressTest {
    private static final TopicPartition FIRST = new TopicPartition("changelog", 0);
    private static final TopicPartition SECOND = new TopicPartition("changelog", 1);

    private long now;
    private final RestoreProgress progress = new RestoreProgress("evaluate", () -> now);

    @Test
    void it_tells_what_is_missing_of_all_stores_until_they_are_whole() {
        assertThat(progress.missing()).isEmpty();

        progress.onRestoreStart(FIRST, "store", 100, 400);
        progress.onRestoreStart(SECOND, "store", 0, 50);
        assertThat(progress.missing()).hasValue(350);

        progress.onBatchRestored(FIRST, "store", 300, 200);
        progress.onRestoreEnd(SECOND, "store", 50);
        assertThat(progress.missing()).hasValue(100);

        progress.onRestoreSuspended(FIRST, "store", 200);
        assertThat(progress.missing()).isEmpty();
    }

    @Test
    void offsets_that_hold_no_record_do_not_make_it_negative() {
        progress.onRestoreStart(FIRST, "store", 0, 10);
        progress.onBatchRestored(FIRST, "store", 9, 11);

        assertThat(progress.missing()).hasValue(0);
    }

    @Test
    void it_is_silent_for_as_long_as_nothing_is_restored() {
        now = 40;
        assertThat(progress.silentNanos()).isEqualTo(40);

        progress.onRestoreStart(FIRST, "store", 0, 10);
        now = 45;
        assertThat(progress.silentNanos()).isEqualTo(5);
    }
}
