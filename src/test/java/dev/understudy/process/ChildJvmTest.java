package dev.understudy.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.understudy.broker.Await;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ChildJvmTest {
    private static final Duration BOUND = Duration.ofSeconds(30);

    @Test
    void child_that_fails_to_start_is_explained_by_what_it_wrote() {
        ChildFailedException failure = catchThrowableOfType(ChildFailedException.class, () -> start("fails", BOUND));

        assertThat(failure).hasMessage("example exited with code 3 before it was ready: port 9092 is in use");
        assertThat(failure.exitCode()).hasValue(3);
        assertThat(failure.explanation()).isEqualTo("port 9092 is in use");
    }

    @Test
    void child_that_is_not_ready_in_time_is_killed_and_quoted() {
        List<Long> pids = childrenOfThisProcess();

        ChildFailedException failure =
                catchThrowableOfType(ChildFailedException.class, () -> start("never-ready", Duration.ofSeconds(5)));

        assertThat(failure).hasMessage("example was not ready within 5s: still looking for the disk");
        assertThat(failure.exitCode()).isEmpty();
        assertThat(childrenOfThisProcess()).isSubsetOf(pids);
    }

    @Test
    void last_two_hundred_lines_of_standard_error_are_kept() {
        try (ChildJvm child = start("talks", BOUND)) {
            Await.until("the last line", BOUND, () -> child.standardError().endsWith("line 300"));

            assertThat(child.standardError().lines()).hasSize(200).startsWith("line 101");
            child.killForcibly();
        }
    }

    @Test
    void lines_are_handed_on_while_the_child_runs() {
        List<String> output = new CopyOnWriteArrayList<>();
        List<String> errors = new CopyOnWriteArrayList<>();
        JvmCommand command = JvmCommand.of(ExampleChild.class, 32).withArguments("talks");
        try (ChildJvm child = ChildJvm.start("example", command, "READY", BOUND, output::add, errors::add)) {
            Await.until("all lines", BOUND, () -> errors.size() == 300);

            assertThat(child.readyLine()).isEqualTo("READY yes");
            assertThat(output).containsExactly("about to be ready");
            child.killForcibly();
        }
    }

    @Test
    void child_ends_in_order_when_it_is_closed() {
        ChildJvm child = start("holds-the-line", BOUND);

        child.close();

        assertThat(child.exited().join()).isZero();
        assertThat(child.isAlive()).isFalse();
    }

    @Test
    void child_whose_shutdown_hook_hangs_is_halted_after_its_grace() throws Exception {
        ChildJvm child = start("hangs-in-its-hook", BOUND);

        child.stop(BOUND);

        assertThat(child.exited().get(1, TimeUnit.SECONDS)).isZero();
    }

    @Test
    void child_that_ignores_its_life_line_is_killed_after_the_grace() {
        ChildJvm child = start("talks", BOUND);

        child.stop(Duration.ofMillis(100));

        assertThat(child.isAlive()).isFalse();
        assertThat(child.exited().join()).isNotZero();
    }

    @Test
    void child_ends_when_its_parent_is_killed() {
        ChildJvm parent = start("is-a-parent", BOUND);
        ProcessHandle grandchild = ProcessHandle.of(
                        Long.parseLong(parent.readyLine().substring("READY ".length())))
                .orElseThrow();

        parent.killForcibly();

        Await.until("the end of the orphan", BOUND, () -> !grandchild.isAlive());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-INT", "-HUP"})
    @DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no such signals")
    void signal_of_the_terminal_is_left_to_the_parent(String signal) throws Exception {
        ChildJvm child = start("holds-the-line", BOUND);
        Process kill = new ProcessBuilder("kill", signal, Long.toString(child.pid())).start();
        assertThat(kill.waitFor()).isZero();

        child.close();

        assertThat(child.exited().join()).as("not 130 or 129").isZero();
    }

    @Test
    void command_names_the_java_of_this_process_and_bounds_the_heap() {
        List<String> words = JvmCommand.of(ExampleChild.class, 64)
                .withClassPath("a.jar")
                .withJvmArguments("-Dx=1")
                .withArguments("one", "two")
                .words();

        assertThat(words)
                .startsWith(
                        System.getProperty("java.home") + "/bin/java",
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-XX:+ExitOnOutOfMemoryError");
        assertThat(words).endsWith("-Dx=1", "-cp", "a.jar", ExampleChild.class.getName(), "one", "two");
        assertThat(words.contains("--enable-native-access=ALL-UNNAMED"))
                .isEqualTo(Runtime.version().feature() >= 24);
    }

    @Test
    void heap_that_no_jvm_can_start_with_is_refused() {
        assertThatThrownBy(() -> JvmCommand.of(ExampleChild.class, 1))
                .hasMessage("the heap of a child JVM must be at least 16 MiB, was 1 MiB");
    }

    private static ChildJvm start(String behaviour, Duration limit) {
        return ChildJvm.start(
                "example", JvmCommand.of(ExampleChild.class, 32).withArguments(behaviour), "READY", limit);
    }

    private static List<Long> childrenOfThisProcess() {
        return ProcessHandle.current().children().map(ProcessHandle::pid).toList();
    }
}
