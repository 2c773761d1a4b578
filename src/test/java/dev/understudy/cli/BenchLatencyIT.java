package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Latency is measured on a real broker, of a SCORE in a process of its own. */
final class BenchLatencyIT {
    @TempDir
    Path folder;

    @Test
    void every_request_is_answered_and_its_latency_known() throws IOException {
        Ran ran = Ran.command(
                "bench",
                "latency",
                "--quick",
                "--rates",
                "200,10%",
                "--seconds",
                "1",
                "--partitions",
                "2",
                "--guarantees",
                "exactly_once_v2",
                "--commit-interval",
                "50ms",
                "--linger",
                "0ms",
                "--format",
                "json",
                "--directory",
                folder.resolve("bench").toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(ran.out());
        JsonNode saturation = json.path("saturation").path(0).path("recordsPerSecond");
        assertThat(saturation.path("median").asDouble()).isPositive();
        assertThat(json.path("latency")).hasSize(2).allSatisfy(row -> {
            assertThat(row.path("guarantee").asText()).isEqualTo("exactly_once_v2");
            assertThat(row.path("commitInterval").asText()).isEqualTo("50ms");
            assertThat(row.path("linger").asText()).isEqualTo("0s");
            assertThat(row.path("requests").asLong()).isEqualTo(row.path("rate").asLong());
            assertThat(row.path("repeats").asLong()).isZero();
            assertThat(row.path("missing").asLong()).isZero();
            double p50 = row.path("p50Millis").path("median").asDouble();
            assertThat(p50).isPositive();
            assertThat(row.path("p99Millis").path("median").asDouble()).isGreaterThanOrEqualTo(p50);
        });
        assertThat(json.path("latency").path(1).path("percentOfSaturation").asInt())
                .isEqualTo(10);
        assertThat(folder).isEmptyDirectory();
    }
}
