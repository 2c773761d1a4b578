package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.SoakBench;
import dev.understudy.bench.SoakResult;
import dev.understudy.bench.SoakSettings;
import dev.understudy.model.ModelException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole pipeline runs for a while, each stage in a process of its own, and its memory is watched. */
final class SoakBenchIT {
    @TempDir
    Path folder;

    @Test
    void memory_of_every_process_is_known_and_every_request_is_answered() throws ModelException, IOException {
        SoakSettings settings = new SoakSettings(
                Path.of("models/bench-linear/v1"),
                folder.resolve("bench"),
                2,
                200,
                Duration.ofSeconds(8),
                Duration.ofSeconds(1));

        SoakResult result = new SoakBench(settings, RunCommand::stageProcess, line -> {}).run();

        assertThat(result.requests()).isEqualTo(1_600);
        assertThat(result.missing()).isZero();
        assertThat(result.processes())
                .extracting(SoakResult.ProcessMemory::stage)
                .containsExactly("score", "shadow", "evaluate");
        assertThat(result.processes()).allSatisfy(process -> {
            assertThat(process.heap().earlyBytes()).isBetween(1L << 20, 512L << 20);
            assertThat(process.heap().endBytes()).isBetween(1L << 20, 512L << 20);
        });
    }
}
