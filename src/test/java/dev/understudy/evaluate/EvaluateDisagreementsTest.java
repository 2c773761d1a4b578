package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.START;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Origin;
import dev.understudy.readiness.ReadinessSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Examples for people: the largest differences of each window. */
final class EvaluateDisagreementsTest {
    private static final Instant AFTER_GRACE = START.plus(Duration.ofMinutes(6));

    private final EvaluateDriver driver = new EvaluateDriver(Map.of("region", List.of("eu")));

    @AfterEach
    void closeDriver() {
        driver.close();
    }

    private static Comparison scored(long offset, double production, double candidate, String region) {
        return SyntheticTraffic.comparison(new Origin(0, offset), "user-" + offset, "v1", "v2", 0)
                .setAttributes(Map.of("region", region))
                .setProduction(result("v1", production))
                .setCandidate(result("v2", candidate))
                .setFeatures(Map.of("amount", "12"))
                .build();
    }

    private static ModelResult result(String version, double score) {
        return ModelResult.newBuilder()
                .setModelVersion(version)
                .setScore(score)
                .setLabel(score >= 0.5 ? "1" : "0")
                .build();
    }

    private List<Disagreement> ofAll() {
        return driver.disagreements().stream()
                .filter(disagreement -> disagreement.getSegment().equals("all"))
                .toList();
    }

    @Test
    void largest_differences_of_either_direction_are_published_when_their_window_closes() {
        for (int i = 1; i <= 9; i++) {
            driver.compare(scored(2L * i, 0.1, 0.1 + i / 20.0, "us"), START);
            driver.compare(scored(2L * i + 1, 0.9, 0.9 - i / 30.0, "us"), START);
        }
        driver.publish();
        List<Disagreement> whileOpen = driver.disagreements();
        driver.compare(scored(100, 0.5, 0.5, "us"), AFTER_GRACE).publish();

        assertThat(whileOpen).isEmpty();
        assertThat(ofAll())
                .extracting(Disagreement::getRequestId, Disagreement::getRank)
                .containsExactlyInAnyOrder(
                        tuple("r-0-18", 1),
                        tuple("r-0-16", 2),
                        tuple("r-0-14", 3),
                        tuple("r-0-19", 1),
                        tuple("r-0-17", 2),
                        tuple("r-0-15", 3));
    }

    @Test
    void each_segment_has_examples_of_its_own() {
        driver.compare(scored(1, 0.1, 0.9, "us"), START).compare(scored(2, 0.1, 0.2, "eu"), START);
        driver.compare(scored(100, 0.5, 0.5, "us"), AFTER_GRACE).publish();

        assertThat(driver.disagreements())
                .extracting(Disagreement::getSegment, Disagreement::getRequestId)
                .containsExactlyInAnyOrder(
                        tuple("all", "r-0-1"),
                        tuple("all", "r-0-2"),
                        tuple("region=other", "r-0-1"),
                        tuple("region=eu", "r-0-2"));
    }

    @Test
    void example_carries_what_a_person_wants_to_see() {
        driver.compare(scored(1, 0.25, 0.75, "us"), START);
        driver.compare(scored(100, 0.5, 0.5, "us"), AFTER_GRACE).publish();

        Disagreement example = ofAll().get(0);

        assertThat(example.getDifference()).isEqualTo(0.5);
        assertThat(example.getProduction().getScore()).contains(0.25);
        assertThat(example.getCandidate().getScore()).contains(0.75);
        assertThat(example.getFeatures()).containsEntry("amount", "12");
        assertThat(example.getWindowStart()).isEqualTo(START);
    }

    @Test
    void equal_answers_are_no_example() {
        driver.compare(scored(1, 0.25, 0.25, "us"), START);
        driver.compare(scored(100, 0.5, 0.5, "us"), AFTER_GRACE).publish();

        assertThat(driver.disagreements()).isEmpty();
    }

    @Test
    void window_that_is_published_again_does_not_repeat_its_examples() {
        driver.compare(scored(1, 0.25, 0.75, "us"), START);
        driver.compare(scored(100, 0.5, 0.5, "us"), AFTER_GRACE).publish();
        driver.disagreements();

        driver.pass(Duration.ofHours(1));

        assertThat(driver.disagreements()).isEmpty();
    }

    @Test
    void none_are_kept_where_none_are_wanted() {
        try (EvaluateDriver without =
                new EvaluateDriver(DefaultSettings.withDisagreements(0), ReadinessSettings.standard())) {
            without.compare(scored(1, 0.25, 0.75, "us"), START);
            without.compare(scored(100, 0.5, 0.5, "us"), AFTER_GRACE).publish();

            assertThat(without.disagreements()).isEmpty();
        }
    }
}
