package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Production is measured beside a candidate that fails every call, each stage in a process of its own. */
final class BenchUntouchedIT {
    @TempDir
    Path folder;

    @Test
    void production_answers_and_the_ledger_balances_beside_a_candidate_that_fails() throws IOException {
        Ran ran = Ran.command(
                "bench",
                "untouched",
                "--quick",
                "--no-pin",
                "--scenarios",
                "off,throws",
                "--rate",
                "200",
                "--seconds",
                "4",
                "--partitions",
                "2",
                "--format",
                "json",
                "--directory",
                folder.resolve("bench").toString());

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        JsonNode json = new ObjectMapper().readTree(ran.out());
        assertThat(json.path("shadowHasItsOwnCore").asBoolean()).isFalse();
        assertThat(json.path("scenarios"))
                .hasSize(2)
                .allSatisfy(row -> assertThat(row.path("missing").asLong()).isZero());
        JsonNode off = json.path("scenarios").path(0);
        assertThat(off.path("scenario").asText()).isEqualTo("off");
        assertThat(off.has("ledger")).isFalse();
        JsonNode fails = json.path("scenarios").path(1);
        assertThat(fails.path("scenario").asText()).isEqualTo("throws");
        assertThat(fails.path("restarts").asInt()).isZero();
        JsonNode ledger = fails.path("ledger");
        assertThat(ledger.path("balanced").asBoolean()).isTrue();
        assertThat(ledger.path("eligible").asLong()).isGreaterThanOrEqualTo(4 * 200);
        assertThat(ledger.path("compared").asLong()).isZero();
    }
}
