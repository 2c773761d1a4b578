package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CallMarksTest {
    @TempDir
    Path folder;

    @Test
    void calls_that_were_not_over_are_left_to_the_next_process() {
        try (CallMarks marks = CallMarks.open(file())) {
            CallMarks.Mark ended = marks.begin(new ModelVersion("v2"));
            marks.begin(new ModelVersion("v3"));
            ended.end();
            marks.begin(new ModelVersion("v4"));
        }

        try (CallMarks marks = CallMarks.open(file())) {
            assertThat(marks.left()).containsExactlyInAnyOrder(new ModelVersion("v3"), new ModelVersion("v4"));
        }
        try (CallMarks marks = CallMarks.open(file())) {
            assertThat(marks.left()).as("told once").isEmpty();
        }
    }

    @Test
    void marks_that_were_cleared_blame_nobody() {
        try (CallMarks marks = CallMarks.open(file())) {
            marks.begin(new ModelVersion("v2"));
            marks.clear();
        }

        try (CallMarks marks = CallMarks.open(file())) {
            assertThat(marks.left()).isEmpty();
        }
    }

    @Test
    void lines_that_name_no_version_say_nothing() throws IOException {
        Files.writeString(file(), "../etc\n\u0000\u0000\nv2   \nv3");

        try (CallMarks marks = CallMarks.open(file())) {
            assertThat(marks.left()).containsExactly(new ModelVersion("v2"), new ModelVersion("v3"));
        }
    }

    @Test
    void a_second_process_on_the_same_folder_is_refused() {
        try (CallMarks first = CallMarks.open(file())) {
            assertThat(first.left()).isEmpty();
            assertThatThrownBy(() -> CallMarks.open(file()))
                    .hasMessage(file() + " belongs to another shadow process that runs now; give each its own"
                            + " kafka.state-directory");
        }
    }

    private Path file() {
        return folder.resolve("calls-in-flight");
    }
}
