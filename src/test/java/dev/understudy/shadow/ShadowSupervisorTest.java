package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.broker.Await;
import dev.understudy.process.ChildFailedException;
import dev.understudy.process.JvmCommand;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

final class ShadowSupervisorTest {
    private static final Duration BOUND = Duration.ofSeconds(60);

    private final List<String> lines = new CopyOnWriteArrayList<>();

    @Test
    void child_that_is_killed_is_started_again_and_counted() {
        try (ShadowSupervisor supervisor = supervisor("serve")) {
            supervisor.start();
            long first = supervisor.pid().orElseThrow();
            ProcessHandle.of(first).orElseThrow().destroyForcibly();

            Await.until(
                    "another child",
                    BOUND,
                    () -> supervisor.pid().filter(pid -> pid != first).isPresent(),
                    supervisor::health);

            assertThat(supervisor.health().running()).isTrue();
            assertThat(supervisor.health().restarts()).isEqualTo(1);
            assertThat(supervisor.health().lastEnd()).contains("exited with code 137");
        }
    }

    @Test
    void close_ends_the_child_and_starts_no_other() {
        ShadowSupervisor supervisor = supervisor("serve");
        supervisor.start();
        ProcessHandle child = ProcessHandle.of(supervisor.pid().orElseThrow()).orElseThrow();

        supervisor.close();

        assertThat(child.isAlive()).isFalse();
        assertThat(supervisor.health()).isEqualTo(new ShadowSupervisor.Health(false, 0, java.util.Optional.empty()));
    }

    @Test
    void child_that_cannot_start_even_once_fails_the_start_with_what_it_said() {
        try (ShadowSupervisor supervisor = supervisor("refuse")) {
            assertThatThrownBy(supervisor::start)
                    .isInstanceOf(ChildFailedException.class)
                    .hasMessageContaining("model.directory is missing");
            assertThat(supervisor.health().restarts()).isZero();
        }
    }

    @Test
    void child_that_keeps_dying_is_started_again_and_again() {
        try (ShadowSupervisor supervisor = supervisor("die")) {
            supervisor.start();

            Await.until("three restarts", BOUND, () -> supervisor.health().restarts() >= 3, supervisor::health);

            assertThat(supervisor.health().lastEnd()).contains("exited with code 9");
        }
    }

    @Test
    void output_of_the_child_is_handed_on() {
        try (ShadowSupervisor supervisor = supervisor("serve")) {
            supervisor.start();

            Await.until("its line", BOUND, () -> lines.contains("loading models"));
        }
    }

    @Test
    void pause_doubles_up_to_its_bound() {
        ShadowSupervisor.Settings settings = ShadowSupervisor.Settings.standard("READY");

        assertThat(List.of(1, 2, 3, 7, 1_000_000))
                .extracting(settings::pauseAfter)
                .containsExactly(
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(30));
    }

    private ShadowSupervisor supervisor(String behaviour) {
        return new ShadowSupervisor(
                JvmCommand.of(SupervisedChild.class, 32).withArguments(behaviour),
                new ShadowSupervisor.Settings(
                        "READY",
                        Duration.ofSeconds(30),
                        Duration.ofMillis(20),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(20)),
                lines::add);
    }
}
