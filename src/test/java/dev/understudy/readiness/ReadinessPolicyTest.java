package dev.understudy.readiness;

import static dev.understudy.readiness.SeenBuilder.START;
import static dev.understudy.readiness.SeenBuilder.share;
import static dev.understudy.readiness.SeenBuilder.statistics;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.Stickiness;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ReadinessPolicyTest {
    private static final Instant NOW = START.plus(Duration.ofHours(40));
    private static final Duration DAY = Duration.ofHours(24);

    private final ReadinessSettings standard = ReadinessSettings.standard();

    private static StageFacts stage(int percent) {
        return stage(percent, DAY, Map.of(), 1);
    }

    private static StageFacts stage(int percent, @Nullable Duration hold, Map<String, Double> margins, int candidates) {
        return new StageFacts(3, percent, START, hold, margins, References.none(), candidates);
    }

    private Readiness decide(SeenBuilder seen) {
        return decide(standard, seen, Map.of(), stage(5), InputHealth.fresh()).all();
    }

    private static Readiness decide(ReadinessSettings settings, SeenBuilder seen) {
        return decide(settings, seen, Map.of(), stage(5), InputHealth.fresh()).all();
    }

    private Readiness decide(SeenBuilder seen, StageFacts stage) {
        return decide(standard, seen, Map.of(), stage, InputHealth.fresh()).all();
    }

    private Readiness decide(SeenBuilder seen, InputHealth health) {
        return decide(standard, seen, Map.of(), stage(5), health).all();
    }

    private static ReadinessPolicy.Decisions decide(
            ReadinessSettings settings,
            SeenBuilder all,
            Map<String, Seen> segments,
            StageFacts stage,
            InputHealth health) {
        return new ReadinessPolicy(settings).decide(all.build(), segments, stage, health, NOW);
    }

    private static List<String> codes(Readiness readiness) {
        return readiness.reasons().stream().map(Reason::code).toList();
    }

    private static GateResult gate(Readiness readiness, Gate gate) {
        return readiness.gates().stream()
                .filter(result -> result.gate() == gate)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void candidate_that_passes_every_gate_is_ready_for_the_next_stage() {
        Readiness readiness = decide(SeenBuilder.good());

        assertThat(readiness.verdict()).isEqualTo(Verdict.READY);
        assertThat(codes(readiness)).containsExactly("ALL_GATES_PASSED");
        assertThat(readiness.gates())
                .extracting(GateResult::name)
                .containsExactly(
                        "errors", "tail-latency", "typical-latency", "flips", "score-shift", "accuracy", "brier");
        assertThat(readiness.gates()).extracting(GateResult::status).containsOnly(GateStatus.PASS);
        assertThat(readiness.nextStage()).isEqualTo(25);
        assertThat(readiness.hold()).isEqualTo(DAY);
        assertThat(readiness.notBefore()).isEqualTo(START.plus(DAY));
        assertThat(readiness.validUntil()).isEqualTo(NOW.plus(Duration.ofSeconds(30)));
        assertThat(readiness.declaredShare()).isEqualTo(0.05);
        assertThat(readiness.servedShare()).isEqualTo(0.05);
        assertThat(readiness.alpha()).isEqualTo(0.05);
        assertThat(readiness.slices()).isEmpty();
        assertThat(readiness.arms()).isNull();
        assertThat(readiness.explanation())
                .startsWith("READY for 25 % from 2026-11-02 00:00 UTC: errors within 0.2 points (at worst ")
                .contains("typical latency within 10 % (at worst ")
                .contains("accuracy within 1 point (at worst ");
    }

    @Test
    void every_gate_reports_its_numbers() {
        GateResult flips = gate(decide(SeenBuilder.good()), Gate.FLIPS);

        assertThat(flips.observed()).isEqualTo(-0.01);
        assertThat(flips.bound()).isBetween(-0.05, -0.01);
        assertThat(flips.margin()).isEqualTo(-0.05);
        assertThat(flips.requests()).isEqualTo(40_000);
        assertThat(flips.entities()).isEqualTo(20_000);
        assertThat(flips.reason()).isNull();
        assertThat(flips.requestsNeeded()).isNull();
    }

    @Test
    void gates_that_do_not_apply_to_the_task_are_passed_over() {
        SeenBuilder regression = SeenBuilder.good();
        regression.tasks = Set.of(Task.REGRESSION);
        regression.unjudgeable.remove(Gate.ABSOLUTE_ERROR);
        regression.with(Gate.ABSOLUTE_ERROR, statistics(29_000, 0, 0.001, 15_000));
        SeenBuilder multiclass = SeenBuilder.good();
        multiclass.tasks = Set.of(Task.MULTICLASS);

        assertThat(decide(regression).verdict()).isEqualTo(Verdict.READY);
        assertThat(decide(regression).gates())
                .extracting(GateResult::name)
                .containsExactly("errors", "tail-latency", "typical-latency", "absolute-error");
        assertThat(decide(multiclass).gates())
                .extracting(GateResult::name)
                .containsExactly("errors", "tail-latency", "typical-latency", "flips", "accuracy", "brier");
    }

    @Test
    void only_required_gates_are_asked() {
        ReadinessSettings two =
                standard.toBuilder().required(List.of(Gate.ERRORS, Gate.FLIPS)).build();

        assertThat(decide(two, SeenBuilder.good()).gates())
                .extracting(GateResult::name)
                .containsExactly("errors", "flips");
    }

    // REJECT

    @Test
    void one_of_a_thing_is_told_in_the_singular() {
        assertThat(Explanation.of(new Slice("region=eu", Gate.FLIPS, 0, -0.2, 0.05, 1, 1, true)))
                .endsWith("(1 request of 1 entity).");
        assertThat(Explanation.of(new Slice("region=eu", Gate.ACCURACY, 0, -0.2, 0.05, 2_000, 20, true)))
                .endsWith("(2,000 labelled requests of 20 entities).");
    }

    @Test
    void harm_that_is_proven_rejects_whatever_else_is_open() {
        Readiness readiness = decide(SeenBuilder.good()
                .with(Gate.ERRORS, share(40_000, 0.1, 20_000))
                .with(Gate.TAIL_LATENCY, statistics(100, 0, 0.002, 10)));

        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(codes(readiness)).containsExactly("GATE_FAILED");
        assertThat(gate(readiness, Gate.ERRORS).reason()).isEqualTo("HARM_PROVEN");
        assertThat(readiness.explanation())
                .startsWith("REJECT at 5 %, roll the candidate back: errors failed, harm is proven:"
                        + " 10 points more than production, at best ")
                .contains("within 0.2 points (40,000 requests of at least 20,000 entities). Passed: typical latency");
    }

    @Test
    void rejection_in_shadow_says_to_stop_the_candidate() {
        SeenBuilder seen = SeenBuilder.good().with(Gate.ERRORS, share(40_000, 1, 20_000));
        seen.servedShare = statistics(40_000, 0, 0, 20_000);
        Readiness readiness = decide(seen, StageFacts.implicit());

        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(readiness.explanation()).startsWith("REJECT at 0 % (shadow), stop the candidate: ");
        assertThat(readiness.nextStage()).isEqualTo(5);
        assertThat(readiness.since()).isEqualTo(START);
        assertThat(readiness.notBefore()).isEqualTo(START.plus(DAY));
    }

    // NOT_READY

    @Test
    void little_data_is_insufficient_and_neither_promotes_nor_rejects() {
        Readiness readiness = decide(SeenBuilder.good().with(Gate.ERRORS, share(499, 0.5, 400)));

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("GATE_INSUFFICIENT");
        assertThat(gate(readiness, Gate.ERRORS).reason()).isEqualTo("TOO_FEW_REQUESTS");
    }

    @Test
    void few_or_concentrated_entities_are_insufficient_however_many_requests_they_make() {
        Readiness few = decide(SeenBuilder.good().with(Gate.FLIPS, share(40_000, 0, 99)));
        Readiness concentrated =
                decide(SeenBuilder.good().with(Gate.FLIPS, new GateStatistics(40_000, 0, 0, 0, 0, 0, 19.9, 20_000)));

        assertThat(gate(few, Gate.FLIPS).reason()).isEqualTo("TOO_FEW_ENTITIES");
        assertThat(few.explanation()).contains("flips has too few entities");
        assertThat(gate(concentrated, Gate.FLIPS).reason()).isEqualTo("TOO_CONCENTRATED");
    }

    @Test
    void latencies_speak_of_batches_and_time_blocks() {
        Readiness readiness = decide(SeenBuilder.good().with(Gate.TYPICAL_LATENCY, statistics(4_000, 0, 0.001, 99)));

        assertThat(gate(readiness, Gate.TYPICAL_LATENCY).reason()).isEqualTo("TOO_FEW_ENTITIES");
        assertThat(readiness.explanation())
                .contains(
                        "typical latency has too few time blocks, at least 100 are needed: 0 % faster than production")
                .contains("(4,000 batches in 99 time blocks)");
    }

    @Test
    void tail_latency_without_a_reference_is_insufficient_and_says_what_to_declare() {
        SeenBuilder seen = SeenBuilder.good();
        seen.statistics.remove(Gate.TAIL_LATENCY);
        seen.unjudgeable.put(Gate.TAIL_LATENCY, "NO_REFERENCE");
        Readiness readiness = decide(seen);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(gate(readiness, Gate.TAIL_LATENCY).reason()).isEqualTo("NO_REFERENCE");
        assertThat(readiness.explanation()).contains("without production's p99 batch time: give it with --tail");
    }

    @Test
    void absolute_error_without_a_bound_is_insufficient_and_says_what_to_declare() {
        SeenBuilder seen = SeenBuilder.good();
        seen.tasks = Set.of(Task.REGRESSION);
        Readiness readiness = decide(seen);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(gate(readiness, Gate.ABSOLUTE_ERROR).reason()).isEqualTo("NO_REFERENCE");
        assertThat(readiness.explanation()).contains("set readiness.value-bound before the stage is declared");
    }

    @Test
    void undecided_gate_says_how_many_requests_and_how_long_and_they_suffice() {
        Readiness now = decide(SeenBuilder.good().with(Gate.FLIPS, share(2_000, 0.04, 1_000)));
        GateResult flips = gate(now, Gate.FLIPS);
        long needed = requireNonNull(flips.requestsNeeded());

        assertThat(now.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(now)).containsExactly("GATE_UNDECIDED");
        assertThat(flips.reason()).isEqualTo("BOUND_BELOW_MARGIN");
        assertThat(needed).isBetween(500L, 20_000L);
        long enough = (long) ((2_000 + needed) * 1.01);
        assertThat(gate(decide(SeenBuilder.good().with(Gate.FLIPS, share(enough, 0.04, enough / 2))), Gate.FLIPS)
                        .status())
                .isEqualTo(GateStatus.PASS);
        assertThat(now.explanation())
                .matches(
                        "NOT_READY at 5 %: flips undecided, about [0-9,]+ more requests, \\d+ d( \\d+ h)? at this rate:"
                                + " 4 % of labels differ, at worst .* %, must be within 5 % \\(2,000 requests of at least 1,000 entities\\)\\."
                                + " Passed: errors .*");
    }

    @Test
    void undecided_latency_counts_batches_and_outcomes_count_labels() {
        assertThat(decide(SeenBuilder.good().with(Gate.TYPICAL_LATENCY, statistics(2_000, -0.03, 0.02, 400)))
                        .explanation())
                .containsPattern("typical latency undecided, about [0-9,]+ more batches, ");
        assertThat(decide(SeenBuilder.good().with(Gate.ACCURACY, statistics(2_000, 0, 0.02, 400)))
                        .explanation())
                .containsPattern("accuracy undecided, about [0-9,]+ more labelled requests, ");
    }

    @Test
    void gate_without_any_errors_still_needs_entities_and_says_how_many_requests_that_takes() {
        GateResult errors =
                gate(decide(SeenBuilder.good().with(Gate.ERRORS, statistics(1_000, 0, 0, 500))), Gate.ERRORS);

        assertThat(errors.status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(errors.observed()).isEqualTo(0.0);
        assertThat(errors.requestsNeeded()).isBetween(6_500L, 8_000L);
    }

    @Test
    void observation_beyond_the_margin_that_is_not_proven_is_undecided_without_an_estimate() {
        GateResult flips = gate(decide(SeenBuilder.good().with(Gate.FLIPS, share(2_000, 0.055, 1_000))), Gate.FLIPS);

        assertThat(flips.status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(flips.reason()).isEqualTo("OBSERVED_BELOW_MARGIN");
        assertThat(flips.requestsNeeded()).isNull();
    }

    @Test
    void stage_younger_than_its_hold_is_not_ready() {
        Readiness readiness = decide(SeenBuilder.good(), stage(5, Duration.ofDays(2), Map.of(), 1));

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("STAGE_YOUNG");
        assertThat(readiness.reasons().get(0).message()).contains("1 d 16 h of its 2 d");
    }

    @Test
    void outcomes_of_too_few_requests_are_immature_whatever_they_say() {
        SeenBuilder seen = SeenBuilder.good().with(Gate.ACCURACY, share(26_000, 0.5, 15_000));
        seen.labelled = 26_000;
        Readiness readiness = decide(seen);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("LABELS_IMMATURE");
        assertThat(readiness.reasons().get(0).message())
                .isEqualTo("Outcomes cover 86.67 % of matured requests (26,000 of 30,000); 90.00 % are needed.");
        assertThat(gate(readiness, Gate.ACCURACY).status()).isEqualTo(GateStatus.INSUFFICIENT);
        assertThat(gate(readiness, Gate.ACCURACY).observed()).isEqualTo(-0.5);
        assertThat(gate(readiness, Gate.BRIER).reason()).isEqualTo("LABELS_IMMATURE");
    }

    @Test
    void nothing_matured_is_immature() {
        SeenBuilder seen = SeenBuilder.good();
        seen.matured = 0;
        seen.labelled = 0;
        seen.statistics.remove(Gate.ACCURACY);
        seen.statistics.remove(Gate.BRIER);
        Readiness readiness = decide(seen);

        assertThat(codes(readiness)).containsExactly("LABELS_IMMATURE");
        assertThat(readiness.reasons().get(0).message()).contains("No request is old enough");
    }

    @Test
    void required_coverage_is_configurable() {
        SeenBuilder seen = SeenBuilder.good();
        seen.labelled = 15_000;

        assertThat(codes(decide(standard.toBuilder().coverage(0.5).build(), seen)))
                .containsExactly("ALL_GATES_PASSED");
    }

    @Test
    void undecided_stage_beyond_its_budget_is_inconclusive_and_says_what_it_missed() {
        SeenBuilder seen = SeenBuilder.good().with(Gate.FLIPS, share(2_000, 0.04, 1_000));
        Readiness readiness = decide(standard.toBuilder().requestBudget(1_500).build(), seen);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(codes(readiness)).containsExactly("INCONCLUSIVE", "GATE_UNDECIDED");
        assertThat(readiness.reasons().get(0).message())
                .contains("after 40,000 requests")
                .contains("budget of 1,500")
                .containsPattern("about [0-9,]+ more requests, .* at this rate would be needed");
    }

    @Test
    void reasons_not_to_be_ready_come_in_order() {
        SeenBuilder seen = SeenBuilder.good()
                .with(Gate.ERRORS, statistics(100, 0, 0, 100))
                .with(Gate.FLIPS, share(2_000, 0.055, 1_000));
        seen.labelled = 0;
        Readiness readiness = decide(
                        standard.toBuilder().requestBudget(1_500).build(),
                        seen,
                        Map.of(),
                        stage(5, Duration.ofDays(2), Map.of(), 1),
                        InputHealth.fresh())
                .all();

        assertThat(codes(readiness))
                .containsExactly(
                        "INCONCLUSIVE", "GATE_INSUFFICIENT", "GATE_UNDECIDED", "LABELS_IMMATURE", "STAGE_YOUNG");
        assertThat(readiness.reasons().get(0).message()).contains("cannot be said");
    }

    @Test
    void margins_of_the_declared_stage_win_over_the_configured_ones() {
        ReadinessSettings lenient = standard.toBuilder()
                .margins(Map.of("flips", 0.5, "errors", 0.3))
                .build();
        Readiness readiness = decide(
                        lenient,
                        SeenBuilder.good(),
                        Map.of(),
                        stage(5, DAY, Map.of("flips", 0.001), 1),
                        InputHealth.fresh())
                .all();

        assertThat(gate(readiness, Gate.ERRORS).margin()).isEqualTo(-0.3);
        assertThat(gate(readiness, Gate.FLIPS).margin()).isEqualTo(-0.001);
        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
    }

    @Test
    void candidates_at_once_share_alpha() {
        Readiness alone = decide(SeenBuilder.good());
        Readiness amongFour = decide(SeenBuilder.good(), stage(5, DAY, Map.of(), 4));

        assertThat(amongFour.alpha()).isEqualTo(0.05 / 4);
        assertThat(amongFour.candidates()).isEqualTo(4);
        assertThat(gate(amongFour, Gate.FLIPS).bound())
                .isLessThan(gate(alone, Gate.FLIPS).bound());
    }

    @Test
    void more_candidates_in_force_than_declared_share_alpha_too() {
        DeclaredStage declared = new DeclaredStage(
                new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2")),
                3,
                5,
                START,
                DAY,
                Map.of(),
                References.none().withTailNanos(5),
                2);

        assertThat(StageFacts.of(Optional.of(declared), 3).candidates()).isEqualTo(3);
        assertThat(StageFacts.of(Optional.of(declared), 1).candidates()).isEqualTo(2);
        assertThat(StageFacts.of(Optional.of(declared), 1).references()).isEqualTo(declared.references());
        assertThat(StageFacts.of(Optional.empty(), 2).candidates()).isEqualTo(2);
        assertThat(StageFacts.of(Optional.empty(), 2).percent()).isZero();
    }

    // HOLD

    @Test
    void no_comparison_at_all_is_no_traffic() {
        Readiness readiness = decide(
                        standard,
                        SeenBuilder.nothing(),
                        Map.of(),
                        StageFacts.implicit(),
                        new InputHealth(null, null, null, 0, 0))
                .all();

        assertThat(readiness.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(codes(readiness)).containsExactly("NO_TRAFFIC");
        assertThat(readiness.since()).isNull();
        assertThat(readiness.notBefore()).isNull();
        assertThat(readiness.servedShare()).isNull();
        assertThat(readiness.gates()).extracting(GateResult::status).containsOnly(GateStatus.INSUFFICIENT);
    }

    @Test
    void all_that_breaks_evidence_holds_in_order_even_when_harm_is_proven() {
        SeenBuilder seen = SeenBuilder.good().with(Gate.ERRORS, share(40_000, 0.1, 20_000));
        seen.servedShare = statistics(40_000, 0.5, 0.25, 20_000);
        seen.stickiness = new Stickiness(1_000, 300);
        seen.invalidAnswers = 1_334;
        seen.mismatched = 7;
        Readiness readiness =
                decide(seen, new InputHealth(Duration.ofMinutes(3), Duration.ofHours(2), Duration.ofMinutes(6), 12, 0));

        assertThat(readiness.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(codes(readiness))
                .containsExactly(
                        "LEDGER_GAP",
                        "STALE_INPUT",
                        "STALE_FLAGS",
                        "NO_TRAFFIC",
                        "SAMPLE_RATIO",
                        "STICKINESS",
                        "INVALID_RATE",
                        "SCHEMA_MISMATCH");
        assertThat(readiness.explanation())
                .startsWith("HOLD at 5 %, the evidence cannot be relied on: 12 comparisons were due and did not come.")
                .contains("2 h behind")
                .contains("not been heard of for 6 min")
                .contains("3 min ago")
                .contains("served 50.00 % of requests, but 5.00 % was declared")
                .contains("300 of 1,000 entities watched")
                .contains("1,334 of 80,000")
                .contains("7 pairs cannot be compared");
    }

    @Test
    void more_comparisons_than_were_due_hold_too() {
        assertThat(codes(decide(SeenBuilder.good(), new InputHealth(Duration.ZERO, null, null, 0, 1))))
                .containsExactly("LEDGER_GAP");
    }

    @Test
    void within_their_limits_nothing_holds() {
        SeenBuilder seen = SeenBuilder.good();
        seen.stickiness = new Stickiness(1_000, 5);
        seen.invalidAnswers = 800;
        seen.servedShare = statistics(40_000, 0.055, 0.052, 20_000);

        assertThat(decide(
                                seen,
                                new InputHealth(
                                        Duration.ofMinutes(1), Duration.ofMinutes(5), Duration.ofMinutes(5), 0, 0))
                        .verdict())
                .isEqualTo(Verdict.READY);
    }

    @Test
    void a_few_entities_that_went_back_are_let_pass_and_more_are_not() {
        assertThat(EvidenceChecks.isUnsticky(new Stickiness(0, 0))).isFalse();
        assertThat(EvidenceChecks.isUnsticky(new Stickiness(10, 2))).isFalse();
        assertThat(EvidenceChecks.isUnsticky(new Stickiness(10, 3))).isTrue();
        assertThat(EvidenceChecks.isUnsticky(new Stickiness(1_000, 5))).isFalse();
        assertThat(EvidenceChecks.isUnsticky(new Stickiness(1_000, 6))).isTrue();
    }

    @Test
    void candidate_that_serves_more_or_less_than_declared_holds() {
        for (int percent : new int[] {0, 25, 100}) {
            assertThat(codes(decide(SeenBuilder.good(), stage(percent)))).containsExactly("SAMPLE_RATIO");
        }
    }

    @Test
    void share_that_is_off_because_a_few_sticky_entities_call_often_does_not_hold() {
        SeenBuilder seen = SeenBuilder.good();
        double share = 0.075;
        double vIid = share * (1 - share) / 40_000;
        // A test that takes requests for independent would be 23 standard errors off.
        seen.servedShare = new GateStatistics(40_000, share, share * (1 - share), vIid, 200 * vIid, 0, 60, 600);

        assertThat(codes(decide(seen))).doesNotContain("SAMPLE_RATIO");
    }

    // Better

    @Test
    void better_is_not_asked_unless_configured() {
        assertThat(decide(SeenBuilder.good()).gates())
                .extracting(GateResult::gate)
                .doesNotContain(Gate.ACCURACY_BETTER);
    }

    @Test
    void better_by_points_needs_the_bound_above_the_points() {
        ReadinessSettings points =
                standard.toBuilder().better(Better.points(0.05)).build();
        SeenBuilder better = SeenBuilder.good().with(Gate.ACCURACY_BETTER, statistics(29_000, 0.06, 0.08, 15_000));
        SeenBuilder almost = SeenBuilder.good().with(Gate.ACCURACY_BETTER, statistics(29_000, 0.051, 0.08, 15_000));

        assertThat(decide(points, better).verdict()).isEqualTo(Verdict.READY);
        assertThat(gate(decide(points, better), Gate.ACCURACY_BETTER).margin()).isEqualTo(0.05);
        assertThat(gate(decide(points, almost), Gate.ACCURACY_BETTER).status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(decide(points, almost).explanation())
                .contains("accuracy better undecided")
                .contains("5.1 points higher")
                .contains("above production by 5 points");
    }

    @Test
    void better_by_a_share_has_the_share_inside_d() {
        ReadinessSettings relative =
                standard.toBuilder().better(Better.relative(0.05)).build();
        SeenBuilder better = SeenBuilder.good().with(Gate.ACCURACY_BETTER, statistics(29_000, 0.01, 0.08, 15_000));

        assertThat(gate(decide(relative, better), Gate.ACCURACY_BETTER).margin())
                .isZero();
        assertThat(decide(relative, better).verdict()).isEqualTo(Verdict.READY);
    }

    @Test
    void not_being_better_is_no_harm() {
        ReadinessSettings points =
                standard.toBuilder().better(Better.points(0.05)).build();
        SeenBuilder equal = SeenBuilder.good().with(Gate.ACCURACY_BETTER, statistics(29_000, 0, 0.02, 15_000));
        Readiness readiness = decide(points, equal);

        assertThat(readiness.verdict()).isEqualTo(Verdict.NOT_READY);
        assertThat(gate(readiness, Gate.ACCURACY_BETTER).status()).isEqualTo(GateStatus.UNDECIDED);
    }

    // Arms and censored outcomes

    private static StageFacts withBusinessBound(int percent) {
        References references = References.none().withBounds(OptionalDouble.empty(), OptionalDouble.of(200));
        return new StageFacts(3, percent, START, DAY, Map.of(), references, 1);
    }

    @Test
    void arms_are_shown_in_business_units() {
        SeenBuilder seen = SeenBuilder.good()
                .arms(statistics(30_000, 0.10, 0.01, 15_000), statistics(20_000, 0.11, 0.01, 10_000), 200);
        Readiness readiness = decide(seen, withBusinessBound(5));
        Arms arms = requireNonNull(readiness.arms());
        GateResult business = gate(readiness, Gate.BUSINESS);

        assertThat(readiness.verdict()).isEqualTo(Verdict.READY);
        assertThat(arms.productionN()).isEqualTo(30_000);
        assertThat(arms.candidateN()).isEqualTo(20_000);
        assertThat(arms.productionMean()).isCloseTo(20, within(1e-9));
        assertThat(arms.candidateMean()).isCloseTo(22, within(1e-9));
        assertThat(arms.difference()).isCloseTo(2, within(1e-9));
        assertThat(arms.bound())
                .isCloseTo(requireNonNull(business.bound()) * 200, within(1e-9))
                .isBetween(0.0, 2.0);
        assertThat(business.name()).isEqualTo("business-value");
        assertThat(business.requests()).isEqualTo(50_000);
    }

    @Test
    void difference_of_arms_is_bounded_by_one_side_of_each_at_half_of_alpha() {
        GateStatistics production = statistics(30_000, 0.10, 0.01, 15_000);
        GateStatistics candidate = statistics(2_000, 0.11, 0.1, 1_000);
        Readiness readiness = decide(SeenBuilder.good().arms(production, candidate, 200), withBusinessBound(5));

        double expected = new ConfidenceSequence(candidate, -1, 1, 0.025, 5000, 3).lower()
                - new ConfidenceSequence(production, -1, 1, 0.025, 5000, 3).upper();
        assertThat(gate(readiness, Gate.BUSINESS).bound()).isEqualTo(expected);
        assertThat(gate(readiness, Gate.BUSINESS).status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(readiness.explanation()).containsPattern("more outcomes with a value, .* at this rate");
    }

    @Test
    void candidate_that_earns_less_is_rejected() {
        SeenBuilder seen = SeenBuilder.good()
                .arms(statistics(30_000, 0.10, 0.01, 15_000), statistics(2_000, 0.02, 0.01, 1_000), 200);
        Readiness readiness = decide(seen, withBusinessBound(5));

        assertThat(readiness.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(readiness.explanation()).contains("business value failed").contains("8 % of the bound lower");
    }

    @Test
    void each_arm_needs_the_minimum_numbers() {
        SeenBuilder small =
                SeenBuilder.good().arms(statistics(30_000, 0.10, 0.01, 15_000), statistics(499, 0.9, 0.01, 400), 200);
        SeenBuilder empty = SeenBuilder.good().arms(statistics(30_000, 0.10, 0.01, 15_000), null, 200);

        for (SeenBuilder seen : List.of(small, empty)) {
            GateResult business = gate(decide(seen, withBusinessBound(5)), Gate.BUSINESS);
            assertThat(business.status()).isEqualTo(GateStatus.INSUFFICIENT);
            assertThat(business.reason()).isEqualTo("TOO_FEW_REQUESTS");
        }
        assertThat(requireNonNull(decide(empty, withBusinessBound(5)).arms()).bound())
                .isNull();
    }

    @Test
    void arms_are_compared_only_while_both_serve() {
        SeenBuilder seen = SeenBuilder.good()
                .arms(statistics(30_000, 0.10, 0.01, 15_000), statistics(20_000, 0.11, 0.01, 10_000), 200);

        for (int percent : new int[] {0, 100}) {
            assertThat(decide(seen, withBusinessBound(percent)).gates())
                    .extracting(GateResult::gate)
                    .doesNotContain(Gate.BUSINESS);
        }
    }

    @Test
    void censored_outcomes_are_shown_and_neither_required_nor_able_to_fail() {
        ReadinessSettings censored =
                standard.toBuilder().labelPolicy(LabelPolicy.CENSORED).build();
        SeenBuilder seen = SeenBuilder.good()
                .with(Gate.ACCURACY, share(29_000, 0.5, 15_000))
                .with(Gate.BRIER, statistics(100, 0, 0.01, 90))
                .arms(statistics(30_000, 0.10, 0.01, 15_000), statistics(20_000, 0.11, 0.01, 10_000), 200);
        seen.labelled = 29_000;
        Map<String, Seen> segments = Map.of(
                "region=eu",
                SeenBuilder.segment()
                        .with(Gate.ACCURACY, share(2_900, 0.5, 1_500))
                        .build());
        ReadinessPolicy.Decisions decisions =
                decide(censored, seen, segments, withBusinessBound(5), InputHealth.fresh());
        Readiness readiness = decisions.all();

        assertThat(readiness.verdict()).isEqualTo(Verdict.READY);
        assertThat(gate(readiness, Gate.ACCURACY).status()).isEqualTo(GateStatus.UNDECIDED);
        assertThat(gate(readiness, Gate.ACCURACY).reason()).isEqualTo("CENSORED");
        assertThat(gate(readiness, Gate.ACCURACY).observed()).isEqualTo(-0.5);
        assertThat(gate(readiness, Gate.BRIER).reason()).isEqualTo("CENSORED");
        assertThat(gate(readiness, Gate.BUSINESS).status()).isEqualTo(GateStatus.PASS);
        assertThat(readiness.slices()).extracting(Slice::gate).doesNotContain(Gate.ACCURACY);
        assertThat(gate(requireNonNull(decisions.bySegment().get("region=eu")), Gate.ACCURACY)
                        .status())
                .isEqualTo(GateStatus.UNDECIDED);
    }

    @Test
    void censored_outcomes_need_no_coverage_but_arms_once_the_candidate_serves() {
        ReadinessSettings censored =
                standard.toBuilder().labelPolicy(LabelPolicy.CENSORED).build();
        SeenBuilder seen = SeenBuilder.good();
        seen.labelled = 3;
        SeenBuilder inShadow = SeenBuilder.good();
        inShadow.labelled = 3;
        inShadow.servedShare = statistics(40_000, 0, 0, 20_000);

        Readiness readiness = decide(censored, seen);
        assertThat(codes(readiness)).containsExactly("GATE_INSUFFICIENT");
        assertThat(gate(readiness, Gate.BUSINESS).reason()).isEqualTo("NO_REFERENCE");
        assertThat(readiness.explanation()).contains("set readiness.business-bound before");
        assertThat(decide(censored, inShadow, Map.of(), stage(0), InputHealth.fresh())
                        .all()
                        .verdict())
                .isEqualTo(Verdict.READY);
    }

    // Segments

    @Test
    void harm_in_one_segment_is_flagged_named_and_rejects_although_the_whole_passes() {
        // Like the demo's v3: no worse over all, wrong for one segment.
        Map<String, Seen> segments = Map.of(
                "region=eu", SeenBuilder.segment().build(),
                "region=us", SeenBuilder.segment().build(),
                "region=jp",
                        SeenBuilder.segment()
                                .with(Gate.ACCURACY, share(2_900, 0.15, 1_500))
                                .build());
        ReadinessPolicy.Decisions decisions =
                decide(standard, SeenBuilder.good(), segments, stage(5), InputHealth.fresh());
        Readiness all = decisions.all();

        assertThat(all.gates()).extracting(GateResult::status).containsOnly(GateStatus.PASS);
        assertThat(all.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(codes(all)).containsExactly("SLICE_HARM");
        assertThat(all.reasons().get(0).message())
                .startsWith("accuracy in region=jp: harm is proven, 15 points lower, at best ")
                .endsWith("within 1 point (2,900 labelled requests of at least 1,500 entities).");
        assertThat(all.slices()).hasSize(1);
        Slice slice = all.slices().get(0);
        assertThat(slice.segment()).isEqualTo("region=jp");
        assertThat(slice.gate()).isEqualTo(Gate.ACCURACY);
        assertThat(slice.flagged()).isTrue();
        assertThat(slice.observed()).isEqualTo(-0.15);
        assertThat(slice.upperBound()).isBetween(-0.15, -0.01);
        Readiness jp = requireNonNull(decisions.bySegment().get("region=jp"));
        assertThat(jp.verdict()).isEqualTo(Verdict.REJECT);
        assertThat(gate(jp, Gate.ACCURACY).status()).isEqualTo(GateStatus.FAIL);
        assertThat(requireNonNull(decisions.bySegment().get("region=eu")).verdict())
                .isNotEqualTo(Verdict.REJECT);
    }

    @Test
    void many_harmless_segments_are_not_flagged_and_the_worst_is_shown() {
        Random random = new Random(20260611);
        Map<String, Seen> segments = new TreeMap<>();
        for (int i = 0; i < 200; i++) {
            // Exactly at the margin, with the noise of 4,000 requests.
            double flips = 0.05 + random.nextGaussian() * Math.sqrt(0.05 * 0.95 / 4_000);
            segments.put(
                    "country=" + i,
                    SeenBuilder.segment()
                            .with(Gate.FLIPS, share(4_000, flips, 2_000))
                            .build());
        }
        ReadinessSettings flipsAlone =
                standard.toBuilder().required(List.of(Gate.FLIPS)).build();
        Readiness all = decide(flipsAlone, SeenBuilder.good(), segments, stage(5), InputHealth.fresh())
                .all();

        assertThat(all.verdict()).isEqualTo(Verdict.READY);
        assertThat(all.slices()).hasSize(1);
        assertThat(all.slices().get(0).gate()).isEqualTo(Gate.FLIPS);
        assertThat(all.slices().get(0).flagged()).isFalse();
        double worst = segments.values().stream()
                .mapToDouble(seen ->
                        requireNonNull(seen.statistics().get(Gate.FLIPS)).mean())
                .min()
                .orElseThrow();
        assertThat(all.slices().get(0).observed()).isEqualTo(worst);
    }

    @Test
    void slices_have_the_dependence_of_the_whole() {
        double s2 = 0.1 * 0.9;
        GateStatistics sticky = new GateStatistics(40_000, -0.01, s2, s2 / 40_000, 25 * s2 / 40_000, 0, 60, 20_000);
        Map<String, Seen> segments = Map.of(
                "region=jp",
                SeenBuilder.segment().with(Gate.FLIPS, share(4_000, 0.1, 2_000)).build());
        Readiness independent = decide(standard, SeenBuilder.good(), segments, stage(5), InputHealth.fresh())
                .all();
        Readiness dependent = decide(
                        standard, SeenBuilder.good().with(Gate.FLIPS, sticky), segments, stage(5), InputHealth.fresh())
                .all();

        assertThat(codes(independent)).contains("SLICE_HARM");
        assertThat(codes(dependent)).doesNotContain("SLICE_HARM");
    }

    @Test
    void slices_with_too_little_data_are_not_judged_but_count_among_all() {
        SeenBuilder few = SeenBuilder.segment();
        few.statistics.replaceAll((gate, seen) -> share(499, 0.9, 400));
        SeenBuilder immature = SeenBuilder.segment().with(Gate.ACCURACY, share(2_000, 0.9, 1_000));
        immature.labelled = 1_000;
        Map<String, Seen> segments = new TreeMap<>(Map.of("a=few", few.build(), "a=immature", immature.build()));
        Readiness two = decide(standard, SeenBuilder.good(), segments, stage(5), InputHealth.fresh())
                .all();
        Slice worstOfTwo = two.slices().get(0);
        for (int i = 0; i < 100; i++) {
            segments.put("b=" + i, few.build());
        }
        Readiness many = decide(standard, SeenBuilder.good(), segments, stage(5), InputHealth.fresh())
                .all();
        Slice worstOfMany = many.slices().get(0);

        assertThat(two.verdict()).isEqualTo(Verdict.READY);
        assertThat(worstOfTwo.segment()).isEqualTo("a=immature");
        assertThat(worstOfTwo.gate()).isNotEqualTo(Gate.ACCURACY);
        assertThat(worstOfMany.upperBound()).isGreaterThan(worstOfTwo.upperBound());
    }

    @Test
    void flagged_slices_come_worst_first() {
        Map<String, Seen> segments = Map.of(
                "a=1",
                        SeenBuilder.segment()
                                .with(Gate.FLIPS, share(4_000, 0.3, 2_000))
                                .build(),
                "a=2",
                        SeenBuilder.segment()
                                .with(Gate.FLIPS, share(4_000, 0.6, 2_000))
                                .build());
        Readiness all = decide(standard, SeenBuilder.good(), segments, stage(5), InputHealth.fresh())
                .all();

        assertThat(all.slices()).extracting(Slice::segment).containsExactly("a=2", "a=1");
    }

    @Test
    void segments_inherit_the_hold_of_the_whole_and_have_no_latency_gates() {
        ReadinessPolicy.Decisions decisions = decide(
                standard,
                SeenBuilder.good(),
                Map.of("region=eu", SeenBuilder.segment().build()),
                stage(5),
                new InputHealth(Duration.ofHours(1), null, null, 0, 0));
        Readiness segment = requireNonNull(decisions.bySegment().get("region=eu"));

        assertThat(segment.verdict()).isEqualTo(Verdict.HOLD);
        assertThat(codes(segment)).containsExactly("NO_TRAFFIC");
        assertThat(segment.slices()).isEmpty();
        assertThat(segment.gates())
                .extracting(GateResult::name)
                .containsExactly("errors", "flips", "score-shift", "accuracy", "brier");
    }

    // The rest

    @Test
    void last_stage_has_no_next_one() {
        SeenBuilder seen = SeenBuilder.good();
        seen.servedShare = statistics(40_000, 1, 0, 20_000);
        Readiness readiness = decide(seen, stage(100));

        assertThat(readiness.verdict()).isEqualTo(Verdict.READY);
        assertThat(readiness.nextStage()).isNull();
        assertThat(readiness.notBefore()).isNull();
        assertThat(readiness.explanation()).startsWith("READY, the candidate holds its ground at 100 %: errors");
    }

    @Test
    void stages_follow_each_other_to_the_full_rollout_and_have_the_configured_holds() {
        Map<Integer, Integer> next = Map.of(0, 5, 3, 5, 5, 25, 25, 50, 50, 100, 70, 100);
        next.forEach((percent, following) -> assertThat(decide(SeenBuilder.good(), stage(percent, null, Map.of(), 1))
                        .nextStage())
                .isEqualTo(following));
        assertThat(decide(SeenBuilder.good(), stage(25, null, Map.of(), 1)).hold())
                .isEqualTo(Duration.ofDays(2));
    }

    @Test
    void same_evidence_and_time_give_the_same_decision() {
        assertThat(decide(SeenBuilder.good())).isEqualTo(decide(SeenBuilder.good()));
    }

    @Test
    void bad_settings_name_their_key_and_value() {
        assertThatThrownBy(() -> standard.toBuilder().alpha(0.7).build())
                .hasMessage("readiness.alpha must be above 0 and below 0.5, was 0.7");
        assertThatThrownBy(() -> standard.toBuilder().validFor(Duration.ZERO).build())
                .hasMessage("readiness.valid-for must be positive, was PT0S");
        assertThatThrownBy(
                        () -> standard.toBuilder().margins(Map.of("flips", 1.5)).build())
                .hasMessage("readiness.margins.flips must be 0 to 1, was 1.5");
        assertThatThrownBy(() ->
                        standard.toBuilder().margins(Map.of("latencies", 0.1)).build())
                .hasMessageContaining("gate must be one of errors, tail-latency")
                .hasMessageContaining("was 'latencies'");
        assertThatThrownBy(() -> standard.toBuilder().required(List.of()).build())
                .hasMessageContaining("readiness.gates");
        assertThatThrownBy(() -> standard.toBuilder().coverage(0).build())
                .hasMessage("readiness.coverage must be above 0 and at most 1, was 0.0");
        assertThatThrownBy(() -> Better.points(1)).hasMessageContaining("readiness.better.by");
        assertThatThrownBy(() -> stage(101)).hasMessageContaining("was 101");
        assertThatThrownBy(() -> stage(5, DAY, Map.of(), 0)).hasMessageContaining("candidates");
    }

    @Test
    void every_setting_survives_the_builder_and_shows_in_the_text() {
        ReadinessSettings changed = standard.toBuilder()
                .alpha(0.01)
                .harmAlpha(0.02)
                .nStar(6_000)
                .priorUsers(4)
                .minimumRequests(501)
                .minimumEntities(101)
                .minimumBuckets(21)
                .required(List.of(Gate.FLIPS))
                .margins(Map.of("flips", 0.07, "errors", 0.06))
                .better(Better.relative(0.03))
                .labelPolicy(LabelPolicy.CENSORED)
                .coverage(0.8)
                .holds(new TreeMap<>(Map.of(0, DAY)))
                .requestBudget(9)
                .validFor(Duration.ofSeconds(31))
                .idleAfter(Duration.ofSeconds(32))
                .staleAfter(Duration.ofSeconds(33))
                .flagsStaleAfter(Duration.ofSeconds(34))
                .invalidLimit(0.03)
                .sampleRatioTolerance(0.04)
                .build();

        assertThat(changed.toBuilder().build()).isEqualTo(changed);
        assertThat(List.of(standard.toString().split(", (?=[a-zA-Z]+=)")))
                .as("no component is left at its standard value")
                .doesNotContainAnyElementsOf(Arrays.asList(changed.toString().split(", (?=[a-zA-Z]+=)")));
        assertThat(changed.toString())
                .contains("margins={errors=0.06, flips=0.07}")
                .contains("better=relative 0.03");
        assertThat(new ArrayList<>(List.of(changed.toString())))
                .as("no identity hash, which would differ from process to process")
                .noneMatch(text -> text.matches(".*@[0-9a-f]+.*"));
    }
}
