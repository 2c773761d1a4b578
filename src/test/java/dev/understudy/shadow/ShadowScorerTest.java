package dev.understudy.shadow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.ComparisonStatus;
import dev.understudy.broker.Await;
import dev.understudy.domain.FeatureMap;
import dev.understudy.domain.FeatureValue;
import dev.understudy.domain.Features;
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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class ShadowScorerTest {
    @RegisterExtension
    final ShadowScorers scorers = new ShadowScorers();

    private final FakeModels models = new FakeModels();
    private final ShadowScorer scorer = withoutTrials(Duration.ofMillis(50));

    @Test
    void served_version_is_not_asked_again() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        models.serve("v2", 0.2);

        ShadowedTarget target = shadow(served("v1", 0.1), target("v1", "v2")).get(0);

        assertThat(v1.calls).isEmpty();
        assertThat(score(target.production())).isEqualTo(0.1);
        assertThat(score(target.candidate())).isEqualTo(0.2);
        assertThat(target.models().task()).isEqualTo(Task.BINARY);
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
        assertThat(target.models().task()).isEqualTo(Task.BINARY);
    }

    @Test
    void candidate_that_does_not_load_in_time_fails_and_is_not_waited_for_again() {
        models.serve("v1", 0.9);
        ShadowScorer patient = withoutTrials(Duration.ofMillis(300));
        List<ForkedRequest> row = List.of(forked(0, served("v1", 0.1), target("v1", "v2")));

        ShadowedRequest first = patient.apply(row, 0).get(0);
        long start = System.nanoTime();
        patient.apply(row, 0);

        assertThat(System.nanoTime() - start).isLessThan(Duration.ofMillis(300).toNanos());
        assertThat(first.targets().get(0).candidate().result())
                .isEqualTo(new RowResult.Failed(
                        "MODEL_NOT_LOADED",
                        "version v2 of model fraud could not be loaded: not within shadow.load-timeout=300ms"));
    }

    @Test
    void candidate_that_is_being_loaded_is_waited_for() {
        models.serve("v1", 0.9);
        ShadowScorer patient = withoutTrials(Duration.ofSeconds(30));
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

        assertThat(shadow(served("v1", 0.1), target("v1", "v2")).get(0).models().task())
                .isNull();
    }

    @Test
    void classes_are_those_of_the_candidate_with_the_positive_one_second() {
        models.serve("v1", 0.9).is(Task.BINARY, 1, "stay", "churn");
        models.serve("v2", 0.2).is(Task.BINARY, 0, "churn", "stay");

        ShadowedTarget.Models both =
                shadow(served("v1", 0.1), target("v1", "v2")).get(0).models();

        assertThat(both.classes()).containsExactly("stay", "churn");
        assertThat(both.mismatch()).isNull();
    }

    @Test
    void classes_are_those_of_production_where_the_candidate_is_not_loaded() {
        models.serve("v1", 0.9).is(Task.MULTICLASS, 1, "a", "b", "c");
        models.failToLoad("v2", "cut off");

        assertThat(shadow(served("v1", 0.1), target("v1", "v2")).get(0).models())
                .isEqualTo(new ShadowedTarget.Models(Task.MULTICLASS, List.of("a", "b", "c"), null));
    }

    @Test
    void mismatch_is_told_once_both_versions_are_loaded() {
        models.serve("v2", 0.2).is(Task.REGRESSION, 1);

        assertThat(shadow(served("v1", 0.1), target("v1", "v2")).get(0).models().mismatch())
                .isNull();
        models.serve("v1", 0.9);
        assertThat(shadow(served("v1", 0.1), target("v1", "v2")).get(0).models())
                .isEqualTo(new ShadowedTarget.Models(
                        Task.REGRESSION,
                        List.of(),
                        "production v1 is a binary model, candidate v2 a regression model"));
    }

    @Test
    void trial_calls_both_versions_three_times_on_the_same_rows() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9).takes(3_000);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2).takes(5_000);
        List<ForkedRequest> rows = batch(30, n -> served("v1", 0.1));

        List<ShadowedTarget> targets = targets(withTrials().apply(rows, 0));

        assertThat(v1.calls).containsExactly(30, 30, 30);
        assertThat(v2.calls).containsExactly(30, 30, 30);
        assertThat(targets.get(0).times()).isEqualTo(new BatchTimes(30, 90_000, 150_000, 90_000, false, false));
        assertThat(targets.subList(1, 30)).extracting(ShadowedTarget::times).containsOnlyNulls();
        assertThat(targets).allSatisfy(target -> {
            assertThat(score(target.production())).isEqualTo(0.1);
            assertThat(score(target.candidate())).isEqualTo(0.2);
        });
    }

    @Test
    void trial_gives_productions_answers_where_the_candidate_served() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);
        List<ForkedRequest> rows = batch(4, n -> n < 2 ? served("v1", 0.1) : served("v2", 0.3));

        List<ShadowedTarget> targets = targets(withTrials().apply(rows, 0));

        assertThat(v1.calls).containsExactly(4, 4, 4, 4);
        assertThat(v2.calls).containsExactly(4, 4, 4, 4);
        assertThat(targets).extracting(target -> score(target.production())).containsExactly(0.1, 0.1, 0.9, 0.9);
        assertThat(targets).extracting(target -> score(target.candidate())).containsExactly(0.2, 0.2, 0.3, 0.3);
    }

    @Test
    void rows_that_one_version_cannot_score_are_left_out_of_the_trial_and_answered_as_ever() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.9).takesOnly(row -> amount(row) != 0);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2).takesOnly(row -> amount(row) != 2);
        List<ForkedRequest> rows = batch(4, n -> served("v1", 0.1));

        List<ShadowedTarget> targets = targets(withTrials().apply(rows, 0));

        assertThat(v1.calls).hasSize(6).containsOnly(2);
        assertThat(v2.calls).hasSize(7).containsOnly(2);
        assertThat(targets.get(0).times()).isNull();
        BatchTimes times = targets.get(1).times();
        assertThat(times == null ? 0 : times.rows()).isEqualTo(2);
        assertThat(targets).extracting(target -> score(target.candidate())).containsExactly(0.2, 0.2, -1.0, 0.2);
        assertThat(targets.get(2).candidate().result())
                .isInstanceOfSatisfying(
                        RowResult.Failed.class,
                        failed -> assertThat(failed.code()).isEqualTo("MISSING_FEATURE"));
    }

    @Test
    void call_that_fails_in_a_trial_is_told_and_its_rows_are_then_scored_alone() {
        models.serve("v1", 0.9);
        FakeModels.FakeScorer v2 = models.serve("v2", rows -> {
            boolean breaks = rows.stream().anyMatch(row -> amount(row) == 1);
            return rows.stream()
                    .<RowResult>map(
                            row -> breaks ? FakeModels.broken() : new RowResult.Scored(0.2, "0", Map.of(), null))
                    .toList();
        });

        List<ShadowedTarget> targets = targets(withTrials().apply(batch(4, n -> served("v1", 0.1)), 0));

        assertThat(targets.get(0).times()).isEqualTo(new BatchTimes(4, 4_000, 4_000, 4_000, false, true));
        assertThat(targets).extracting(target -> score(target.candidate())).containsExactly(0.2, -1.0, 0.2, 0.2);
        assertThat(v2.calls.get(0)).isEqualTo(4);
    }

    @Test
    void production_that_fails_in_a_trial_is_told() {
        models.serveBroken("v1");
        models.serve("v2", 0.2);

        BatchTimes times = targets(withTrials().apply(batch(1, n -> served("v1", 0.1)), 0))
                .get(0)
                .times();

        assertThat(times).isEqualTo(new BatchTimes(1, 1_000, 1_000, 1_000, true, false));
    }

    @Test
    void there_is_no_trial_before_production_is_loaded() {
        FakeModels.FakeScorer v2 = models.serve("v2", 0.2);

        assertThat(targets(withTrials().apply(batch(3, n -> served("v1", 0.1)), 0)))
                .extracting(ShadowedTarget::times)
                .containsOnlyNulls();
        assertThat(v2.calls).containsExactly(3);
    }

    @Test
    void call_that_fails_after_the_first_is_told_and_the_answers_stay_those_of_the_first() {
        models.serve("v1", 0.9);
        AtomicInteger calls = new AtomicInteger();
        models.serve(
                "v2",
                rows -> List.of(
                        calls.incrementAndGet() == 10
                                ? FakeModels.broken()
                                : new RowResult.Scored(0.2, "0", Map.of(), null)));

        List<ShadowedTarget> targets = targets(withTrials().apply(batch(1, n -> served("v1", 0.1)), 0));

        assertThat(targets.get(0).times()).isEqualTo(new BatchTimes(1, 1_000, 1_000, 1_000, false, true));
        assertThat(score(targets.get(0).candidate())).isEqualTo(0.2);
    }

    @Test
    void batch_has_a_trial_of_one_of_its_pairs_and_in_time_of_each() {
        models.serve("v1", 0.9);
        models.serve("v2", 0.2);
        models.serve("v3", 0.3);
        ForkedRequest row = forked(0, served("v1", 0.1), target("v1", "v2"), target("v1", "v3"));
        ShadowScorer scorer = withTrials();

        Set<String> tried = new HashSet<>();
        for (int n = 0; n < 100; n++) {
            List<ShadowedTarget> timed = targets(scorer.apply(List.of(row), 0)).stream()
                    .filter(target -> target.times() != null)
                    .toList();
            assertThat(timed).hasSize(1);
            tried.add(timed.get(0).target().candidate().name());
        }

        assertThat(tried).containsExactlyInAnyOrder("v2", "v3");
    }

    @Test
    void share_of_the_batches_has_a_trial() {
        models.serve("v1", 0.9);
        models.serve("v2", 0.2);
        ShadowScorer tenth = scorers.of(models, ShadowScorers.settings(Duration.ofMillis(50), 0.1));
        List<ForkedRequest> row = batch(1, n -> served("v1", 0.1));

        long tried = IntStream.range(0, 2_000)
                .filter(n -> targets(tenth.apply(row, 0)).get(0).times() != null)
                .count();

        // Five standard deviations of 2,000 draws.
        assertThat(tried).isBetween(133L, 267L);
    }

    @Test
    void named_features_are_shown_where_both_versions_answered() {
        models.serve("v1", 0.9);
        models.serve("v2", 0.2);
        models.serve("v3", rows -> List.of(new RowResult.Failed("WRONG_TYPE", "")));
        ShadowScorer showing =
                scorers.of(models, ShadowScorers.settings(Duration.ofMillis(50), 0, "amount", "not there"));

        List<ShadowedTarget> targets = targets(
                showing.apply(List.of(forked(7, served("v1", 0.1), target("v1", "v2"), target("v1", "v3"))), 0));

        assertThat(targets.get(0).features()).containsExactly(Map.entry("amount", "7.0"));
        assertThat(targets.get(1).features()).isEmpty();
    }

    @Test
    void no_features_are_shown_unless_named() {
        models.serve("v2", 0.2);

        assertThat(shadow(served("v1", 0.1), target("v1", "v2")).get(0).features())
                .isEmpty();
    }

    @Test
    void version_that_fails_batch_after_batch_is_not_called_any_more() {
        FakeModels.FakeScorer v2 = models.serveBroken("v2");
        List<ForkedRequest> rows = batch(100, n -> served("v1", 0.1));
        for (int batch = 0; batch < Quarantine.BATCHES; batch++) {
            assertThat(statuses(scorer.apply(rows, 0))).containsOnly(ComparisonStatus.CANDIDATE_FAILED);
        }
        v2.calls.clear();

        assertThat(statuses(scorer.apply(rows, 0))).hasSize(100).containsOnly(ComparisonStatus.QUARANTINED);
        assertThat(v2.calls).isEmpty();
    }

    @Test
    void batch_beyond_its_time_limit_times_out_and_is_not_tried_row_by_row() {
        CountDownLatch ended = new CountDownLatch(1);
        FakeModels.FakeScorer v2 = models.serveBroken("v2").onEnd(ended::countDown);
        v2.onCall(() -> {
            try {
                ended.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        ShadowScorer strict = scorers.of(models, limits(Duration.ofMillis(100), Duration.ofMinutes(2)));

        List<ShadowedRequest> shadowed = strict.apply(batch(100, n -> served("v1", 0.1)), 0);

        assertThat(statuses(shadowed)).hasSize(100).containsOnly(ComparisonStatus.TIMED_OUT);
        assertThat(v2.calls).containsExactly(100);
    }

    @Test
    void entities_are_left_out_while_the_lag_grows_whichever_arm_served_them() {
        models.serve("v1", 0.9);
        models.serve("v2", 0.2);
        AtomicLong nowMillis = new AtomicLong(1_000_000);
        ShadowScorer behind = scorers.of(
                models,
                limits(Duration.ofSeconds(5), Duration.ofMillis(12)),
                () -> Instant.ofEpochMilli(nowMillis.addAndGet(1_000)));
        List<ForkedRequest> rows = IntStream.range(0, 100)
                .mapToObj(n -> forkedAt(1, n, served(n % 2 == 0 ? "v1" : "v2", 0.1), target("v1", "v2")))
                .toList();

        List<List<ComparisonStatus>> seen = new ArrayList<>();
        Await.until("three quarters are left out", Duration.ofSeconds(30), () -> {
            seen.add(statuses(behind.apply(rows, 0)));
            return Collections.frequency(seen.get(seen.size() - 1), ComparisonStatus.SHED) > 70;
        });

        assertThat(seen.get(0)).containsOnly(ComparisonStatus.COMPARED);
        assertThat(seen.get(seen.size() - 1)).contains(ComparisonStatus.COMPARED, ComparisonStatus.SHED);
        // Whoever was left out once stays so while the share falls.
        for (int row = 0; row < rows.size(); row++) {
            int own = row;
            assertThat(seen.stream().map(statuses -> statuses.get(own)).toList())
                    .isSorted();
        }
    }

    private static ShadowSettings limits(Duration timeLimit, Duration lagBudget) {
        ShadowSettings standard = ShadowSettings.standard();
        return new ShadowSettings(
                standard.loadTimeout(),
                timeLimit,
                standard.hangLimit(),
                standard.quarantine(),
                lagBudget,
                0,
                List.of());
    }

    private static List<ComparisonStatus> statuses(List<ShadowedRequest> shadowed) {
        return shadowed.stream()
                .map(row -> Comparisons.of(row.forked(), row.targets().get(0)).getStatus())
                .toList();
    }

    @Test
    void request_of_another_model_is_refused() {
        ForkedRequest other =
                new ForkedRequest(new Origin(0, 0), "churn", served("v1", 0.1), List.of(), 0, Requests.of("r", "a", 1));

        assertThatThrownBy(() -> scorer.apply(List.of(other), 0))
                .hasMessage("a shadow request of model 'churn' cannot be scored: this pipeline runs model 'fraud'");
    }

    private ShadowScorer withoutTrials(Duration loadTimeout) {
        return scorers.of(models, ShadowScorers.settings(loadTimeout, 0));
    }

    private ShadowScorer withTrials() {
        return scorers.of(models, ShadowScorers.settings(Duration.ofMillis(50), 1));
    }

    private static List<ForkedRequest> batch(int rows, IntFunction<VersionAnswer> served) {
        return IntStream.range(0, rows)
                .mapToObj(n -> forked(n, served.apply(n), target("v1", "v2")))
                .toList();
    }

    private static List<ShadowedTarget> targets(List<ShadowedRequest> shadowed) {
        return shadowed.stream().flatMap(row -> row.targets().stream()).toList();
    }

    private static double amount(Features row) {
        return FeatureMap.copyOf(row).values().get("amount") instanceof FeatureValue.Real real ? real.value() : -1;
    }

    private List<ShadowedTarget> shadow(VersionAnswer served, ForkTarget... targets) {
        return scorer.apply(List.of(forked(0, served, targets)), 0).get(0).targets();
    }

    static ForkedRequest forked(int n, VersionAnswer served, ForkTarget... targets) {
        return forkedAt(0, n, served, targets);
    }

    private static ForkedRequest forkedAt(long millis, int n, VersionAnswer served, ForkTarget... targets) {
        return new ForkedRequest(
                new Origin(0, n), "fraud", served, List.of(targets), millis, Requests.of("r" + n, "card-" + n, n));
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
