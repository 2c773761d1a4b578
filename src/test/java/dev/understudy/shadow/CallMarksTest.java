package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CallMarksTest {
    @TempDir
    Path folder;

    @Test
    void calls_that_were_not_over_are_left_to_the_next_process() throws IOException {
        byte[] asTheProcessDied;
        try (CallMarks marks = open()) {
            CallMarks.Mark ended = marks.begin(new ModelVersion("v2"));
            marks.begin(new ModelVersion("v3"));
            ended.end();
            marks.begin(new ModelVersion("v4"));
            asTheProcessDied = Files.readAllBytes(file());
        }
        Files.write(file(), asTheProcessDied);

        try (CallMarks marks = open()) {
            assertThat(marks.left()).containsExactlyInAnyOrder(new ModelVersion("v3"), new ModelVersion("v4"));
        }
        try (CallMarks marks = open()) {
            assertThat(marks.left()).as("nobody has taken note of them yet").hasSize(2);
            marks.forgetLeft();
        }
        try (CallMarks marks = open()) {
            assertThat(marks.left()).isEmpty();
        }
    }

    @Test
    void orderly_end_leaves_only_the_call_that_caused_it() {
        try (CallMarks marks = open()) {
            marks.begin(new ModelVersion("v2"));
            marks.begin(new ModelVersion("v3")).keep();
            marks.begin(new ModelVersion("v4"));
        }

        try (CallMarks marks = open()) {
            assertThat(marks.left()).containsExactly(new ModelVersion("v3"));
        }
    }

    @Test
    void marks_that_were_cleared_blame_nobody_and_no_more_are_made() {
        try (CallMarks marks = open()) {
            marks.begin(new ModelVersion("v2"));
            marks.clear();
            marks.begin(new ModelVersion("v3"));

            assertThat(file()).isEmptyFile();
        }
    }

    @Test
    void lines_that_name_no_version_say_nothing() throws IOException {
        Files.writeString(file(), "../etc\n\u0000\u0000\nv2   \nv3");

        try (CallMarks marks = open()) {
            assertThat(marks.left()).containsExactly(new ModelVersion("v2"), new ModelVersion("v3"));
        }
    }

    @Test
    void a_second_process_on_the_same_folder_is_refused() {
        try (CallMarks first = open()) {
            assertThat(first.left()).isEmpty();
            assertThatThrownBy(this::open)
                    .hasMessage(file() + " belongs to another shadow process that runs now; give each its own"
                            + " kafka.state-directory");
        }
    }

    private CallMarks open() {
        return CallMarks.open(file(), Duration.ZERO);
    }

    private Path file() {
        return folder.resolve("calls-in-flight");
    }
}
