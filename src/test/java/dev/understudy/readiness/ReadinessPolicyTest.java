package dev.understudy.readiness;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;

final class ReadinessPolicyTest {
    private static final Instant START = Instant.parse("2026-11-01T00:00:00Z");
    private static final Instant NOW = START.plus(Duration.ofHours(40));
    private static final StageFacts AT_5 = new StageFacts(3, 5, START, Duration.ofHours(24), Map.of(), 1);
    private static final int MANY = 40_000;

    private final ReadinessSettings errorsAndFlips =
            ReadinessSettings.standard().with(b -> b.required(List.of(Gate.ERRORS, Gate.FLIPS)));
    private final ReadinessPolicy policy = new ReadinessPolicy(errorsAndFlips);

    /** Requests of the last 40 hours by many entities, 5 % of which the candidate serves. */
    private static PairEvidence evidence(int requests, IntFunction<Answer> candidate) {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < requests; i++) {
            int entity = i % (requests / 2);
            Answer answer = candidate.apply(i);
            evidence.add(PairObservation.of(
                    "entity-" + entity,
                    START.plus(Duration.ofHours(40).multipliedBy(i + 1).dividedBy(requests))
                            .toEpochMilli(),
                    Task.BINARY,
                    List.of(),
                    answer.error() ? CandidateStatus.CANDIDATE_FAILED : CandidateStatus.COMPARED,
                    true,
                    Answer.of(0.9, "1", Map.of(), 1_000),
                    answer));
        }
        return evidence;
    }

    private static IntFunction<Answer> flipping(IntPredicate flip) {
        return i -> flip.test(i) ? Answer.of(0.1, "0", Map.of(), 900) : Answer.of(0.88, "1", Map.of(), 900);
    }

    private static IntFunction<Answer> failing(IntPredicate fail) {
        return i -> fail.test(i) ? Answer.failed(900) : Answer.of(0.88, "1", Map.of(), 900);
    }

    private static PairEvidence good() {
        return evidence(MANY, flipping(i -> i % 100 == 0));
    }

    private Readiness decide(PairEvidence evidence) {
        return policy.decide(evidence, AT_5, InputHealth.fresh(), NOW);
    }

    private static List<String> codes(Readiness readiness) {
        return readiness.reasons().stream().map(Reason::code).toList();
    }

    @Test
    void candidate_that_passes_every_required_gate_is_ready_for_the_next_stage() {
        Readiness readiness = decide(good());

        assertThat(readiness.verdict()).isEqualTo(Verdict.READY);
        assertThat(codes(readiness)).containsExactly("ALL_GATES_PASSED");
        assertThat(readiness.gates()).extracting(GateResult::name).containsExactly("errors", "flips");
        assertThat(readiness.gates()).extracting(GateResult::status).containsOnly(GateStatus.PASS);
        assertThat(readiness.nextStage()).isEqualTo(25);
        assertThat(readiness.notBefore()).isEqualTo(START.plus(Duration.ofHours(24)));
        assertThat(readiness.validUntil()).isEqualTo(NOW.plus(Duration.ofSeconds(30)));
        assertThat(readiness.declaredShare()).isEqualTo(0.05);
        assertThat(readiness.servedShare()).isEqualTo(0.05);
        assertThat(readiness.explanation()).startsWith("READY: the next stage, 25 %, may start");
    }

    @Test
    void every_gate_reports_its_numbers() {
        GateResult flips = decide(good()).gates().get(1);

        assertThat(flips.observed()).isEqualTo(-0.01);
        assertThat(flips.bound()).isBetween(-0.05, -0.01);
        assertThat(flips.margin()).isEqualTo(-0.05);
        assertThat(flips.requests()).isEqualTo(MANY);
        assertThat(flips.entities()).isBetween(15_000L, 20_000L);
        assertThat(flips.reason()).isNull();
        assertThat(flips.requestsNeeded()).isNull();
    }

    @Test
    void standard_gates_are_not_all_judged_yet_so_nothing_is_ready() {
        Readiness readiness =
                new ReadinessPolicy(ReadinessSettings.standard()).decide(good(), AT_5, InputHealth.fresh(), NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("GATES_MISSING");
        assertThat(readiness.reasons().get(0).message())
                .contains("tail-latency, typical-latency, accuracy, brier")
                .doesNotContain("errors")
                .doesNotContain("flips");
    }

    @Test
    void gates_that_do_not_apply_to_the_task_are_passed_over() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < MANY; i++) {
            evidence.add(PairObservation.of(
                    "entity-" + i,
                    NOW.toEpochMilli(),
                    Task.REGRESSION,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    Answer.of(3.0, null, Map.of(), 5),
                    Answer.of(4.0, null, Map.of(), 5)));
        }
        assertThat(decide(evidence).verdict()).isEqualTo(Verdict.READY);
        assertThat(decide(evidence).gates()).extracting(GateResult::name).containsExactly("errors");
    }

    @Test
    void harm_that_is_proven_rejects() {
        Readiness readiness = decide(evidence(MANY, failing(i -> i % 10 == 0)));

        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(codes(readiness)).containsExactly("GATE_FAILED");
        assertThat(readiness.gates().get(0).status()).isEqualTo(GateStatus.FAIL);
        assertThat(readiness.gates().get(0).reason()).isEqualTo("HARM_PROVEN");
        assertThat(readiness.explanation())
                .startsWith("REJECT at 5 %: harm is proven, roll back.")
                .contains("10.000 points above production's");
    }

    @Test
    void candidate_that_never_answers_is_rejected_although_no_labels_can_be_compared() {
        Readiness readiness = decide(evidence(MANY, failing(i -> true)));

        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(readiness.gates().get(1).status()).isEqualTo(GateStatus.INSUFFICIENT);
        assertThat(readiness.gates().get(1).bound()).isNull();
    }

    @Test
    void rejection_in_shadow_says_to_stop_the_candidate() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < MANY; i++) {
            evidence.add(PairObservation.of(
                    "entity-" + i,
                    NOW.toEpochMilli(),
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.TIMED_OUT,
                    true,
                    Answer.of(0.9, "1", Map.of(), 5),
                    Answer.none()));
        }
        Readiness readiness = policy.decide(evidence, StageFacts.implicit(), InputHealth.fresh(), NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(readiness.explanation()).contains("stop the candidate");
        assertThat(readiness.nextStage()).isEqualTo(5);
        assertThat(readiness.since()).isEqualTo(NOW);
        assertThat(readiness.notBefore()).isEqualTo(NOW.plus(Duration.ofHours(24)));
    }

    @Test
    void little_data_is_insufficient_and_neither_promotes_nor_rejects() {
        Readiness readiness = decide(evidence(400, failing(i -> i % 2 == 0)));

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("GATE_INSUFFICIENT", "GATE_INSUFFICIENT");
        assertThat(readiness.gates().get(0).reason()).isEqualTo("TOO_FEW_REQUESTS");
    }

    @Test
    void few_entities_are_insufficient_however_many_requests_they_make() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < MANY; i++) {
            evidence.add(PairObservation.of(
                    "entity-" + i % 99,
                    NOW.toEpochMilli(),
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    Answer.of(0.9, "1", Map.of(), 5),
                    Answer.of(0.9, "1", Map.of(), 5)));
        }
        assertThat(decide(evidence).gates()).extracting(GateResult::reason).containsOnly("TOO_FEW_ENTITIES");
    }

    @Test
    void requests_that_come_mostly_from_one_entity_are_insufficient() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < MANY; i++) {
            evidence.add(PairObservation.of(
                    i % 10 == 0 ? "entity-" + i : "robot",
                    NOW.toEpochMilli(),
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    Answer.of(0.9, "1", Map.of(), 5),
                    Answer.of(0.9, "1", Map.of(), 5)));
        }
        assertThat(decide(evidence).gates()).extracting(GateResult::reason).containsOnly("TOO_CONCENTRATED");
    }

    @Test
    void undecided_gate_says_how_many_requests_are_still_needed_and_they_suffice() {
        Readiness now = decide(evidence(2_000, flipping(i -> i % 25 == 0)));
        GateResult flips = now.gates().get(1);

        assertThat(now.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(flips.status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(flips.reason()).isEqualTo("BOUND_BELOW_MARGIN");
        assertThat(flips.requestsNeeded()).isBetween(100L, 20_000L);
        int enough = (int) ((flips.requests() + requireNonNull(flips.requestsNeeded())) * 1.1) / 80 * 80;
        assertThat(decide(evidence(enough, flipping(i -> i % 25 == 0)))
                        .gates()
                        .get(1)
                        .status())
                .isEqualTo(GateStatus.PASS);
        assertThat(now.explanation()).contains("more requests are needed");
    }

    @Test
    void gate_without_any_errors_still_needs_entities_and_says_how_many_requests_that_takes() {
        GateResult errors = decide(evidence(1_000, failing(i -> false))).gates().get(0);

        assertThat(errors.status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(errors.observed()).isEqualTo(0.0);
        assertThat(errors.requestsNeeded()).isBetween(6_500L, 8_000L);
    }

    @Test
    void observation_beyond_the_margin_that_is_not_proven_is_undecided_without_an_estimate() {
        GateResult flips =
                decide(evidence(2_000, flipping(i -> i % 18 == 0))).gates().get(1);

        assertThat(flips.status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(flips.reason()).isEqualTo("OBSERVED_BELOW_MARGIN");
        assertThat(flips.requestsNeeded()).isNull();
    }

    @Test
    void stage_younger_than_its_hold_is_not_ready() {
        StageFacts longer = new StageFacts(3, 5, START, Duration.ofDays(2), Map.of(), 1);
        Readiness readiness = policy.decide(good(), longer, InputHealth.fresh(), NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("STAGE_YOUNG");
        assertThat(readiness.reasons().get(0).message()).contains("1 d 16 h of its 2 d");
    }

    @Test
    void undecided_stage_beyond_its_budget_is_inconclusive_and_says_what_is_missing() {
        ReadinessPolicy withBudget = new ReadinessPolicy(errorsAndFlips.with(b -> b.requestBudget(1_500)));
        Readiness readiness =
                withBudget.decide(evidence(2_000, flipping(i -> i % 25 == 0)), AT_5, InputHealth.fresh(), NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).startsWith("INCONCLUSIVE");
        assertThat(readiness.reasons().get(0).message())
                .contains("2,000 requests")
                .contains("budget of 1,500")
                .contains("more would be needed");
    }

    @Test
    void margins_of_the_declared_stage_win_over_the_configured_ones() {
        StageFacts strict = new StageFacts(3, 5, START, Duration.ZERO, Map.of("flips", 0.001), 1);
        ReadinessPolicy lenient =
                new ReadinessPolicy(errorsAndFlips.with(b -> b.margins(Map.of("flips", 0.5, "errors", 0.3))));
        Readiness readiness = lenient.decide(good(), strict, InputHealth.fresh(), NOW);

        assertThat(readiness.gates().get(0).margin()).isEqualTo(-0.3);
        assertThat(readiness.gates().get(1).margin()).isEqualTo(-0.001);
        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
    }

    @Test
    void more_candidates_at_once_make_every_bound_wider() {
        StageFacts four = new StageFacts(3, 5, START, Duration.ofHours(24), Map.of(), 4);
        Double alone = decide(good()).gates().get(1).bound();
        Double amongFour = policy.decide(good(), four, InputHealth.fresh(), NOW)
                .gates()
                .get(1)
                .bound();

        assertThat(amongFour).isLessThan(alone);
    }

    @Test
    void no_comparison_at_all_is_no_traffic() {
        Readiness readiness = policy.decide(
                PairEvidence.create(Detail.FULL), StageFacts.implicit(), new InputHealth(null, null), NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(codes(readiness)).containsExactly("NO_TRAFFIC");
        assertThat(readiness.since()).isNull();
        assertThat(readiness.notBefore()).isNull();
        assertThat(readiness.servedShare()).isNull();
        assertThat(readiness.gates()).extracting(GateResult::status).containsOnly(GateStatus.INSUFFICIENT);
    }

    @Test
    void idle_pair_and_reader_that_is_behind_hold_even_when_harm_is_proven() {
        Readiness readiness = policy.decide(
                evidence(MANY, failing(i -> i % 10 == 0)),
                AT_5,
                new InputHealth(Duration.ofMinutes(3), Duration.ofHours(2)),
                NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(codes(readiness)).containsExactly("STALE_INPUT", "NO_TRAFFIC");
        assertThat(readiness.explanation()).contains("2 h behind").contains("3 min ago");
    }

    @Test
    void too_many_invalid_answers_hold() {
        PairEvidence evidence = evidence(
                MANY, i -> i % 30 == 0 ? Answer.of(Double.NaN, null, Map.of(), 5) : Answer.of(0.9, "1", Map.of(), 5));
        Readiness readiness = decide(evidence);

        assertThat(readiness.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(codes(readiness)).containsExactly("INVALID_RATE");
        assertThat(readiness.reasons().get(0).message()).contains("1,334 of 80,000");
    }

    @Test
    void candidate_that_serves_more_or_less_than_declared_holds() {
        for (int percent : new int[] {0, 25, 100}) {
            StageFacts other = new StageFacts(3, percent, START, Duration.ZERO, Map.of(), 1);
            Readiness readiness = policy.decide(good(), other, InputHealth.fresh(), NOW);

            assertThat(readiness.verdict()).isEqualTo(Verdict.HOLD);
            assertThat(codes(readiness)).containsExactly("SAMPLE_RATIO");
        }
    }

    @Test
    void share_that_is_off_because_a_few_sticky_entities_call_often_does_not_hold() {
        Random random = new Random(5);
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        int served = 0;
        for (int i = 0; i < MANY; i++) {
            // 600 entities, of which some are heavy by the square of their number; one in 20 is served by the
            // candidate.
            int entity = (int) (600 * Math.pow(random.nextDouble(), 2));
            served += entity % 20 == 0 ? 1 : 0;
            evidence.add(PairObservation.of(
                    "entity-" + entity,
                    NOW.toEpochMilli(),
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    Answer.of(0.9, "1", Map.of(), 5),
                    Answer.of(0.9, "1", Map.of(), 5)));
        }
        double share = (double) served / MANY;
        double standardErrors = (share - 0.05) / Math.sqrt(0.05 * 0.95 / MANY);

        assertThat(standardErrors)
                .as("a test that ignores entities would raise an alarm")
                .isGreaterThan(5);
        assertThat(codes(decide(evidence))).doesNotContain("SAMPLE_RATIO");
    }

    @Test
    void last_stage_has_no_next_one() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < MANY; i++) {
            evidence.add(PairObservation.of(
                    "entity-" + i,
                    NOW.toEpochMilli(),
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    Answer.of(0.9, "1", Map.of(), 5),
                    Answer.of(0.9, "1", Map.of(), 5)));
        }
        StageFacts full = new StageFacts(9, 100, START, Duration.ZERO, Map.of(), 1);
        Readiness readiness = policy.decide(evidence, full, InputHealth.fresh(), NOW);

        assertThat(readiness.verdict()).isEqualTo(Verdict.READY);
        assertThat(readiness.nextStage()).isNull();
        assertThat(readiness.notBefore()).isNull();
    }

    @Test
    void verdict_expires_into_hold() {
        Readiness readiness = decide(good());

        assertThat(readiness.verdictAt(NOW.plusSeconds(30))).isEqualTo(Verdict.READY);
        assertThat(readiness.verdictAt(NOW.plusSeconds(31))).isEqualTo(Verdict.HOLD);
    }

    @Test
    void stages_follow_each_other_to_the_full_rollout() {
        PairEvidence evidence = good();
        Map<Integer, Integer> next = Map.of(0, 5, 3, 5, 5, 25, 25, 50, 50, 100, 70, 100);
        next.forEach((percent, following) -> assertThat(policy.decide(
                                evidence,
                                new StageFacts(1, percent, START, null, Map.of(), 1),
                                InputHealth.fresh(),
                                NOW)
                        .nextStage())
                .isEqualTo(following));
    }

    @Test
    void same_evidence_and_time_give_the_same_decision() {
        assertThat(decide(good())).isEqualTo(decide(good()));
    }

    @Test
    void bad_settings_name_their_key_and_value() {
        ReadinessSettings standard = ReadinessSettings.standard();
        assertThatThrownBy(() -> standard.with(b -> b.alpha(0.7)))
                .hasMessage("readiness.alpha must be above 0 and below 0.5, was 0.7");
        assertThatThrownBy(() -> standard.with(b -> b.validFor(Duration.ZERO)))
                .hasMessage("readiness.valid-for must be positive, was PT0S");
        assertThatThrownBy(() -> standard.with(b -> b.margins(Map.of("flips", 1.5))))
                .hasMessage("readiness.margins.flips must be 0 to 1, was 1.5");
        assertThatThrownBy(() -> standard.with(b -> b.margins(Map.of("latencies", 0.1))))
                .hasMessageContaining("gate must be one of errors, tail-latency")
                .hasMessageContaining("was 'latencies'");
        assertThatThrownBy(() -> standard.with(b -> b.required(List.of()))).hasMessageContaining("readiness.gates");
        assertThatThrownBy(() -> new StageFacts(1, 101, START, null, Map.of(), 1))
                .hasMessageContaining("was 101");
    }
}
