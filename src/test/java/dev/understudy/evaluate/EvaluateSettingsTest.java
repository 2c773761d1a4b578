package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import dev.understudy.readiness.ReadinessSettings;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class EvaluateSettingsTest {
    private static List<String> values(int count) {
        return IntStream.range(0, count).mapToObj(i -> "value-" + i).toList();
    }

    @Test
    void text_of_what_decides_is_the_same_for_the_same_segments_in_another_order_and_another_for_others() {
        String text = EvaluateSettings.defaults(Map.of("region", List.of("eu", "us"), "plan", List.of("pro")))
                .canonical();

        assertThat(EvaluateSettings.defaults(Map.of("plan", List.of("pro"), "region", List.of("us", "eu")))
                        .canonical())
                .isEqualTo(text);
        assertThat(EvaluateSettings.defaults(Map.of("plan", List.of("pro"), "region", List.of("eu")))
                        .canonical())
                .isNotEqualTo(text);
    }

    @Test
    void cache_that_cannot_hold_the_evidence_in_use_is_refused_with_the_numbers() {
        EvaluateSettings settings = EvaluateSettings.defaults(Map.of("region", values(256), "plan", values(256)));

        assertThatThrownBy(() -> settings.streams(64, 1, 6, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("evaluate.cache-mebibytes must be at least \\d{2,3} for 4 pairs"
                        + ", 514 segments, 7 open windows, 6 partitions and 1 threads,"
                        + " was 64");
    }

    @Test
    void cache_that_the_refusal_asks_for_is_enough() {
        EvaluateSettings settings = EvaluateSettings.defaults(Map.of("region", values(256), "plan", values(256)));
        int needed = IntStream.iterate(64, mebibytes -> mebibytes + 1)
                .filter(mebibytes -> isAccepted(settings, mebibytes))
                .findFirst()
                .orElseThrow();

        assertThatThrownBy(() -> settings.streams(needed - 1, 1, 6, 0))
                .hasMessageContaining("at least " + needed + " ");
        assertThat(settings.streams(needed, 1, 6, 0)).containsEntry("statestore.cache.max.bytes", (long) needed << 20);
    }

    private static boolean isAccepted(EvaluateSettings settings, int mebibytes) {
        try {
            settings.streams(mebibytes, 1, 6, 0);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    @Test
    void full_evidence_of_a_busy_pair_is_not_larger_than_the_estimate() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        Random random = new Random(1);
        for (int i = 0; i < 200_000; i++) {
            double score = random.nextDouble();
            Answer answer = new Answer(false, score, score < 0.5 ? "0" : "1", Map.of(), 50_000L << random.nextInt(8));
            evidence.add(PairObservation.of(
                    "user-" + i, i, Task.BINARY, List.of(), CandidateStatus.COMPARED, true, answer, answer));
        }

        assertThat(evidence.bytes()).hasSizeLessThanOrEqualTo(EvaluateSettings.FULL_BYTES);
    }

    @Test
    void more_than_256_values_of_an_attribute_are_refused() {
        assertThatThrownBy(() -> new Segments(Map.of("region", values(257))))
                .hasMessage("evaluate.segments.region must list 1 to 256 values, had 257");
    }

    @Test
    void value_that_stands_for_the_others_is_refused() {
        assertThatThrownBy(() -> new Segments(Map.of("region", List.of("eu", "other"))))
                .hasMessageContaining("evaluate.segments.region")
                .hasMessageContaining("'other'");
    }

    /** Maps made by Map.of iterate in an order that differs from process to process. */
    @Test
    void text_of_readiness_settings_does_not_depend_on_the_order_of_their_maps() {
        assertThat(ReadinessSettings.standard().toBuilder()
                        .margins(Map.of("flips", 0.1, "errors", 0.2, "accuracy", 0.3))
                        .build()
                        .toString())
                .contains("{accuracy=0.3, errors=0.2, flips=0.1}");
    }
}
