package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pairs from a file, without Kafka. */
final class EvaluateCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private Path config;

    @BeforeEach
    void writeConfiguration() throws IOException {
        config = Files.writeString(folder.resolve("understudy.yaml"), """
                evaluate: {segments: {region: [eu, us]}}
                readiness: {holds: {"0": 1h, "5": 24h}}
                """);
    }

    private Path pairs(String... lines) throws IOException {
        return Files.writeString(folder.resolve("pairs.jsonl"), String.join("\n", lines) + "\n");
    }

    private Ran evaluate(Path input, String... more) {
        String[] arguments = new String[more.length + 5];
        arguments[0] = "evaluate";
        arguments[1] = "-c";
        arguments[2] = config.toString();
        arguments[3] = "--input";
        arguments[4] = input.toString();
        System.arraycopy(more, 0, arguments, 5, more.length);
        return Ran.command(arguments);
    }

    /** Six thousand entities; the candidate is right on all of its requests, production on all but one of thirty. */
    private Path betterCandidate() throws IOException {
        Random random = new Random(5);
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 12_000; i++) {
            int outcome = random.nextInt(4) == 0 ? 1 : 0;
            double candidate = outcome == 1 ? 0.93 : 0.07;
            double production = random.nextInt(30) == 0 ? 1 - candidate : candidate;
            lines.append(String.format(
                    Locale.ROOT,
                    "{\"requestId\":\"r%d\",\"entityId\":\"u%d\",\"time\":\"2026-11-22T%02d:%02d:%02dZ\","
                            + "\"attributes\":{\"region\":\"%s\"},\"production\":{\"score\":%.2f,\"latencyMicros\":900},"
                            + "\"candidate\":{\"score\":%.2f,\"latencyNanos\":800000},\"outcome\":%d,\"batch\":\"b%d\"}%n",
                    i,
                    i % 6_000,
                    i / 600,
                    i / 10 % 60,
                    6 * (i % 10),
                    i % 3 == 0 ? "eu" : "us",
                    production,
                    candidate,
                    outcome,
                    i / 4));
        }
        return Files.writeString(folder.resolve("better.jsonl"), lines);
    }

    @Test
    void file_is_evaluated_as_the_pipeline_would() throws IOException {
        Ran ran = evaluate(betterCandidate(), "--tail", "1ms", "--format", "json");

        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        JsonNode all = JSON.readTree(ran.out()).get(0);
        assertThat(all.path("segment").asText()).isEqualTo("all");
        assertThat(all.path("rank").asInt()).isEqualTo(1);
        assertThat(all.path("accuracy").path("labelled").asLong()).isEqualTo(12_000);
        assertThat(all.path("accuracy").path("accuracyCand").asDouble()).isEqualTo(1.0);
        assertThat(all.path("accuracy").path("accuracyProd").asDouble()).isCloseTo(0.967, within(0.01));
        assertThat(all.path("batchLatency").path("batches").asLong()).isEqualTo(3_000);
        assertThat(all.path("batchLatency").path("ratio").asDouble()).isCloseTo(8.0 / 9, within(1e-6));
        assertThat(all.path("ledger").path("gap").asLong()).isZero();
        assertThat(JSON.readTree(ran.out()))
                .extracting(summary -> summary.path("segment").asText())
                .containsExactlyInAnyOrder("all", "region=eu", "region=us");
    }

    @Test
    void report_for_people_explains_the_verdict() throws IOException {
        Ran ran = evaluate(betterCandidate());

        assertThat(ran.out()).contains("rank", "accuracy", "NOT_READY at 0 % (shadow)", "worst slice", "ledger:");
    }

    @Test
    void batches_without_a_time_of_either_side_are_no_observation_of_latency() throws IOException {
        Ran ran = evaluate(
                pairs(
                        "{\"batch\":\"a\",\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.5}}",
                        "{\"batch\":\"b\",\"production\":{\"score\":0.4,\"latencyNanos\":9},\"candidate\":{\"score\":0.5}}",
                        "{\"batch\":\"c\",\"production\":{\"score\":0.4,\"latencyNanos\":9},"
                                + "\"candidate\":{\"score\":0.5,\"latencyNanos\":9}}"),
                "--tail",
                "1ms",
                "--format",
                "json");

        assertThat(JSON.readTree(ran.out())
                        .get(0)
                        .path("batchLatency")
                        .path("batches")
                        .asLong())
                .isEqualTo(1);
    }

    @Test
    void batch_whose_time_ran_out_for_one_row_is_a_failed_call_on_either_side() throws IOException {
        String answered = "{\"score\":0.5,\"latencyNanos\":9}";
        String ranOut = "{\"error\":\"TIMEOUT\"}";
        String row = "{\"batch\":\"%s\",\"production\":%s,\"candidate\":%s}";
        Ran ran = evaluate(
                pairs(
                        row.formatted("a", answered, answered),
                        row.formatted("a", answered, ranOut),
                        row.formatted("b", answered, answered),
                        row.formatted("b", ranOut, answered),
                        row.formatted("c", ranOut, answered)),
                "--tail",
                "1ms",
                "--format",
                "json");

        JsonNode gates = JSON.readTree(ran.out()).get(0).path("gates");
        assertThat(gates)
                .filteredOn(gate -> gate.path("name").asText().equals("tail-latency"))
                .extracting(gate -> gate.path("observed").asDouble())
                .containsExactly(1 / 3.0);
    }

    @Test
    void stage_between_two_configured_ones_has_the_hold_of_the_lower() throws IOException {
        Ran ran = evaluate(
                pairs("{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.5}}"),
                "--percent",
                "10",
                "--format",
                "json");

        assertThat(JSON.readTree(ran.out())
                        .get(0)
                        .path("stage")
                        .path("holdSeconds")
                        .asLong())
                .isEqualTo(86_400);
    }

    @Test
    void rows_without_a_batch_are_no_observation_of_latency() throws IOException {
        Ran ran = evaluate(
                pairs(
                        "{\"production\":{\"score\":0.4,\"latencyNanos\":1},\"candidate\":{\"score\":0.5,\"latencyNanos\":2}}"),
                "--format",
                "json");

        assertThat(JSON.readTree(ran.out()).get(0).path("batchLatency").isNull())
                .isTrue();
    }

    @Test
    void sides_may_have_labels_probabilities_or_errors() throws IOException {
        Ran ran = evaluate(
                pairs(
                        "{\"production\":{\"label\":\"a\"},\"candidate\":{\"label\":\"b\"},\"outcome\":\"b\"}",
                        "{\"production\":{\"probabilities\":{\"a\":0.6,\"b\":0.4}},"
                                + "\"candidate\":{\"probabilities\":{\"a\":0.5,\"b\":0.5}},\"outcome\":\"a\"}",
                        "{\"production\":{\"label\":\"a\"},\"candidate\":{\"error\":\"TIMEOUT\"}}",
                        "{\"production\":{\"label\":\"a\"},\"candidate\":{\"error\":\"OOM\"}}"),
                "--task",
                "multiclass",
                "--format",
                "json");

        JsonNode all = JSON.readTree(ran.out()).get(0);
        assertThat(all.path("ledger").path("timedOut").asLong()).isEqualTo(1);
        assertThat(all.path("ledger").path("failed").asLong()).isEqualTo(1);
        assertThat(all.path("divergence").path("meanTv").asDouble()).isCloseTo(0.1, within(1e-9));
        assertThat(all.path("accuracy").path("candidateRight").asLong()).isEqualTo(1);
        assertThat(all.path("accuracy").path("bothRight").asLong()).isEqualTo(1);
    }

    @Test
    void bad_lines_are_named_and_the_others_evaluated() throws IOException {
        Ran ran = evaluate(pairs(
                "{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.5}}",
                "not json",
                "{\"production\":{\"score\":0.4}}",
                "{\"production\":{\"scores\":0.4},\"candidate\":{\"score\":0.5}}",
                "{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.5},\"time\":\"yesterday\"}"));

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err())
                .contains("line 2 is left out: not valid JSON")
                .contains("line 3 is left out: \"candidate\" must be an object")
                .contains("line 4 is left out: unknown key 'production.scores'; did you mean 'score'?")
                .contains("line 5 is left out: \"time\" must be a time such as")
                .contains("4 lines were left out");
        assertThat(ran.out()).contains("1 due");
    }

    @Test
    void what_the_file_cannot_show_is_said() throws IOException {
        Ran nothing = evaluate(pairs("{\"production\":{\"score\":0.4},\"candidate\":{\"score\":0.5}}"));
        assertThat(nothing.exitCode()).isZero();
        assertThat(nothing.err()).contains("NO_BATCHES", "no row has a time");

        Ran batches = evaluate(
                pairs(
                        "{\"production\":{\"score\":0.4,\"latencyNanos\":9},\"candidate\":{\"score\":0.5,\"latencyNanos\":9},\"batch\":\"b\",\"time\":1764000000000}"));
        assertThat(batches.err()).contains("NO_REFERENCE: without --tail").doesNotContain("NO_BATCHES", "no row");
    }

    @Test
    void file_without_a_single_pair_is_a_failure() throws IOException {
        Ran ran = evaluate(pairs("not json", "[]"));
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains("there is no pair to evaluate", "2 lines left out");
        assertThat(evaluate(pairs("[]")).err()).contains("1 line left out");
    }

    @Test
    void shipped_example_is_evaluated_without_a_word_of_a_bad_line() throws IOException {
        Ran ran = evaluate(Path.of("examples/pairs.jsonl"), "--format", "json");
        assertThat(ran.exitCode()).isZero();
        JsonNode all = JSON.readTree(ran.out()).get(0);
        assertThat(all.path("divergence").path("n").asLong()).isEqualTo(3_000);
        assertThat(all.path("outcomes").path("joined").asLong()).isEqualTo(3_000);
        assertThat(all.path("verdict").asText()).isEqualTo("NOT_READY");
    }

    @Test
    void missing_file_and_bad_options_say_what_is_right() throws IOException {
        assertThat(evaluate(folder.resolve("none.jsonl")).err()).contains("none.jsonl does not exist");
        assertThat(evaluate(pairs("{}"), "--percent", "101").err()).contains("--percent must be 0 to 100, was 101");
        Ran tail = evaluate(pairs("{}"), "--tail", "0");
        assertThat(tail.exitCode()).isEqualTo(2);
        assertThat(tail.err())
                .contains("--tail: a time with its unit, such as 250us, 1.5ms or 2s, is expected, was '0'");
        assertThat(evaluate(pairs("{}"), "--tail", "1.5").err()).contains("was '1.5'");
    }
}
