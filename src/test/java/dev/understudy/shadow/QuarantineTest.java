package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import dev.understudy.shadow.Quarantine.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class QuarantineTest {
    private static final ModelVersion V2 = new ModelVersion("v2");
    private static final ModelVersion V3 = new ModelVersion("v3");
    private static final Duration FIRST = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-26T03:00:00Z");
    private Quarantine quarantine;

    @BeforeEach
    void open() {
        quarantine = reopened();
    }

    @Test
    void batch_after_batch_without_an_answer_shuts_a_version_and_no_other() {
        fail(V2, Outcome.FAILED, 3, 100);

        assertThat(quarantine.refusal(V2))
                .contains("version v2 is in quarantine until 2026-11-26T03:01:00Z: batch after batch failed");
        assertThat(quarantine.refusal(V3)).isEmpty();
    }

    @Test
    void an_answer_in_between_begins_the_count_anew() {
        fail(V2, Outcome.FAILED, 2, 100);
        quarantine.report(V2, Outcome.ANSWERED, 100);
        fail(V2, Outcome.FAILED, 2, 100);

        assertThat(quarantine.refusal(V2)).isEmpty();
    }

    @Test
    void few_rows_that_fail_at_low_traffic_do_not_shut_a_version_but_time_outs_do() {
        fail(V2, Outcome.FAILED, Quarantine.ROWS - 1, 1);
        assertThat(quarantine.refusal(V2)).isEmpty();
        fail(V2, Outcome.FAILED, 1, 1);
        assertThat(quarantine.refusal(V2)).isPresent();

        fail(V3, Outcome.TIMED_OUT, 2, 1);
        assertThat(quarantine.refusal(V3)).isEmpty();
        fail(V3, Outcome.TIMED_OUT, 1, 1);
        assertThat(quarantine.refusal(V3))
                .hasValueSatisfying(
                        why -> assertThat(why).endsWith("batch after batch took longer than shadow.time-limit"));
    }

    @Test
    void at_the_end_one_batch_tries_the_version_and_an_answer_releases_it() {
        fail(V2, Outcome.FAILED, 3, 100);
        now = now.plus(FIRST);

        assertThat(quarantine.refusal(V2)).isEmpty();
        assertThat(quarantine.refusal(V2)).as("another thread waits").isPresent();
        quarantine.report(V2, Outcome.ANSWERED, 100);
        assertThat(quarantine.refusal(V2)).isEmpty();
    }

    @Test
    void trial_on_which_no_call_was_made_is_made_again() {
        fail(V2, Outcome.FAILED, 3, 100);
        now = now.plus(FIRST);
        assertThat(quarantine.refusal(V2)).isEmpty();
        quarantine.report(V2, Outcome.NOT_CALLED, 0);

        assertThat(quarantine.refusal(V2)).isEmpty();
    }

    @Test
    void each_quarantine_in_a_row_lasts_twice_as_long_up_to_an_hour() {
        fail(V2, Outcome.FAILED, 3, 100);
        for (int minutes : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
            now = now.plus(Duration.ofMinutes(minutes)).minusMillis(1);
            assertThat(quarantine.refusal(V2)).as("%s minutes", minutes).isPresent();
            now = now.plusMillis(1);
            assertThat(quarantine.refusal(V2)).as("%s minutes", minutes).isEmpty();
            quarantine.report(V2, Outcome.FAILED, 1);
        }
    }

    @Test
    void version_that_stayed_well_for_as_long_as_it_was_away_begins_with_the_first_length_again() {
        fail(V2, Outcome.FAILED, 3, 100);
        now = now.plus(FIRST);
        release();
        now = now.plus(FIRST).minusMillis(1);
        fail(V2, Outcome.FAILED, 3, 100);
        assertThat(quarantine.refusal(V2))
                .hasValueSatisfying(why ->
                        assertThat(why).contains(now.plus(FIRST.multipliedBy(2)).toString()));

        now = now.plus(FIRST.multipliedBy(2));
        release();
        now = now.plus(FIRST.multipliedBy(2));
        fail(V2, Outcome.FAILED, 3, 100);
        assertThat(quarantine.refusal(V2))
                .hasValueSatisfying(
                        why -> assertThat(why).contains(now.plus(FIRST).toString()));
    }

    @Test
    void quarantine_survives_the_process() {
        quarantine.hung(V2, Duration.ofMillis(30_250));

        Quarantine next = reopened();

        assertThat(next.refusal(V2))
                .contains("version v2 is in quarantine until 2026-11-26T03:01:00Z: a call hung for 30s");
    }

    @Test
    void process_that_died_once_during_a_call_is_an_accident_and_twice_is_not() {
        quarantine.died(V2);
        assertThat(quarantine.refusal(V2)).isEmpty();

        now = now.plus(Quarantine.DEATHS_WITHIN);
        quarantine = reopened();
        quarantine.died(V2);
        assertThat(quarantine.refusal(V2)).as("long after the first").isEmpty();

        now = now.plusSeconds(20);
        quarantine = reopened();
        quarantine.died(V2);
        assertThat(quarantine.refusal(V2))
                .hasValueSatisfying(
                        why -> assertThat(why).endsWith("the shadow process died again while it was being called"));
    }

    @Test
    void death_on_trial_shuts_a_version_for_longer() {
        quarantine.hung(V2, Duration.ofSeconds(30));
        now = now.plus(FIRST);
        assertThat(quarantine.refusal(V2)).isEmpty();
        now = now.plus(Quarantine.DEATHS_WITHIN);

        quarantine = reopened();
        quarantine.died(V2);

        assertThat(quarantine.refusal(V2))
                .hasValueSatisfying(why ->
                        assertThat(why).contains(now.plus(FIRST.multipliedBy(2)).toString()));
    }

    @Test
    void batches_that_began_before_the_quarantine_neither_lengthen_nor_end_it() throws InterruptedException {
        fail(V2, Outcome.TIMED_OUT, 3, 100);
        fail(V2, Outcome.TIMED_OUT, 3, 100);
        quarantine.report(V2, Outcome.ANSWERED, 100);
        assertThat(quarantine.refusal(V2))
                .hasValueSatisfying(
                        why -> assertThat(why).contains(now.plus(FIRST).toString()));

        now = now.plus(FIRST);
        assertThat(quarantine.refusal(V2)).as("this thread tries it").isEmpty();
        Thread other = new Thread(() -> quarantine.report(V2, Outcome.ANSWERED, 100));
        other.start();
        other.join();
        assertThat(quarantine.refusal(V2)).as("still on trial").isPresent();
    }

    @Test
    void clock_that_was_wrong_shuts_a_version_for_no_longer_than_its_quarantine() {
        Instant wrong = now.plus(Duration.ofDays(2_000));
        Instant right = now;
        now = wrong;
        quarantine.died(V3);
        fail(V2, Outcome.FAILED, 3, 100);

        now = right;
        assertThat(quarantine.refusal(V2))
                .hasValueSatisfying(
                        why -> assertThat(why).contains(right.plus(FIRST).toString()));
        now = right.plus(FIRST);
        assertThat(quarantine.refusal(V2)).isEmpty();
        quarantine = reopened();
        quarantine.died(V3);
        assertThat(quarantine.refusal(V3)).as("its first death").isEmpty();
    }

    @Test
    void what_cannot_be_written_holds_all_the_same() throws IOException {
        Files.createDirectories(folder.resolve("quarantine.tsv.new/full"));

        fail(V2, Outcome.FAILED, 3, 100);

        assertThat(quarantine.refusal(V2)).isPresent();
        assertThat(folder.resolve("quarantine.tsv")).doesNotExist();
    }

    @Test
    void version_is_suspect_for_a_while_after_a_death_and_when_it_is_tried_again() {
        assertThat(quarantine.isSuspect(V2)).isFalse();
        quarantine.died(V2);
        assertThat(quarantine.isSuspect(V2)).isTrue();
        now = now.plus(Quarantine.DEATHS_WITHIN);
        assertThat(quarantine.isSuspect(V2)).isFalse();

        quarantine.died(V2);
        quarantine.died(V2);
        now = now.plus(Quarantine.DEATHS_WITHIN);
        assertThat(quarantine.refusal(V2)).isEmpty();
        assertThat(quarantine.isSuspect(V2)).as("on trial").isTrue();
        assertThat(quarantine.isSuspect(V3)).isFalse();
    }

    @Test
    void file_with_what_is_no_longer_the_name_of_a_version_is_refused_with_the_rule() throws IOException {
        Files.writeString(folder.resolve("quarantine.tsv"), QuarantineEntry.COLUMNS + "\nv1.\ttrue\t1\t-\t-\t\n");

        assertThatThrownBy(this::reopened)
                .hasMessageContaining("line 2: 'version' must be " + ModelVersion.RULE + ", was 'v1.'; mend it");
    }

    @Test
    void file_that_cannot_be_understood_is_refused_with_its_line() throws IOException {
        Files.writeString(folder.resolve("quarantine.tsv"), QuarantineEntry.COLUMNS + "\nv2\ttrue\tone\t-\t-\t\n");

        assertThatThrownBy(this::reopened)
                .hasMessage(folder.resolve("quarantine.tsv") + ", line 2: 'times' must be a whole number, was 'one';"
                        + " mend it, or remove the file to release all versions");
    }

    private void release() {
        assertThat(quarantine.refusal(V2)).isEmpty();
        quarantine.report(V2, Outcome.ANSWERED, 100);
    }

    private void fail(ModelVersion version, Outcome outcome, int batches, int rows) {
        for (int batch = 0; batch < batches; batch++) {
            quarantine.report(version, outcome, rows);
        }
    }

    private Quarantine reopened() {
        return new Quarantine(new QuarantineFile(folder.resolve("quarantine.tsv")), FIRST, () -> now);
    }
}
