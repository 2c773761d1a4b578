package dev.understudy.shadow;

import static dev.understudy.domain.GoldenBytes.assertWrittenAsBefore;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.GoldenBytes;
import dev.understudy.domain.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of SHADOW as an earlier build left them: they are read to the same values and written to the same bytes. */
final class GoldenStateTest {
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    Path folder;

    @Test
    void quarantine_of_an_earlier_build_is_read_and_would_be_written_again() throws IOException {
        List<QuarantineEntry> entries = List.of(
                new QuarantineEntry(
                        new ModelVersion("v2"), true, 3, NOON.plusMillis(1_500), NOON, "a call hung for 3s"),
                new QuarantineEntry(new ModelVersion("v3.1-rc_1"), false, 1, NOON, null, "batch after batch failed"),
                QuarantineEntry.none(new ModelVersion("v4")));
        QuarantineFile today = new QuarantineFile(folder.resolve("today.tsv"));
        today.write(entries);
        assertWrittenAsBefore("shadow.quarantine", Files.readAllBytes(folder.resolve("today.tsv")));

        Path before = Files.write(folder.resolve("before.tsv"), GoldenBytes.of("shadow.quarantine"));
        assertThat(new QuarantineFile(before).read()).isEqualTo(entries);
    }

    @Test
    void marks_of_calls_in_flight_of_an_earlier_build_are_read_and_would_be_written_again() throws IOException {
        try (CallMarks marks = CallMarks.open(folder.resolve("today"), Duration.ZERO)) {
            CallMarks.Mark ended = marks.begin(new ModelVersion("v1"));
            marks.begin(new ModelVersion("v2"));
            marks.begin(new ModelVersion("v".repeat(64)));
            ended.end();
            assertWrittenAsBefore("shadow.calls-in-flight", Files.readAllBytes(folder.resolve("today")));
        }

        Path before = Files.write(folder.resolve("before"), GoldenBytes.of("shadow.calls-in-flight"));
        try (CallMarks marks = CallMarks.open(before, Duration.ZERO)) {
            assertThat(marks.left()).containsExactly(new ModelVersion("v2"), new ModelVersion("v".repeat(64)));
        }
    }
}
