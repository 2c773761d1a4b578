package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.START;
import static dev.understudy.evaluate.EvaluateDriver.V2;
import static dev.understudy.evaluate.EvaluateDriver.V3;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Accuracy;
import dev.understudy.avro.OutcomeCounts;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.readiness.ReadinessSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outcomes, joined with comparisons of their request whichever is read first. */
final class EvaluateOutcomesTest {
    private static final Duration MATURITY = Duration.ofHours(1);

    /** Event time at which requests of {@link EvaluateDriver#START} and their whole cohort are mature. */
    private static final Instant MATURE = START.plus(MATURITY).plus(Duration.ofMinutes(11));

    private final EvaluateDriver driver = new EvaluateDriver(Map.of("region", List.of("eu")));

    @AfterEach
    void closeDriver() {
        driver.close();
    }

    private ReadinessSummary all() {
        driver.publish();
        return Objects.requireNonNull(driver.readiness().get("fraud/v1/v2|all"));
    }

    private OutcomeCounts counts() {
        return all().getOutcomes().orElseThrow();
    }

    /** Another request moves event time to where those of the start are mature. */
    private void mature() {
        driver.compareAs("later", V2, 1_000, MATURE);
    }

    private Accuracy accuracy() {
        return all().getAccuracy().orElseThrow();
    }

    @Test
    void outcome_after_its_comparison_is_joined() {
        driver.compareAs("a", V2, 1, START).happened("a", 1, "0", START.plusSeconds(30));
        mature();

        assertThat(counts().getJoined()).isEqualTo(1);
        assertThat(accuracy().getLabelled()).isEqualTo(1);
    }

    @Test
    void outcome_that_is_read_before_its_comparison_is_joined_all_the_same() {
        driver.happened("a", 1, "0", START.plusSeconds(30)).compareAs("a", V2, 1, START);
        mature();

        assertThat(counts().getJoined()).isEqualTo(1);
        assertThat(counts().getUnmatched()).isZero();
        assertThat(accuracy().getLabelled()).isEqualTo(1);
        assertThat(accuracy().getBothRight()).isEqualTo(1);
    }

    @Test
    void outcome_counts_for_every_candidate_of_its_request_and_is_joined_once() {
        driver.compareAs("a", V2, 1, START)
                .happened("a", 1, "0", START.plusSeconds(30))
                .compareAs("a", V3, 1, START);
        driver.compareAs("later", V2, 1_000, MATURE).compareAs("later", V3, 1_000, MATURE);
        driver.publish();

        Map<String, ReadinessSummary> readiness = driver.readiness();
        for (String key : List.of("fraud/v1/v2|all", "fraud/v1/v3|all")) {
            ReadinessSummary summary = Objects.requireNonNull(readiness.get(key));
            assertThat(summary.getAccuracy().orElseThrow().getLabelled())
                    .as(key)
                    .isEqualTo(1);
            assertThat(summary.getOutcomes().orElseThrow().getJoined()).as(key).isEqualTo(1);
        }
    }

    @Test
    void young_requests_do_not_count_whether_or_not_their_outcome_is_there() {
        driver.compareAs("a", V2, 1, START).happened("a", 1, "0", START.plusSeconds(1));
        driver.compareAs("b", V2, 2, START.plus(MATURITY));

        assertThat(all().getAccuracy()).isEmpty();
        assertThat(counts().getJoined()).isEqualTo(1);
    }

    @Test
    void mature_request_without_an_outcome_counts_as_unlabelled_until_it_comes() {
        driver.compareAs("a", V2, 1, START).compareAs("b", V2, 2, START).happened("b", 2, "0", START.plusSeconds(1));
        mature();
        double before = accuracy().getCoverage().orElseThrow();

        driver.happened("a", 1, "1", START.plus(Duration.ofHours(30)));

        assertThat(before).isEqualTo(0.5);
        assertThat(accuracy().getCoverage()).contains(1.0);
        assertThat(accuracy().getBothWrong()).isEqualTo(1);
        assertThat(counts().getLate()).isEqualTo(1);
    }

    @Test
    void outcome_observed_before_its_request_is_joined_and_counted_as_early() {
        driver.compareAs("a", V2, 1, START).happened("a", 1, "0", START.minusSeconds(5));

        assertThat(counts().getEarly()).isEqualTo(1);
        assertThat(counts().getJoined()).isEqualTo(1);
    }

    @Test
    void outcome_observed_after_the_retention_is_left_out_and_counted() {
        driver.compareAs("a", V2, 1, START)
                .happened("a", 1, "0", START.plus(Duration.ofDays(7)).plusSeconds(1));
        mature();

        assertThat(counts().getTooLate()).isEqualTo(1);
        assertThat(counts().getJoined()).isZero();
        assertThat(accuracy().getLabelled()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void outcome_is_counted_as_the_first_comparison_of_its_request_has_it_whenever_it_is_read(int after) {
        List<Runnable> comparisons = List.of(
                () -> driver.compareAs("a", V2, 1, START),
                () -> driver.compareAs("a", V3, 1, START.minus(Duration.ofDays(2))));
        comparisons.subList(0, after).forEach(Runnable::run);
        driver.happened("a", 1, "0", START.plus(Duration.ofDays(6)));
        comparisons.subList(after, 2).forEach(Runnable::run);

        assertThat(counts())
                .isEqualTo(OutcomeCounts.newBuilder()
                        .setJoined(1)
                        .setEarly(0)
                        .setLate(1)
                        .setTooLate(0)
                        .setDuplicate(0)
                        .setConflicting(0)
                        .setUnknownLabel(0)
                        .setUnmatched(0)
                        .build());
    }

    @Test
    void outcome_of_an_epoch_whose_evidence_is_gone_does_not_bring_the_epoch_back() {
        try (EvaluateDriver impatient = new EvaluateDriver(
                DefaultSettings.withEpochRetention(Duration.ofDays(1)), ReadinessSettings.standard())) {
            impatient.compareAs("a", V2, 1, START).publish();
            impatient.compareAs("b", V3, 2, START.plus(Duration.ofDays(2))).publish();
            impatient.readiness();

            impatient
                    .happened("a", 1, "0", START.plus(Duration.ofDays(2)))
                    .publish()
                    .publish();

            ReadinessSummary other =
                    Objects.requireNonNull(impatient.readiness().get("fraud/v1/v3|all"));
            assertThat(other.getOutcomes().orElseThrow().getJoined()).isEqualTo(1);
            assertThat(impatient.keys(EvaluateTopology.PARTIAL_EVIDENCE)).noneMatch(key -> key.contains("fraud/v1/v2"));
            assertThat(impatient.keys(EvaluateTopology.MERGED_EVIDENCE)).noneMatch(key -> key.contains("fraud/v1/v2"));
        }
    }

    @Test
    void what_is_said_twice_or_contradicted_counts_once_as_it_was_said_first() {
        driver.compareAs("a", V2, 1, START)
                .happened("a", 1, "0", START.plusSeconds(1))
                .happened("a", 1, "0", START.plusSeconds(2))
                .happened("a", 1, "1", START.plusSeconds(3));
        mature();

        assertThat(counts().getDuplicate()).isEqualTo(1);
        assertThat(counts().getConflicting()).isEqualTo(1);
        assertThat(accuracy().getLabelled()).isEqualTo(1);
        assertThat(accuracy().getBothRight()).isEqualTo(1);
    }

    @Test
    void outcome_without_a_request_is_counted_as_unmatched() {
        driver.compareAs("a", V2, 1, START).happened("a", 2, "0", START.plusSeconds(1));

        assertThat(counts().getUnmatched()).isEqualTo(1);
    }

    @Test
    void outcome_of_another_entity_with_the_same_request_id_is_not_joined() {
        driver.compareAs("a", V2, 1, START).happened("b", 1, "0", START.plusSeconds(1));

        assertThat(counts().getJoined()).isZero();
        assertThat(counts().getUnmatched()).isEqualTo(1);
    }

    @Test
    void outcome_that_names_no_class_of_the_model_is_counted_and_left_out() {
        driver.compareAs("a", V2, 1, START).happened("a", 1, "maybe", START.plusSeconds(1));
        mature();

        assertThat(counts().getUnknownLabel()).isEqualTo(1);
        assertThat(accuracy().getLabelled()).isZero();
    }

    @Test
    void segments_have_the_outcomes_of_their_requests() {
        driver.compare(V2, 1, START, 0, Map.of("region", "eu")).happened("user-1", 1, "0", START.plusSeconds(1));
        mature();
        driver.publish();

        Map<String, ReadinessSummary> readiness = driver.readiness();
        assertThat(Objects.requireNonNull(readiness.get("fraud/v1/v2|region=eu"))
                        .getAccuracy()
                        .orElseThrow()
                        .getLabelled())
                .isEqualTo(1);
    }

    @Test
    void repeated_comparison_is_not_labelled_twice() {
        driver.compareAs("a", V2, 1, START).compareAs("a", V2, 1, START).happened("a", 1, "0", START.plusSeconds(1));
        mature();

        assertThat(accuracy().getRequests()).isEqualTo(1);
        assertThat(accuracy().getLabelled()).isEqualTo(1);
    }
}
