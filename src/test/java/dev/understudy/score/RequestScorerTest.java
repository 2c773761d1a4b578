package dev.understudy.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Request;
import dev.understudy.domain.Requests;
import dev.understudy.domain.RoutingReason;
import dev.understudy.domain.RowResult;
import dev.understudy.flags.FixedFlags;
import dev.understudy.model.FakeModels;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class RequestScorerTest {
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final ModelVersion V2 = new ModelVersion("v2");

    private final FixedFlags flags = new FixedFlags("v1");
    private final FakeModels models = new FakeModels();
    private final DeclaredStages stages = new DeclaredStages();
    private final AtomicLong nanos = new AtomicLong(500);
    private final HangWatchdog watchdog = new HangWatchdog(Duration.ofMinutes(1), () -> {
        throw new AssertionError("no call of this test hangs");
    });
    private final RequestScorer scorer =
            new RequestScorer(flags, models, stages, watchdog, nanos::get, () -> Instant.ofEpochMilli(77));

    @AfterEach
    void close() {
        watchdog.close();
    }

    @Test
    void rows_of_one_version_go_into_one_call_and_answers_keep_the_order() {
        FakeModels.FakeScorer v1 = models.serve("v1", 0.1);
        FakeModels.FakeScorer v2 = models.serve("v2", 0.9);
        flags.serveTo("b", "v2");

        List<ScoredRequest> scored = scorer.apply(List.of(request("a"), request("b"), request("a"), request("b")), 0);

        assertThat(scored).extracting(s -> s.answer().version().name()).containsExactly("v1", "v2", "v1", "v2");
        assertThat(scored).extracting(s -> s.request().entityId()).containsExactly("a", "b", "a", "b");
        assertThat(v1.calls).containsExactly(2);
        assertThat(v2.calls).containsExactly(2);
    }

    @Test
    void time_between_poll_and_call_is_told() {
        models.serve("v1", 0.1);
        nanos.set(1_700);

        assertThat(score("a", 1_000).queueNanos()).isEqualTo(700);
    }

    @Test
    void scored_request_says_who_served_why_and_when() {
        models.serve("v1", 0.1);
        flags.serveTo("a", "v1");

        ScoredRequest scored = score("a", 0);

        assertThat(scored.modelFound()).isTrue();
        assertThat(scored.decision().reason()).isEqualTo(RoutingReason.TARGET);
        assertThat(scored.scoredAtMillis()).isEqualTo(77);
        assertThat(scored.targets()).isEmpty();
        assertThat(counted()).isEmpty();
    }

    @Test
    void version_that_is_not_ready_is_replaced_by_the_last_good_one() {
        models.serve("v1", 0.1);
        score("a", 0);
        flags.serve("v2");

        ScoredRequest scored = score("a", 0);

        assertThat(scored.answer().version()).isEqualTo(V1);
        assertThat(scored.decision().version()).isEqualTo(V1);
        assertThat(scored.decision().variation()).isEqualTo("v2");
        assertThat(scored.decision().reason()).isEqualTo(RoutingReason.FALLBACK);
        assertThat(counted()).containsExactly(Map.entry("FALLBACK_NOT_READY", 1L));
    }

    @Test
    void spare_stands_in_before_any_version_has_served() {
        models.serve("v1", 0.1);
        scorer.withSpare(V1);
        flags.serve("v2");

        ScoredRequest scored = score("a", 0);

        assertThat(scored.answer().version()).isEqualTo(V1);
        assertThat(scored.decision().reason()).isEqualTo(RoutingReason.FALLBACK);
    }

    @Test
    void candidate_that_serves_a_share_does_not_come_to_stand_in_for_production() {
        models.serve("v1", 0.1);
        models.serve("v2", 0.2);
        stages.declare("fraud", "v1", "v2", 4);
        score("a", 0);
        flags.serve("v2");
        score("a", 0);
        flags.serve("v9");

        assertThat(score("a", 0).answer().version()).isEqualTo(V1);
    }

    @Test
    void version_serves_once_it_is_ready() {
        models.serve("v1", 0.1);
        score("a", 0);
        flags.serve("v2");
        score("a", 0);
        models.serve("v2", 0.9);

        assertThat(score("a", 0).answer().version()).isEqualTo(V2);
    }

    @Test
    void candidate_that_is_not_ready_is_replaced_by_the_production_of_its_stage() {
        models.serve("v1", 0.1);
        models.serve("v3", 0.3);
        flags.serve("v3");
        score("a", 0);
        stages.declare("fraud", "v1", "v2", 4);
        flags.serve("v2");

        assertThat(score("a", 0).answer().version()).isEqualTo(V1);
    }

    @Test
    void without_any_version_the_prediction_fails_and_says_why() {
        models.failToLoad("v1", "model.onnx is not an ONNX file");

        ScoredRequest scored = score("a", 0);

        assertThat(scored.modelFound()).isFalse();
        assertThat(scored.answer().result())
                .isEqualTo(new RowResult.Failed(
                        "NO_MODEL",
                        "version v1 of model fraud cannot serve (model.onnx is not an ONNX file) and no other has"
                                + " served yet"));
        assertThat(counted()).containsExactly(Map.entry("NO_MODEL", 1L));
    }

    @Test
    void version_whose_calls_fail_is_replaced_by_the_last_good_one() {
        models.serve("v1", 0.1);
        score("a", 0);
        models.serveBroken("v2");
        flags.serve("v2");

        List<ScoredRequest> scored = scorer.apply(List.of(request("a"), request("b")), 0);

        assertThat(scored).allSatisfy(s -> {
            assertThat(s.answer().version()).isEqualTo(V1);
            assertThat(s.answer().result()).isInstanceOf(RowResult.Scored.class);
            assertThat(s.decision().reason()).isEqualTo(RoutingReason.FALLBACK);
        });
        assertThat(counted()).containsExactly(Map.entry("FALLBACK_MODEL_FAILED", 2L));
    }

    @Test
    void version_whose_calls_fail_with_no_other_gives_a_failed_prediction() {
        models.serveBroken("v1");

        ScoredRequest scored = score("a", 0);

        assertThat(scored.modelFound()).isTrue();
        assertThat(scored.answer().result()).isEqualTo(FakeModels.broken());
    }

    @Test
    void row_that_does_not_fit_the_model_does_not_fall_back() {
        models.serve("v1", 0.1);
        score("a", 0);
        models.serve("v2", rows -> List.of(new RowResult.Failed("MISSING_FEATURE", "amount is missing")));
        flags.serve("v2");

        ScoredRequest scored = score("a", 0);

        assertThat(scored.answer().version()).isEqualTo(V2);
        assertThat(counted()).containsExactly(Map.entry("MISSING_FEATURE", 1L));
    }

    @Test
    void without_a_stage_the_candidate_is_compared_with_who_served() {
        models.serve("v1", 0.1);
        flags.shadow("v2", "v3");

        assertThat(score("a", 0).targets())
                .containsExactly(new ForkTarget(V1, V2, 0), new ForkTarget(V1, new ModelVersion("v3"), 0));
    }

    @Test
    void without_a_stage_a_candidate_that_served_has_no_pair() {
        models.serve("v2", 0.1);
        flags.serve("v2").shadow("v2");

        assertThat(score("a", 0).targets()).isEmpty();
    }

    @Test
    void with_a_stage_the_pair_stays_while_the_candidate_serves() {
        models.serve("v2", 0.1);
        flags.serve("v2").shadow("v2");
        stages.declare("fraud", "v1", "v2", 3);

        assertThat(score("a", 0).targets()).containsExactly(new ForkTarget(V1, V2, 3));
    }

    @Test
    void with_a_stage_production_is_who_the_stage_names_not_who_served() {
        models.serve("v3", 0.1);
        flags.serve("v3").shadow("v2");
        stages.declare("fraud", "v1", "v2", 3);

        assertThat(score("a", 0).targets()).containsExactly(new ForkTarget(V1, V2, 3));
    }

    @Test
    void pair_of_a_stage_is_the_same_from_both_arms() {
        models.serve("v1", 0.1);
        models.serve("v2", 0.2);
        flags.serveTo("b", "v2").shadow("v2");
        stages.declare("fraud", "v1", "v2", 3);

        List<ScoredRequest> scored = scorer.apply(List.of(request("a"), request("b")), 0);

        assertThat(scored).extracting(s -> s.answer().version()).containsExactly(V1, V2);
        assertThat(scored).allSatisfy(s -> assertThat(s.targets()).containsExactly(new ForkTarget(V1, V2, 3)));
    }

    @Test
    void candidate_without_a_stage_is_not_compared_with_another_candidate_that_serves_a_share() {
        models.serve("v2", 0.2);
        flags.serve("v2").shadow("v2", "v3", "v1");
        stages.declare("fraud", "v1", "v2", 3);

        assertThat(score("a", 0).targets())
                .containsExactly(new ForkTarget(V1, V2, 3), new ForkTarget(V1, new ModelVersion("v3"), 0));
    }

    @Test
    void candidate_that_serves_everybody_is_production_for_those_without_a_stage() {
        models.serve("v2", 0.2);
        flags.serve("v2").shadow("v3");
        stages.declare(new ModelPair("fraud", V1, V2), 3, 100);

        assertThat(score("a", 0).targets()).containsExactly(new ForkTarget(V2, new ModelVersion("v3"), 0));
    }

    @Test
    void flags_are_asked_for_their_health_once_for_a_batch_and_every_request_says_since_when_they_are_stale() {
        models.serve("v1", 0.1);
        flags.staleSince(Instant.ofEpochMilli(42));

        List<ScoredRequest> scored = scorer.apply(List.of(request("a"), request("b"), request("c")), 0);

        assertThat(scored).extracting(ScoredRequest::flagsStaleSince).containsOnly(Instant.ofEpochMilli(42));
        assertThat(flags.healthAsked()).isEqualTo(1);
    }

    @Test
    void stages_of_other_models_do_not_count() {
        models.serve("v1", 0.1);
        flags.shadow("v2");
        stages.declare("churn", "v9", "v2", 3);

        assertThat(score("a", 0).targets()).containsExactly(new ForkTarget(V1, V2, 0));
    }

    @Test
    void prediction_carries_the_latest_epoch_and_a_pair_its_own() {
        models.serve("v1", 0.1);
        flags.shadow("v2");
        stages.declare("fraud", "v1", "v2", 3);
        stages.declare("fraud", "v1", "v4", 8);

        ScoredRequest scored = score("a", 0);

        assertThat(scored.epoch()).isEqualTo(8);
        assertThat(scored.targets()).containsExactly(new ForkTarget(V1, V2, 3));
    }

    @Test
    void request_that_no_version_could_serve_is_still_forked_with_productions_failure() {
        flags.shadow("v2");
        stages.declare("fraud", "v1", "v2", 3);

        ScoredRequest scored = score("a", 0);

        assertThat(scored.answer().version()).isEqualTo(V1);
        assertThat(scored.targets()).containsExactly(new ForkTarget(V1, V2, 3));
    }

    private ScoredRequest score(String entity, long polledNanos) {
        return scorer.apply(List.of(request(entity)), polledNanos).get(0);
    }

    private static Request request(String entity) {
        return Requests.of("r-" + entity, entity, 10);
    }

    @Test
    void known_causes_are_there_before_they_occur_so_that_the_first_one_is_seen_to_rise() {
        assertThat(scorer.causes())
                .containsKeys("FALLBACK_NOT_READY", "FALLBACK_MODEL_FAILED", "NO_MODEL", "MODEL_FAILED", "WRONG_TYPE")
                .allSatisfy((cause, requests) -> assertThat(requests).as(cause).isZero());
    }

    private Map<String, Long> counted() {
        Map<String, Long> counted = new TreeMap<>(scorer.causes());
        counted.values().removeIf(requests -> requests == 0);
        return counted;
    }
}
