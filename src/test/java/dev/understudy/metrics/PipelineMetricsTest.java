package dev.understudy.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.avro.GateResult;
import dev.understudy.avro.GateStatus;
import dev.understudy.avro.LatencySummary;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.PairLatency;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.Verdict;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagHealth;
import dev.understudy.kafka.StageHealth;
import dev.understudy.model.ModelState;
import dev.understudy.report.Board;
import dev.understudy.report.Decided;
import dev.understudy.report.ProcessState;
import dev.understudy.shadow.Quarantined;
import dev.understudy.shadow.ShadowSupervisor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PipelineMetricsTest {
    private static final Instant NOW = Instant.parse("2026-11-27T03:00:00Z");
    private static final Pattern OURS = Pattern.compile("understudy_[a-z_]+");

    private final Board board = new Board();
    private ProcessState process = state(2, 1);
    private final PipelineMetrics metrics = new PipelineMetrics(() -> process, board, Clock.fixed(NOW, ZoneOffset.UTC));

    private static ProcessState state(long deadLetters, int restarts) {
        return new ProcessState(
                List.of(new StageHealth(
                        "score",
                        "RUNNING",
                        Optional.empty(),
                        OptionalLong.of(7),
                        OptionalLong.empty(),
                        deadLetters,
                        Optional.empty())),
                Optional.of(new FlagHealth("file", Optional.of(NOW.minusSeconds(90)), Optional.of("gone"), 4)),
                Map.of("MISSING_FEATURE", 3L),
                List.of(
                        new ModelState(new ModelVersion("v1"), ModelState.Loading.LOADED, Optional.empty()),
                        new ModelState(new ModelVersion("v7"), ModelState.Loading.FAILED, Optional.of("no file"))),
                Optional.of(new ShadowSupervisor.Health(false, restarts, Optional.empty())),
                List.of(new Quarantined(new ModelVersion("v9"), NOW, 1, "it hung")),
                Optional.empty());
    }

    private void decide(Instant validUntil, Verdict verdict) {
        LatencySummary latency = LatencySummary.newBuilder()
                .setCount(10)
                .setP50Nanos(1e6)
                .setP95Nanos(2e6)
                .setP99Nanos(3e6)
                .setRelativeError(0.01)
                .build();
        ReadinessSummary.Builder decided = Decided.on("v2", NOW, validUntil, Decided.models("a", "b"))
                .setVerdict(verdict)
                .setLatency(new PairLatency(latency, latency))
                .setLedger(Ledger.newBuilder()
                        .setEligible(10L)
                        .setCompared(7)
                        .setFailed(1)
                        .setTimedOut(0)
                        .setQuarantined(0)
                        .setShed(0)
                        .setPending(2L)
                        .setGap(0)
                        .build())
                .setGates(List.of(GateResult.newBuilder()
                        .setName("flips")
                        .setStatus(GateStatus.PASS)
                        .setObserved(-0.01)
                        .setBound(-0.02)
                        .setUpperBound(0.0)
                        .setMargin(-0.05)
                        .setRequests(10)
                        .setEntities(5)
                        .build()));
        decided.getDivergenceBuilder().setFlipRate(0.01);
        decided.getExposureBuilder().setServedShare(0.049);
        board.decision(new ConsumerRecord<>("rollout-readiness", 0, 0, "fraud/v1/v2/all", decided.build()));
        board.followed(true, null, 0);
    }

    @AfterEach
    void close() {
        metrics.close();
    }

    @Test
    void values_carry_their_unit_and_what_they_are_of() {
        decide(NOW.plusSeconds(30), Verdict.READY);
        String pair = "candidate=\"v2\",model=\"fraud\",production=\"v1\"";

        assertThat(metrics.scrape().lines())
                .contains("understudy_stage_running{stage=\"score\"} 1.0")
                .contains("understudy_stage_lag_records{stage=\"score\"} 7.0")
                .contains("understudy_stage_dead_letters_total{stage=\"score\"} 2.0")
                .contains("understudy_flags_stale_seconds 90.0", "understudy_flags_unusable_answers_total 4.0")
                .contains("understudy_shadow_process_running 0.0", "understudy_shadow_process_restarts_total 1.0")
                .contains("understudy_quarantined_versions 1.0", "understudy_topics_followed 1.0")
                .contains("understudy_candidate_verdict{" + pair + ",verdict=\"READY\"} 1.0")
                .contains("understudy_candidate_verdict{" + pair + ",verdict=\"HOLD\"} 0.0")
                .contains("understudy_candidate_served_share_ratio{" + pair + "} 0.049")
                .contains("understudy_candidate_declared_share_ratio{" + pair + "} 0.05")
                .contains("understudy_candidate_ledger_requests{candidate=\"v2\",model=\"fraud\",production=\"v1\","
                        + "status=\"pending\"} 2.0")
                .contains(
                        "understudy_candidate_latency_seconds{" + pair + ",quantile=\"0.99\",role=\"candidate\"} 0.003")
                .contains(
                        "understudy_gate_margin{candidate=\"v2\",gate=\"flips\",model=\"fraud\",production=\"v1\"} -0.05");
    }

    @Test
    void a_decision_that_has_expired_counts_as_hold() {
        decide(NOW.minusSeconds(1), Verdict.READY);
        assertThat(metrics.scrape())
                .containsPattern("understudy_candidate_verdict\\{.*verdict=\"HOLD\"} 1.0")
                .containsPattern("understudy_candidate_verdict\\{.*verdict=\"READY\"} 0.0");
    }

    @Test
    void counters_go_on_and_what_is_gone_is_not_told_any_more() {
        decide(NOW.plusSeconds(30), Verdict.READY);
        metrics.scrape();
        process = state(5, 1);
        board.decision(new ConsumerRecord<>("rollout-readiness", 0, 1, "fraud/v1/v2/all", null));

        assertThat(metrics.scrape())
                .contains("understudy_stage_dead_letters_total{stage=\"score\"} 5.0")
                .doesNotContain("candidate=\"v2\"");
    }

    @Test
    void the_documented_metrics_are_those_that_there_are() throws IOException {
        decide(NOW.plusSeconds(30), Verdict.READY);
        Set<String> there = metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("# TYPE understudy_"))
                .map(line -> line.split(" ", -1)[2])
                .map(name -> name.replaceAll("_total$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> documented = Files.readAllLines(Path.of("docs/metrics.md")).stream()
                .filter(line -> line.startsWith("| `understudy_"))
                .map(line -> line.split("`", -1)[1].replaceAll("_total$", ""))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(there).hasSizeGreaterThan(15).isEqualTo(documented);
    }

    @Test
    void dashboard_and_alerts_ask_for_nothing_that_is_not_there() throws IOException {
        decide(NOW.plusSeconds(30), Verdict.READY);
        Set<String> there = metrics.scrape()
                .lines()
                .filter(line -> line.startsWith("understudy_"))
                .map(line -> line.split("[{ ]", -1)[0])
                .collect(Collectors.toSet());
        JsonNode dashboard = new ObjectMapper()
                .readTree(Path.of("deploy/grafana/understudy.json").toFile());
        String asked = Files.readString(Path.of("deploy/prometheus/alerts.yml"))
                + String.join("\n", dashboard.findValuesAsText("expr"))
                + dashboard.path("templating");

        assertThat(OURS.matcher(asked).results().map(result -> result.group()))
                .hasSizeGreaterThan(20)
                .allMatch(there::contains, "is a metric");
    }

    @Test
    void every_alert_has_its_row_in_the_table_of_what_to_do() throws IOException {
        String rows = Files.readAllLines(Path.of("docs/operations.md")).stream()
                .filter(line -> line.startsWith("|"))
                .collect(Collectors.joining("\n"));
        List<String> alerts = Files.readAllLines(Path.of("deploy/prometheus/alerts.yml")).stream()
                .map(String::strip)
                .filter(line -> line.startsWith("- alert: "))
                .map(line -> line.substring("- alert: ".length()))
                .toList();

        assertThat(alerts).hasSizeGreaterThan(10).allMatch(rows::contains, "has a row");
    }
}
