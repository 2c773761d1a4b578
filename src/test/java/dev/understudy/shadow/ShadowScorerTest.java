package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Origin;
import dev.understudy.domain.Requests;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.domain.VersionAnswer;
import dev.understudy.model.FakeModels;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ShadowScorerTest {
    private final FakeModels models = new FakeModels();
    private final ShadowScorer scorer = new ShadowScorer(models, Duration.ofMillis(50));

    @Test
    void served_version_is_not_asked_again() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        models.serve("v2", 0.2);

        ShadowedTarget target = shadow(served("v1", 0.1), target("v1", "v2")).get(0);

        assertThat(v1.calls).isEmpty();
        assertThat(score(target.production())).isEqualTo(0.1);
        assertThat(score(target.candidate())).isEqualTo(0.2);
        assertThat(target.task()).isEqualTo(Task.BINARY);
    }

    @Test
    void production_is_scored_in_shadow_while_the_candidate_serves() {
        models.serve("v1", 0.9);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);

        ShadowedTarget target = shadow(served("v2", 0.3), target("v1", "v2")).get(0);

        assertThat(v2.calls).isEmpty();
        assertThat(score(target.production())).isEqualTo(0.9);
        assertThat(score(target.candidate())).isEqualTo(0.3);
    }

    @Test
    void both_sides_are_scored_where_a_third_version_served() {
        models.serve("v1", 0.9);
        models.serve("v2", 0.2);

        ShadowedTarget target = shadow(served("v3", 0.3), target("v1", "v2")).get(0);

        assertThat(score(target.production())).isEqualTo(0.9);
        assertThat(score(target.candidate())).isEqualTo(0.2);
    }

    @Test
    void version_of_several_targets_is_asked_once_and_targets_keep_their_order() {
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);
        models.serve("v3", 0.3);

        List<ShadowedTarget> targets =
                shadow(served("v1", 0.1), target("v1", "v3"), target("v1", "v2"), target("v2", "v3"));

        assertThat(targets)
                .extracting(target ->
                        target.target().production() + ">" + target.target().candidate())
                .containsExactly("v1>v3", "v1>v2", "v2>v3");
        assertThat(v2.calls).containsExactly(1);
    }

    @Test
    void rows_of_a_batch_go_into_one_call_for_each_version() {
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);
        List<ForkedRequest> rows = IntStream.range(0, 30)
                .mapToObj(n -> forked(n, served("v1", n / 100.0), target("v1", "v2")))
                .toList();

        List<ShadowedRequest> shadowed = scorer.apply(rows, 0);

        assertThat(v2.calls).containsExactly(30);
        assertThat(shadowed).extracting(ShadowedRequest::forked).containsExactlyElementsOf(rows);
        assertThat(shadowed)
                .extracting(row -> score(row.targets().get(0).production()))
                .containsExactlyElementsOf(
                        IntStream.range(0, 30).mapToObj(n -> n / 100.0).toList());
    }

    @Test
    void candidate_that_cannot_be_loaded_fails_with_the_reason_and_without_waiting() {
        models.serve("v1", 0.9);
        models.failToLoad("v2", "model.onnx is cut off");

        ShadowedTarget target = shadow(served("v1", 0.1), target("v1", "v2")).get(0);

        assertThat(target.candidate().result())
                .isEqualTo(new RowResult.Failed(
                        "MODEL_NOT_LOADED", "version v2 of model fraud could not be loaded: model.onnx is cut off"));
        assertThat(target.task()).isEqualTo(Task.BINARY);
    }

    @Test
    void candidate_that_does_not_load_in_time_fails_and_is_not_waited_for_again() {
        models.serve("v1", 0.9);
        ShadowScorer patient = new ShadowScorer(models, Duration.ofMillis(300));
        List<ForkedRequest> row = List.of(forked(0, served("v1", 0.1), target("v1", "v2")));

        ShadowedRequest first = patient.apply(row, 0).get(0);
        long start = System.nanoTime();
        patient.apply(row, 0);

        assertThat(System.nanoTime() - start).isLessThan(Duration.ofMillis(300).toNanos());
        assertThat(first.targets().get(0).candidate().result())
                .isEqualTo(new RowResult.Failed(
                        "MODEL_NOT_LOADED",
                        "version v2 of model fraud could not be loaded: not within shadow.load-timeout=PT0.3S"));
    }

    @Test
    void candidate_that_is_being_loaded_is_waited_for() {
        models.serve("v1", 0.9);
        ShadowScorer patient = new ShadowScorer(models, Duration.ofSeconds(30));
        Thread loader = new Thread(() -> models.serve("v2", 0.2));
        loader.start();

        ShadowedRequest shadowed = patient.apply(List.of(forked(0, served("v1", 0.1), target("v1", "v2"))), 0)
                .get(0);

        assertThat(score(shadowed.targets().get(0).candidate())).isEqualTo(0.2);
    }

    @Test
    void candidate_that_loads_late_is_compared_from_then_on() {
        models.serve("v1", 0.9);
        shadow(served("v1", 0.1), target("v1", "v2"));
        models.serve("v2", 0.2);

        assertThat(score(shadow(served("v1", 0.1), target("v1", "v2")).get(0).candidate()))
                .isEqualTo(0.2);
    }

    @Test
    void task_is_unknown_when_neither_version_can_be_loaded() {
        models.failToLoad("v1", "gone");
        models.failToLoad("v2", "gone");

        assertThat(shadow(served("v1", 0.1), target("v1", "v2")).get(0).task()).isNull();
    }

    @Test
    void request_of_another_model_is_refused() {
        ForkedRequest other =
                new ForkedRequest(new Origin(0, 0), "churn", served("v1", 0.1), List.of(), Requests.of("r", "a", 1));

        assertThatThrownBy(() -> scorer.apply(List.of(other), 0))
                .hasMessage("a shadow request of model 'churn' cannot be scored: this pipeline runs model 'fraud'");
    }

    private List<ShadowedTarget> shadow(VersionAnswer served, ForkTarget... targets) {
        return scorer.apply(List.of(forked(0, served, targets)), 0).get(0).targets();
    }

    static ForkedRequest forked(int n, VersionAnswer served, ForkTarget... targets) {
        return new ForkedRequest(
                new Origin(0, n), "fraud", served, List.of(targets), Requests.of("r" + n, "card-" + n, n));
    }

    static ForkTarget target(String production, String candidate) {
        return new ForkTarget(new ModelVersion(production), new ModelVersion(candidate), 6);
    }

    static VersionAnswer served(String version, double score) {
        return new VersionAnswer(new ModelVersion(version), new RowResult.Scored(score, "0", Map.of(), null), 900, 9);
    }

    private static Double score(VersionAnswer answer) {
        return answer.result() instanceof RowResult.Scored scored && scored.score() != null ? scored.score() : -1.0;
    }
}
