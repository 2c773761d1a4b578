package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.domain.Origin;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class PairEvidenceTest {
    private final PairEvidence evidence = PairEvidence.create(Detail.FULL);

    @Test
    void nothing_seen_gives_nulls_and_no_zeros() {
        Divergence nothing = evidence.divergence();

        assertThat(nothing)
                .isEqualTo(new Divergence(
                        0, 0, 0, 0, null, null, null, null, null, null, null, null, null, null, null, null, null, null,
                        null, null, null, null, null, null, null));
        assertThat(evidence.productionLatency().p50Nanos()).isNull();
        assertThat(evidence.statistics(GateMetric.ERRORS)).isEmpty();
        assertThat(evidence.firstEvent()).isEmpty();
        assertThat(evidence.lastEvent()).isEmpty();
        assertThat(evidence.tasks()).isEmpty();
    }

    @Test
    void one_pair_gives_what_one_pair_can_give() {
        evidence.add(binary(0.25, 0.75));
        Divergence one = evidence.divergence();

        assertThat(one.n()).isEqualTo(1);
        assertThat(one.meanDiff()).isEqualTo(0.5);
        assertThat(one.rmse()).isEqualTo(0.5);
        assertThat(one.pearson()).as("constant sides").isNull();
        assertThat(one.ccc()).isEqualTo(0.0);
        assertThat(one.kappa()).isEqualTo(0.0);
        assertThat(one.flip01()).isEqualTo(1.0);
        assertThat(one.psi20()).isNull();
    }

    @Test
    void equal_constant_sides_have_no_concordance_and_no_kappa() {
        evidence.add(binary(0.25, 0.25));
        evidence.add(binary(0.25, 0.25));

        assertThat(evidence.divergence().ccc()).isNull();
        assertThat(evidence.divergence().kappa()).isNull();
        assertThat(evidence.divergence().flipRate()).isEqualTo(0.0);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, -1e-9, 1.0000001})
    void invalid_probability_is_counted_on_its_side_and_its_pair_left_out(double invalid) {
        evidence.add(binary(invalid, 0.5));
        evidence.add(binary(0.5, 0.5));
        Divergence divergence = evidence.divergence();

        assertThat(divergence.invalidProd()).isEqualTo(1);
        assertThat(divergence.invalidCand()).isZero();
        assertThat(divergence.n()).isEqualTo(1);
        assertThat(evidence.statistics(GateMetric.FLIPS).orElseThrow().n()).isEqualTo(1);
        assertThat(evidence.statistics(GateMetric.ERRORS).orElseThrow().n()).isEqualTo(2);
        assertThat(evidence.answers()).isEqualTo(4);
        assertThat(evidence.invalidAnswers()).isEqualTo(1);
    }

    @Test
    void value_beyond_the_range_is_clamped_and_counted() {
        evidence.add(regression(1e12, 0));
        evidence.add(regression(-1e300, -1e12));

        assertThat(evidence.divergence().clamped()).isEqualTo(3);
        assertThat(evidence.divergence().maxAbsDiff()).isEqualTo(0x1p31);
        assertThat(evidence.divergence().invalidProd()).isZero();
    }

    @Test
    void infinite_regression_value_is_invalid() {
        evidence.add(regression(Double.POSITIVE_INFINITY, 0));
        evidence.add(regression(0, Double.NaN));

        assertThat(evidence.divergence().invalidProd()).isEqualTo(1);
        assertThat(evidence.divergence().invalidCand()).isEqualTo(1);
        assertThat(evidence.divergence().n()).isZero();
    }

    @Test
    void sums_survive_more_than_64_bits() {
        PairEvidence doubling = PairEvidence.create(Detail.FULL);
        doubling.add(binary(1, 0));
        doubling.add(regression(0x1p31, -0x1p31));
        for (int i = 0; i < 32; i++) {
            doubling.merge(PairEvidence.wrap(doubling.bytes().clone()));
        }
        long n = 1L << 32;

        assertThat(doubling.count(CandidateStatus.COMPARED)).isEqualTo(2 * n);
        assertThat(doubling.divergence().meanProd()).isEqualTo(1.0);
        assertThat(doubling.divergence().meanAbsDiff()).isEqualTo(1.0);
        Moments.Sums values = Moments.read(doubling.bytes(), PairLayout.VALUES, 16);
        assertThat(values.mean(values.diff())).isEqualTo(-0x1p32);
        assertThat(values.rmse()).isEqualTo(0x1p32);
        assertThat(Counters.read(doubling.bytes()).slice(Counters.SCORES_PROD, 99, 1))
                .containsExactly(n);
    }

    @Test
    void merging_evidence_with_itself_doubles_it() {
        evidence.add(binary(0.2, 0.9));
        evidence.merge(evidence);
        PairEvidence twice = PairEvidence.create(Detail.FULL);
        twice.add(binary(0.2, 0.9));
        twice.add(binary(0.2, 0.9));

        assertThat(evidence.bytes()).isEqualTo(twice.bytes());
    }

    @ParameterizedTest
    @ValueSource(ints = {255, 256, 257, 65_535, 65_536, 65_537})
    void counter_outgrows_its_width_without_losing_count(int times) {
        for (int i = 0; i < times; i++) {
            evidence.add(binary(0.5, 0.5));
        }
        assertThat(Counters.read(evidence.bytes()).slice(Counters.SCORES_PROD, 50, 1))
                .containsExactly((long) times);
        assertThat(evidence.productionLatency().count()).isEqualTo(times);
    }

    @Test
    void a_failed_a_late_and_a_quarantined_candidate_count_as_errors_and_a_shed_request_does_not() {
        for (CandidateStatus status : CandidateStatus.values()) {
            Answer answer = new Answer(false, 0.5, "1", Map.of(), 9);
            evidence.add(observation(status, answer, status == CandidateStatus.COMPARED ? answer : Answer.none()));
        }
        GateStatistics errors = evidence.statistics(GateMetric.ERRORS).orElseThrow();

        assertThat(evidence.total()).isEqualTo(5);
        assertThat(errors.n()).isEqualTo(4);
        assertThat(errors.mean()).isEqualTo(-0.75);
        assertThat(evidence.productionLatency().count())
                .as("latency is compared on requests that both answered")
                .isEqualTo(1);
    }

    @Test
    void errors_of_production_alone_speak_for_the_candidate_and_errors_of_both_for_neither() {
        evidence.add(observation(CandidateStatus.COMPARED, Answer.failed(3), new Answer(false, 0.5, "1", Map.of(), 9)));
        evidence.add(observation(CandidateStatus.CANDIDATE_FAILED, Answer.failed(3), Answer.failed(4)));

        assertThat(evidence.productionErrors()).isEqualTo(2);
        assertThat(evidence.statistics(GateMetric.ERRORS).orElseThrow().mean()).isEqualTo(0.5);
        assertThat(evidence.pairs()).isZero();
    }

    @Test
    void production_that_was_not_asked_is_counted_and_has_no_error() {
        Answer answer = new Answer(false, 0.5, "1", Map.of(), 9);
        evidence.add(observation(CandidateStatus.COMPARED, Answer.none(), answer));
        evidence.add(observation(CandidateStatus.QUARANTINED, Answer.none(), Answer.none()));
        evidence.add(observation(CandidateStatus.COMPARED, answer, answer));

        assertThat(Answer.none().asked()).isFalse();
        assertThat(Answer.failed(0).asked()).isTrue();
        assertThat(evidence.productionNotAsked()).isEqualTo(2);
        assertThat(evidence.productionErrors()).isZero();
        assertThat(evidence.statistics(GateMetric.ERRORS).orElseThrow().n()).isEqualTo(1);
        assertThat(evidence.pairs()).isEqualTo(1);
        assertThat(evidence.candidateLatency().count()).isEqualTo(1);
        assertThat(evidence.total()).isEqualTo(3);
    }

    @Test
    void answers_that_speak_of_different_things_count_for_errors_and_latency_alone() {
        evidence.add(PairObservation.of(
                "user",
                1_000,
                Task.BINARY,
                List.of("0", "1"),
                CandidateStatus.COMPARED,
                false,
                new Answer(false, 0.5, "1", Map.of(), 1_000),
                new Answer(false, 77.0, "b", Map.of(), 2_000)));

        assertThat(evidence.mismatched()).isEqualTo(1);
        assertThat(evidence.pairs()).isZero();
        assertThat(evidence.invalidAnswers()).isZero();
        assertThat(evidence.divergence().flipRate()).isNull();
        assertThat(evidence.statistics(GateMetric.ERRORS).orElseThrow().n()).isEqualTo(1);
        assertThat(evidence.candidateLatency().count()).isEqualTo(1);
    }

    @Test
    void classes_that_one_side_lacks_have_probability_0_there() {
        evidence.add(distributions(Map.of("a", 1.0), Map.of("b", 0.75, "a", 0.25)));
        evidence.add(distributions(Map.of("a", 1.0), Map.of("b", 1.0)));

        assertThat(evidence.divergence().meanTv()).isEqualTo((0.75 + 1) / 2);
        // Disjoint distributions differ by one bit.
        double first =
                (1.0 * Math.log(1 / 0.625) + 0.25 * Math.log(0.25 / 0.625) + 0.75 * Math.log(2)) / 2 / Math.log(2);
        assertThat(evidence.divergence().meanJsBits()).isCloseTo((first + 1) / 2, within(1e-9));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -1e-9, 1.0000001})
    void distribution_with_an_invalid_probability_is_an_invalid_answer(double invalid) {
        evidence.add(distributions(Map.of("a", 0.5, "b", 0.5), Map.of("a", 0.5, "b", invalid)));

        assertThat(evidence.invalidCand()).isEqualTo(1);
        assertThat(evidence.invalidProd()).isZero();
        assertThat(evidence.pairs()).isZero();
        assertThat(evidence.divergence().meanTv()).isNull();
    }

    private static PairObservation distributions(Map<String, Double> p, Map<String, Double> c) {
        return PairObservation.of(
                "user",
                1_000,
                Task.MULTICLASS,
                List.of("a", "b"),
                CandidateStatus.COMPARED,
                true,
                new Answer(false, null, "a", p, 1_000),
                new Answer(false, null, "b", c, 2_000));
    }

    @Test
    void deciles_of_production_are_those_of_its_values_within_the_stated_error() {
        Random random = new Random(4);
        double[] values = new double[5_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = 20 * random.nextGaussian() - 5;
            evidence.add(regression(values[i], 0));
        }
        Arrays.sort(values);
        List<Double> deciles = evidence.productionDeciles().orElseThrow();

        assertThat(deciles).hasSize(References.EDGES);
        for (int k = 1; k <= References.EDGES; k++) {
            double exact = values[(int) Math.ceil(k * values.length / 10.0) - 1];
            assertThat(deciles.get(k - 1)).isCloseTo(exact, within(Math.abs(exact) / 256 + 0x1p-16));
        }
        assertThat(References.none().withDeciles(deciles).deciles()).isEqualTo(deciles);
    }

    @Test
    void deciles_need_a_thousand_values() {
        for (int i = 0; i < 999; i++) {
            evidence.add(regression(i, 0));
        }
        assertThat(evidence.productionDeciles()).isEmpty();
        evidence.add(regression(1, 0));
        assertThat(evidence.productionDeciles()).isPresent();
    }

    @Test
    void errors_in_one_burst_have_a_larger_variance_over_time_blocks_than_the_same_spread_out() {
        PairEvidence burst = PairEvidence.create(Detail.GATES);
        PairEvidence spread = PairEvidence.create(Detail.GATES);
        for (int i = 0; i < 20_000; i++) {
            burst.add(failedIf(i >= 5_000 && i < 5_100, i));
            spread.add(failedIf(i % 200 == 0, i));
        }
        GateStatistics bursting = burst.statistics(GateMetric.ERRORS).orElseThrow();
        GateStatistics steady = spread.statistics(GateMetric.ERRORS).orElseThrow();

        assertThat(bursting.mean()).isEqualTo(steady.mean());
        assertThat(bursting.v()).isEqualTo(bursting.vBlocks()).isGreaterThan(50 * bursting.vIid());
        assertThat(steady.v()).isLessThan(3 * steady.vIid());
    }

    private static PairObservation failedIf(boolean failed, int i) {
        return new PairObservation(
                EntityHash.of("user-" + i),
                100L * i,
                Task.BINARY,
                List.of(),
                failed ? CandidateStatus.CANDIDATE_FAILED : CandidateStatus.COMPARED,
                true,
                new Answer(false, 0.5, "1", Map.of(), 9),
                failed ? Answer.failed(9) : new Answer(false, 0.5, "1", Map.of(), 9));
    }

    @Test
    void the_sixteen_smallest_labels_have_a_row_each_and_the_rest_share_one() {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            order.add(i);
        }
        java.util.Collections.shuffle(order, new Random(7));
        for (int i : order) {
            evidence.add(labelled(label(i), label(i)));
            evidence.add(labelled(label(i), label((i + 1) % 20)));
        }
        Confusion confusion = evidence.confusion();

        assertThat(confusion.labels()).hasSize(16).startsWith(label(0)).endsWith(label(15));
        assertThat(confusion.counts()[3][3]).isEqualTo(1);
        assertThat(confusion.counts()[15][16])
                .as("from the last named to another")
                .isEqualTo(1);
        assertThat(confusion.counts()[16][16])
                .as("4 equal, 3 flips among the others")
                .isEqualTo(7);
        assertThat(evidence.divergence().flipRate())
                .as("flips among others count")
                .isEqualTo(0.5);
        assertThat(evidence.divergence().flip01()).as("not two labels").isNull();
    }

    private static String label(int i) {
        return String.format("class-%02d", i);
    }

    @Test
    void positive_class_is_the_second_of_two_whatever_its_name() {
        List<String> classes = List.of("legit", "fraud");
        evidence.add(labelled(Task.BINARY, classes, "legit", "fraud"));
        evidence.add(labelled(Task.BINARY, classes, "legit", "legit"));
        evidence.add(labelled(Task.BINARY, classes, "fraud", "fraud"));
        evidence.add(labelled(Task.BINARY, classes, "legit", "fraud"));

        assertThat(evidence.confusion().labels()).containsExactly("fraud", "legit");
        assertThat(evidence.divergence().flip01()).as("legit to fraud").isEqualTo(0.5);
        assertThat(evidence.divergence().flip10()).isEqualTo(0.0);
    }

    @Test
    void direction_of_flips_is_not_known_without_two_classes() {
        evidence.add(labelled(Task.BINARY, List.of(), "0", "1"));
        evidence.add(labelled(Task.MULTICLASS, List.of("0", "1", "2"), "0", "1"));

        assertThat(evidence.divergence().flipRate()).isEqualTo(1.0);
        assertThat(evidence.divergence().flip01()).isNull();
        assertThat(evidence.divergence().flip10()).isNull();
    }

    @Test
    void scores_on_a_bin_edge_fall_where_the_double_product_says() {
        evidence.add(binary(0.55, 1.0));
        evidence.add(binary(Math.nextDown(0.55), 0.0));
        long[] coarse = Counters.read(evidence.bytes()).slice(Counters.COARSE, 0, Counters.SCORE_BINS);

        assertThat(coarse[(int) (0.55 * 20)]).isPositive();
        assertThat(Counters.read(evidence.bytes()).slice(Counters.SCORES_CAND, 99, 1))
                .containsExactly(1L);
        assertThat(Counters.read(evidence.bytes()).slice(Counters.SCORES_CAND, 0, 1))
                .containsExactly(1L);
    }

    @Test
    void psi_is_published_from_2000_pairs_on() {
        Random random = new Random(1);
        for (int i = 0; i < 1_999; i++) {
            double p = random.nextDouble();
            evidence.add(binary(p, p * p));
        }
        assertThat(evidence.divergence().psi20()).isNull();
        evidence.add(binary(0.5, 0.25));
        assertThat(evidence.divergence().psi20()).isGreaterThan(0.1);
    }

    @Test
    void served_share_and_event_times_are_kept() {
        for (int i = 0; i < 10; i++) {
            evidence.add(PairObservation.of(
                    "user-" + i,
                    5_000L - 100L * i,
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.SHED,
                    true,
                    new Answer(false, 0.5, "1", Map.of(), 9),
                    Answer.none()));
        }
        assertThat(evidence.firstEvent()).contains(Instant.ofEpochMilli(4_100));
        assertThat(evidence.lastEvent()).contains(Instant.ofEpochMilli(5_000));
        assertThat(evidence.tasks()).containsExactly(Task.BINARY);
    }

    @Test
    void evidence_of_another_shape_is_refused() {
        PairEvidence other =
                PairEvidence.create(Detail.FULL, new EvidenceShape(8, Duration.ofSeconds(1), References.none()));

        assertThatThrownBy(() -> evidence.merge(other))
                .hasMessageContaining("units of 2^-16, blocks of 10000 ms")
                .hasMessageContaining("units of 2^-8, blocks of 1000 ms");
        assertThatThrownBy(() -> evidence.merge(PairEvidence.create(Detail.GATES)))
                .hasMessageContaining("FULL")
                .hasMessageContaining("GATES");
    }

    @Test
    void bytes_of_another_version_are_refused() {
        byte[] later = evidence.bytes().clone();
        later[0] = 9;

        assertThatThrownBy(() -> PairEvidence.wrap(later)).hasMessageContaining("version 9");
        assertThatThrownBy(() -> PairEvidence.wrap(new byte[0])).hasMessageContaining("none");
        assertThatThrownBy(() -> PairEvidence.wrap(Arrays.copyOf(evidence.bytes(), PairLayout.GATES_SIZE)))
                .hasMessageContaining("full evidence");
    }

    @Test
    void divergence_of_gates_alone_is_refused() {
        assertThatThrownBy(() -> PairEvidence.create(Detail.GATES).divergence()).hasMessageContaining("Detail.FULL");
    }

    @Test
    void deciles_must_be_nine_and_ascending() {
        assertThatThrownBy(() -> References.none().withDeciles(List.of(1.0, 2.0)))
                .hasMessageContaining("2 values");
        assertThatThrownBy(() -> References.none().withDeciles(List.of(1.0, 2.0, 3.0, 4.0, 3.0, 6.0, 7.0, 8.0, 9.0)))
                .hasMessageContaining("ascending");
    }

    @Test
    void adding_does_not_allocate_once_warm() {
        Random random = new Random(3);
        List<PairObservation> seen = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            seen.add(PairObservation.of(
                    "user-" + random.nextInt(3_000),
                    10L * i,
                    Task.BINARY,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    new Answer(false, random.nextDouble(), random.nextBoolean() ? "0" : "1", Map.of(), 1_000L + i),
                    new Answer(false, random.nextDouble(), random.nextBoolean() ? "0" : "1", Map.of(), 2_000L + i)));
        }
        new EvidenceLaws<>(() -> PairEvidence.create(Detail.FULL), PairEvidence::add).assertNoAllocation(seen);
    }

    @Test
    void entity_hashes_are_part_of_the_format_and_stay() {
        assertThat(EntityHash.of("user-1")).isEqualTo(EntityHash.of(new String("user-1".toCharArray())));
        assertThat(Long.toHexString(EntityHash.of("user-1"))).isEqualTo("1974f9c740f42d59");
        assertThat(Long.toHexString(EntityHash.of(new Origin(3, 7)))).isEqualTo("59f0a990a364d3fd");
    }

    @Test
    void entities_spread_evenly_over_buckets() {
        int[] buckets = new int[Buckets.K];
        for (int i = 0; i < 64_000; i++) {
            buckets[(int) EntityHash.of("customer-" + i) & Buckets.K - 1]++;
        }
        // Chi-square with 63 degrees of freedom: 126 would be reached with a chance of 4 in a million.
        double chiSquare = Arrays.stream(buckets)
                .mapToDouble(n -> (n - 1_000) * (n - 1_000) / 1_000.0)
                .sum();
        assertThat(chiSquare).isLessThan(126);
    }

    private static PairObservation binary(double p, double c) {
        return binary(p, p >= 0.5 ? "1" : "0", c, c >= 0.5 ? "1" : "0");
    }

    private static PairObservation binary(double p, String labelP, double c, String labelC) {
        return observation(
                CandidateStatus.COMPARED,
                new Answer(false, p, labelP, Map.of(), 1_000),
                new Answer(false, c, labelC, Map.of(), 2_000));
    }

    private static PairObservation observation(CandidateStatus status, Answer production, Answer candidate) {
        return PairObservation.of("user", 1_000, Task.BINARY, List.of("0", "1"), status, true, production, candidate);
    }

    private static PairObservation regression(double p, double c) {
        return PairObservation.of(
                "user",
                1_000,
                Task.REGRESSION,
                List.of(),
                CandidateStatus.COMPARED,
                true,
                new Answer(false, p, null, Map.of(), 1_000),
                new Answer(false, c, null, Map.of(), 2_000));
    }

    private static PairObservation labelled(@Nullable String p, @Nullable String c) {
        return labelled(Task.MULTICLASS, List.of(), p, c);
    }

    private static PairObservation labelled(Task task, List<String> classes, @Nullable String p, @Nullable String c) {
        return PairObservation.of(
                "user",
                1_000,
                task,
                classes,
                CandidateStatus.COMPARED,
                true,
                new Answer(false, null, p, Map.of(), 1_000),
                new Answer(false, null, c, Map.of(), 2_000));
    }
}
