package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.START;
import static dev.understudy.evaluate.EvaluateDriver.V2;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Exposure;
import dev.understudy.avro.Ledger;
import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.RoutingDecision;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.VerdictReason;
import dev.understudy.avro.WindowSummary;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What SCORE says is due against what SHADOW wrote, and who was served. */
final class EvaluateLedgerTest {
    /** Event time at which windows of the start are older than the lag budget. */
    private static final Instant SETTLED = START.plus(Duration.ofMinutes(11));

    private final EvaluateDriver driver = new EvaluateDriver(Map.of());

    @AfterEach
    void closeDriver() {
        driver.close();
    }

    private ReadinessSummary all() {
        driver.publish();
        return Objects.requireNonNull(driver.readiness().get("fraud/v1/v2|all"));
    }

    private static List<String> codes(ReadinessSummary summary) {
        return summary.getReasons().stream().map(VerdictReason::getCode).toList();
    }

    private static Prediction served(long offset, String entity, String version, RoutingReason reason) {
        Prediction prediction = SyntheticTraffic.prediction(new Origin(0, offset), entity, version, 0, List.of("v2"));
        return Prediction.newBuilder(prediction)
                .setDecision(new RoutingDecision("ml-model-version", version, reason))
                .build();
    }

    /** Twenty entities, each served by the first version as the flag says, then by the other for the reason. */
    private void serveTwice(String first, String then, RoutingReason reason) {
        for (int i = 0; i < 20; i++) {
            driver.predict(served(2L * i, "user-" + i, first, RoutingReason.ROLLOUT), START.plusSeconds(i));
            driver.predict(served(2L * i + 1, "user-" + i, then, reason), START.plusSeconds(i + 1));
        }
        driver.compare(V2, 1, START);
    }

    @Test
    void ledger_balances_when_every_comparison_that_was_due_came() {
        driver.predict(1, START, 0, "v2").predict(2, START, 0, "v2");
        driver.compare(V2, 1, START).compare(V2, 2, START);
        driver.predict(3, SETTLED, 0, "v2").compare(V2, 3, SETTLED);

        Ledger ledger = all().getLedger();

        assertThat(ledger.getEligible()).contains(3L);
        assertThat(ledger.getCompared()).isEqualTo(3);
        assertThat(ledger.getPending()).contains(0L);
        assertThat(ledger.getGap()).isZero();
    }

    @Test
    void what_is_due_within_the_lag_budget_is_pending() {
        driver.predict(1, START, 0, "v2").predict(2, START, 0, "v2").compare(V2, 1, START);

        ReadinessSummary summary = all();

        assertThat(summary.getLedger().getPending()).contains(1L);
        assertThat(summary.getLedger().getGap()).isZero();
        assertThat(codes(summary)).doesNotContain("LEDGER_GAP");
    }

    @Test
    void what_is_due_longer_than_the_lag_budget_is_a_gap_and_holds() {
        driver.predict(1, START, 0, "v2").predict(2, START, 0, "v2").compare(V2, 1, START);
        driver.predict(3, SETTLED, 0, "v2").compare(V2, 3, SETTLED);

        ReadinessSummary summary = all();

        assertThat(summary.getLedger().getGap()).isEqualTo(1);
        assertThat(summary.getLedger().getPending()).contains(0L);
        assertThat(codes(summary)).startsWith("LEDGER_GAP");
    }

    @Test
    void comparison_that_comes_after_all_makes_up_for_the_gap() {
        driver.predict(1, START, 0, "v2").predict(2, START, 0, "v2").compare(V2, 1, START);
        driver.predict(3, SETTLED, 0, "v2");
        long before = all().getLedger().getGap();

        driver.compare(V2, 2, START).compare(V2, 3, SETTLED);

        assertThat(before).isEqualTo(1);
        assertThat(all().getLedger().getGap()).isZero();
    }

    @Test
    void comparison_that_is_read_after_the_predictions_settled_its_window_is_no_surplus_meanwhile() {
        driver.predict(1, START, 0, "v2").predict(2, SETTLED, 0, "v2");
        driver.compare(V2, 1, START).compare(V2, 2, SETTLED);

        ReadinessSummary summary = all();

        assertThat(codes(summary)).doesNotContain("LEDGER_GAP");
        assertThat(summary.getLedger().getPending()).contains(0L);
    }

    @Test
    void comparison_that_was_not_due_is_a_gap() {
        driver.predict(1, START, 0, "v2").compare(V2, 1, START).compare(V2, 2, START);
        driver.predict(3, SETTLED, 0, "v2").compare(V2, 3, SETTLED);

        assertThat(codes(all())).startsWith("LEDGER_GAP");
    }

    @Test
    void repeated_prediction_counts_once() {
        driver.predict(1, START, 0, "v2").predict(1, START, 0, "v2").compare(V2, 1, START);

        assertThat(all().getLedger().getEligible()).contains(1L);
    }

    @Test
    void prediction_that_asked_for_no_candidate_is_not_due() {
        driver.predict(1, START, 0).predict(2, START, 0, "v2").compare(V2, 2, START);

        assertThat(all().getLedger().getEligible()).contains(1L);
    }

    @Test
    void window_says_how_many_comparisons_were_due() {
        driver.predict(1, START, 0, "v2").predict(2, START, 0, "v2").compare(V2, 1, START);
        driver.publish();

        assertThat(driver.windows()).extracting(WindowSummary::getEligible).containsExactly(2L);
    }

    @Test
    void served_share_is_that_of_the_predictions() {
        for (int i = 0; i < 10; i++) {
            driver.predict(served(i, "user-" + i, i < 3 ? "v2" : "v1", RoutingReason.ROLLOUT), START);
        }
        driver.compare(V2, 1, START);

        Exposure exposure = all().getExposure();

        assertThat(exposure.getServedShare()).contains(0.3);
        assertThat(exposure.getEligible()).isEqualTo(10);
    }

    @Test
    void entities_that_go_back_to_production_hold() {
        serveTwice("v2", "v1", RoutingReason.ROLLOUT);

        ReadinessSummary summary = all();

        assertThat(summary.getExposure().getStickyViolations()).isEqualTo(20);
        assertThat(codes(summary)).contains("STICKINESS");
    }

    @Test
    void entities_that_the_candidate_takes_over_do_not_hold() {
        serveTwice("v1", "v2", RoutingReason.ROLLOUT);

        assertThat(codes(all())).doesNotContain("STICKINESS");
    }

    @Test
    void fallback_to_production_is_counted_and_no_breach_of_stickiness() {
        serveTwice("v2", "v1", RoutingReason.FALLBACK);

        ReadinessSummary summary = all();

        assertThat(summary.getExposure().getFallbacks()).isEqualTo(20);
        assertThat(codes(summary)).doesNotContain("STICKINESS");
    }

    @Test
    void flags_that_have_been_stale_for_long_hold() {
        Prediction stale = Prediction.newBuilder(served(1, "user-1", "v1", RoutingReason.ROLLOUT))
                .setFlagsStaleSince(START.minus(Duration.ofMinutes(6)).toEpochMilli())
                .build();
        driver.predict(stale, START).compare(V2, 1, START);
        List<String> whileStale = codes(all());

        driver.predict(served(2, "user-1", "v1", RoutingReason.ROLLOUT), START).compare(V2, 2, START);

        assertThat(whileStale).contains("STALE_FLAGS");
        assertThat(codes(all())).doesNotContain("STALE_FLAGS");
    }

    @Test
    void reading_what_is_long_past_is_stale_input_and_being_idle_is_not() {
        driver.pass(Duration.ofHours(1));
        driver.compare(V2, 1, START);
        driver.publish();
        List<String> whileReading =
                codes(Objects.requireNonNull(driver.readiness().get("fraud/v1/v2|all")));

        driver.pass(Duration.ofSeconds(20));

        assertThat(whileReading).contains("STALE_INPUT");
        assertThat(codes(all())).doesNotContain("STALE_INPUT");
    }
}
