package dev.understudy.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ModelCallsTest {
    private final FakeModels models = new FakeModels();

    @Test
    void all_rows_are_scored_in_one_call_and_carry_its_cost() {
        FakeModels.FakeScorer scorer = models.serve("v1", 0.25);

        List<VersionAnswer> answers = ModelCalls.score(scorer, rows(40));

        assertThat(scorer.calls).containsExactly(40);
        assertThat(answers).hasSize(40).allSatisfy(answer -> {
            assertThat(answer.batchRows()).isEqualTo(40);
            assertThat(answer.batchNanos()).isEqualTo(40_000);
        });
    }

    @Test
    void row_that_breaks_the_call_fails_alone() {
        FakeModels.FakeScorer scorer = models.serve("v1", rows -> failingWhere(rows, 17));

        List<VersionAnswer> answers = ModelCalls.score(scorer, rows(64));

        assertThat(indexesOfFailures(answers)).containsExactly(17);
        assertThat(scorer.calls).hasSizeLessThanOrEqualTo(1 + 2 * 6);
        assertThat(answers.get(17).batchRows()).isEqualTo(1);
    }

    @Test
    void two_rows_that_break_the_call_fail_alone() {
        List<VersionAnswer> answers = ModelCalls.score(models.serve("v1", rows -> failingWhere(rows, 0, 63)), rows(64));

        assertThat(indexesOfFailures(answers)).containsExactly(0, 63);
    }

    @Test
    void rows_that_failed_with_a_part_of_the_batch_are_tried_again() {
        // A model that splits its batch: the part of the broken row fails, the others are scored.
        FakeModels.FakeScorer splitting = models.serve("v1", rows -> {
            List<RowResult> results = new ArrayList<>();
            for (int from = 0; from < rows.size(); from += 4) {
                results.addAll(failingWhere(rows.subList(from, Math.min(rows.size(), from + 4)), 5));
            }
            return results;
        });

        assertThat(indexesOfFailures(ModelCalls.score(splitting, rows(16)))).containsExactly(5);
    }

    @Test
    void row_that_does_not_fit_is_not_tried_again() {
        FakeModels.FakeScorer scorer = models.serve(
                "v1",
                rows -> rows.stream()
                        .<RowResult>map(row -> new RowResult.Failed("WRONG_TYPE", ""))
                        .toList());

        ModelCalls.score(scorer, rows(8));

        assertThat(scorer.calls).containsExactly(8);
    }

    @Test
    void scorer_that_throws_fails_its_rows_and_nothing_else() {
        FakeModels.FakeScorer scorer = models.serve("v1", rows -> {
            throw new IllegalStateException("native trouble");
        });

        assertThat(ModelCalls.score(scorer, rows(3)))
                .hasSize(3)
                .allSatisfy(answer -> assertThat(answer.result())
                        .isEqualTo(new RowResult.Failed(
                                "MODEL_FAILED", "version v1 threw java.lang.IllegalStateException")));
    }

    private static List<RowResult> failingWhere(List<? extends Features> rows, int... poison) {
        boolean breaks = rows.stream().anyMatch(row -> IntStream.of(poison).anyMatch(bad -> bad == number(row)));
        return rows.stream()
                .map(row -> breaks ? FakeModels.broken() : new RowResult.Scored(0.5, "1", Map.of(), null))
                .toList();
    }

    private static int number(Features row) {
        return row instanceof FeatureMap map && map.values().get("n") instanceof FeatureValue.Whole n
                ? (int) n.value()
                : -1;
    }

    private static List<Integer> indexesOfFailures(List<VersionAnswer> answers) {
        return IntStream.range(0, answers.size())
                .filter(i -> answers.get(i).result() instanceof RowResult.Failed)
                .boxed()
                .toList();
    }

    private static List<Features> rows(int count) {
        return IntStream.range(0, count)
                .<Features>mapToObj(n -> new FeatureMap(Map.of("n", new FeatureValue.Whole(n))))
                .toList();
    }
}
