package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class OutcomeEvidenceTest {
    private static final List<String> TWO = List.of("0", "1");
    private static final EvidenceShape WITH_BOUNDS = shape(OptionalDouble.of(10), OptionalDouble.of(100));

    private final OutcomeEvidence evidence = OutcomeEvidence.create(Detail.FULL, WITH_BOUNDS);

    private static EvidenceShape shape(OptionalDouble value, OptionalDouble business) {
        return EvidenceShape.standard().withReferences(References.none().withBounds(value, business));
    }

    private static EvidenceLaws<OutcomeEvidence, OutcomeObservation> laws(Detail detail) {
        return new EvidenceLaws<>(() -> OutcomeEvidence.create(detail, WITH_BOUNDS), (evidence, outcome) -> {
            evidence.expect();
            evidence.add(outcome);
        });
    }

    @Provide
    Arbitrary<List<OutcomeObservation>> outcomes() {
        Arbitrary<Double> numbers = Arbitraries.oneOf(
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.doubles(),
                        Arbitraries.of(0.0, 1.0, 0.5, Double.NaN, Double.POSITIVE_INFINITY))
                .injectNull(0.1);
        Arbitrary<String> labels = Arbitraries.of("0", "1", "1.0", "2", "fraud").injectNull(0.1);
        Arbitrary<Answer> answers = Combinators.combine(
                        numbers,
                        labels,
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.doubles().between(0, 1))
                .as((score, label, a, b) -> new Answer(false, score, label, Map.of("0", a, "1", b, "2", a * b), 1));
        return Combinators.combine(
                        Arbitraries.integers().between(0, 400).map(i -> EntityHash.of("entity-" + i)),
                        Arbitraries.of(Task.values()).injectNull(0.05),
                        Arbitraries.of(List.<String>of(), TWO, List.of("0", "1", "2")),
                        Arbitraries.of(Arm.values()),
                        Arbitraries.of(true, true, true, false),
                        answers,
                        answers,
                        Combinators.combine(labels, numbers, numbers).as(Truth::new))
                .as(OutcomeObservation::new)
                .list()
                .ofMaxSize(600);
    }

    @Property(tries = 40)
    void bytes_depend_on_the_outcomes_alone(@ForAll("outcomes") List<OutcomeObservation> seen, @ForAll long seed) {
        laws(Detail.FULL).assertCanonical(seen, seed);
        laws(Detail.GATES).assertCanonical(seen, seed);
    }

    @Property(tries = 40)
    void gates_alone_know_as_much_as_full_evidence(@ForAll("outcomes") List<OutcomeObservation> seen) {
        OutcomeEvidence full = laws(Detail.FULL).all(seen);
        OutcomeEvidence gates = laws(Detail.GATES).all(seen);
        for (GateMetric metric : List.of(GateMetric.ACCURACY, GateMetric.BRIER, GateMetric.ABSOLUTE_ERROR)) {
            assertThat(gates.statistics(metric)).isEqualTo(full.statistics(metric));
        }
        assertThat(gates.relativeAccuracy(1.05)).isEqualTo(full.relativeAccuracy(1.05));
        assertThat(gates.accuracy().labelled()).isEqualTo(full.accuracy().labelled());
        assertThat(gates.accuracy().accuracyCand()).isEqualTo(full.accuracy().accuracyCand());
        assertThat(gates.accuracy().brierProd()).isNull();
    }

    @Property(tries = 40)
    void metrics_stay_within_their_bounds(@ForAll("outcomes") List<OutcomeObservation> seen) {
        OutcomeEvidence all = laws(Detail.FULL).all(seen);
        for (GateMetric metric : List.of(GateMetric.ACCURACY, GateMetric.BRIER, GateMetric.ABSOLUTE_ERROR)) {
            all.statistics(metric).ifPresent(s -> assertThat(Math.abs(s.mean())).isLessThanOrEqualTo(1));
        }
        all.arm(Arm.PRODUCTION).ifPresent(s -> assertThat(Math.abs(s.mean())).isLessThanOrEqualTo(1));
    }

    @Test
    void nothing_seen_gives_nulls_and_no_zeros() {
        assertThat(evidence.accuracy())
                .isEqualTo(new Accuracy(
                        0, 0, 0, 0, 0, 0, 0, null, null, null, null, null, null, null, null, null, null, null, null,
                        null, null, null, null));
        assertThat(evidence.accuracy().coverage()).isNull();
        assertThat(evidence.statistics(GateMetric.ACCURACY)).isEmpty();
        assertThat(evidence.relativeAccuracy(1.05)).isEmpty();
        assertThat(evidence.arm(Arm.CANDIDATE)).isEmpty();
    }

    @Test
    void one_outcome_has_no_auc() {
        evidence.expect();
        evidence.expect();
        evidence.add(binary(0.25, 0.75, "1"));
        Accuracy one = evidence.accuracy();

        assertThat(one.coverage()).isEqualTo(0.5);
        assertThat(one.candidateRight()).isEqualTo(1);
        assertThat(one.brierProd()).isEqualTo(0.5625);
        assertThat(one.brierCand()).isEqualTo(0.0625);
        assertThat(one.logLossCand()).isCloseTo(-Math.log(0.75), within(1e-9));
        assertThat(one.eceProd()).isEqualTo(0.75);
        assertThat(one.aucProd()).isNull();
        assertThat(evidence.statistics(GateMetric.BRIER).orElseThrow().mean()).isEqualTo(0.5);
    }

    @Test
    void relative_accuracy_at_factor_one_is_accuracy_and_above_agrees_with_the_definition() {
        Random random = new Random(2);
        List<Double> differences = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            boolean candidate = random.nextDouble() < 0.8;
            boolean production = random.nextDouble() < 0.7;
            evidence.add(binary(production ? 0.9 : 0.1, candidate ? 0.9 : 0.1, "1"));
            differences.add(((candidate ? 1 : 0) - 1.05 * (production ? 1 : 0)) / 1.05);
        }
        double mean = differences.stream().mapToDouble(d -> d).average().orElseThrow();
        double variance = differences.stream()
                .mapToDouble(d -> (d - mean) * (d - mean))
                .average()
                .orElseThrow();

        assertThat(evidence.relativeAccuracy(1)).isEqualTo(evidence.statistics(GateMetric.ACCURACY));
        assertThat(evidence.relativeAccuracy(1.05).orElseThrow().mean()).isCloseTo(mean, within(1e-9));
        assertThat(evidence.relativeAccuracy(1.05).orElseThrow().s2()).isCloseTo(variance, within(1e-9));
        assertThatThrownBy(() -> evidence.relativeAccuracy(0.9)).hasMessageContaining("0.9");
    }

    @Test
    void outcome_of_a_class_that_the_model_does_not_have_is_counted_and_left_out() {
        evidence.add(binary(0.25, 0.75, "2"));
        evidence.add(binary(0.25, 0.75, "1.0"));

        assertThat(evidence.accuracy().unknownLabels()).isEqualTo(1);
        assertThat(evidence.accuracy().labelled()).isEqualTo(1);
        assertThat(evidence.accuracy().candidateRight()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({"1, 0.5", "0.0, -0.5", "fraud, "})
    void without_classes_only_0_and_1_say_something_of_probabilities(String truth, @Nullable Double mean) {
        evidence.add(outcome(Task.BINARY, List.of(), answer(0.25, "0"), answer(0.75, "1"), truth));

        assertThat(evidence.accuracy().labelled()).isEqualTo(1);
        assertThat(evidence.statistics(GateMetric.ACCURACY)).isPresent();
        assertThat(evidence.statistics(GateMetric.BRIER)
                        .map(GateStatistics::mean)
                        .orElse(null))
                .isEqualTo(mean);
    }

    @Test
    void positive_class_is_the_second_whatever_its_name() {
        evidence.add(outcome(Task.BINARY, List.of("good", "bad"), answer(0.25, "good"), answer(0.75, "bad"), "bad"));

        assertThat(evidence.statistics(GateMetric.BRIER).orElseThrow().mean()).isEqualTo(0.5);
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, -0.5, 1.5})
    void probability_that_is_none_does_not_enter_brier(double invalid) {
        evidence.add(outcome(Task.BINARY, TWO, answer(invalid, "0"), answer(0.75, "1"), "1"));

        assertThat(evidence.statistics(GateMetric.BRIER)).isEmpty();
        assertThat(evidence.accuracy().aucProd()).isNull();
    }

    @Test
    void answers_that_cannot_be_compared_count_for_their_business_value_alone() {
        evidence.add(new OutcomeObservation(
                1,
                Task.BINARY,
                TWO,
                Arm.CANDIDATE,
                false,
                answer(0.2, "0"),
                answer(0.8, "1"),
                new Truth("1", null, 50.0)));

        assertThat(evidence.accuracy().labelled()).isZero();
        assertThat(evidence.statistics(GateMetric.ACCURACY)).isEmpty();
        assertThat(evidence.arm(Arm.CANDIDATE).orElseThrow().mean()).isEqualTo(0.5);
        assertThat(evidence.arm(Arm.PRODUCTION)).isEmpty();
    }

    @Test
    void business_values_are_clamped_to_the_declared_bound_and_counted() {
        for (double value : new double[] {50, -1_000, Double.POSITIVE_INFINITY, Double.NaN}) {
            evidence.add(business(Arm.PRODUCTION, value));
        }
        evidence.add(business(Arm.OTHER, 1));

        assertThat(evidence.arm(Arm.PRODUCTION).orElseThrow().n()).isEqualTo(3);
        assertThat(evidence.arm(Arm.PRODUCTION).orElseThrow().mean()).isCloseTo(0.5 / 3, within(1e-9));
        assertThat(evidence.businessClamped()).isEqualTo(2);
        assertThat(evidence.businessInvalid()).isEqualTo(1);
        assertThat(evidence.arm(Arm.OTHER)).isEmpty();
        assertThatThrownBy(
                        () -> OutcomeEvidence.create(Detail.GATES, WITH_BOUNDS).arm(Arm.PRODUCTION))
                .hasMessageContaining("Detail.FULL");
    }

    @Test
    void absolute_error_is_clamped_to_its_bound_and_needs_one() {
        evidence.add(value(0, 100, 3));
        evidence.add(value(5, 4, 3));
        OutcomeEvidence without = OutcomeEvidence.create(Detail.FULL, EvidenceShape.standard());
        without.add(value(5, 4, 3));

        assertThat(evidence.statistics(GateMetric.ABSOLUTE_ERROR).orElseThrow().mean())
                .isCloseTo((-1 + 0.1) / 2, within(1e-9));
        assertThat(without.statistics(GateMetric.ABSOLUTE_ERROR)).isEmpty();
        assertThat(without.accuracy().maeProd()).isEqualTo(2.0);
        assertThat(without.accuracy().rmseCand()).isEqualTo(1.0);
    }

    @Test
    void truth_that_is_no_number_is_counted_and_left_out() {
        evidence.add(value(1, 2, Double.NaN));

        assertThat(evidence.accuracy().unknownLabels()).isEqualTo(1);
        assertThat(evidence.accuracy().labelled()).isZero();
        assertThat(evidence.accuracy().maeProd()).isNull();
    }

    @Test
    void where_a_bound_differs_the_sum_has_none_in_any_order() {
        List<EvidenceShape> different = List.of(
                WITH_BOUNDS,
                shape(OptionalDouble.of(10), OptionalDouble.of(99)),
                shape(OptionalDouble.empty(), OptionalDouble.of(100)));
        byte[] expected = sum(different, 0).bytes();
        OutcomeEvidence sum = sum(different, 1);

        assertThat(sum.bytes()).isEqualTo(expected);
        assertThat(sum(different, 2).bytes()).isEqualTo(expected);
        assertThat(sum.businessBound()).isEmpty();
        assertThat(sum.valueBound()).isEmpty();
        assertThat(sum.arm(Arm.PRODUCTION)).isEmpty();
        assertThat(sum.statistics(GateMetric.ABSOLUTE_ERROR)).isEmpty();
        assertThat(sum.accuracy().maeProd()).isEqualTo(2.0);
        OutcomeEvidence oneDiffers = sum(different.subList(0, 2), 0);
        assertThat(oneDiffers.valueBound()).hasValue(10);
        assertThat(oneDiffers
                        .statistics(GateMetric.ABSOLUTE_ERROR)
                        .orElseThrow()
                        .n())
                .isEqualTo(2);
    }

    private static OutcomeEvidence sum(List<EvidenceShape> shapes, int first) {
        List<OutcomeEvidence> parts = new ArrayList<>();
        for (EvidenceShape shape : shapes) {
            OutcomeEvidence part = OutcomeEvidence.create(Detail.FULL, shape);
            part.add(value(5, 4, 3));
            part.add(business(Arm.PRODUCTION, 7));
            parts.add(part);
        }
        OutcomeEvidence sum = parts.get(first);
        for (int i = 1; i < parts.size(); i++) {
            sum.merge(parts.get((first + i) % parts.size()));
        }
        return sum;
    }

    @Test
    void adding_does_not_allocate_once_warm() {
        Random random = new Random(3);
        List<OutcomeObservation> seen = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            seen.add(binary(random.nextDouble(), random.nextDouble(), random.nextBoolean() ? "1" : "0"));
        }
        laws(Detail.FULL).assertNoAllocation(seen);
    }

    private static OutcomeObservation binary(double p, double c, String truth) {
        return outcome(Task.BINARY, TWO, answer(p, p < 0.5 ? "0" : "1"), answer(c, c < 0.5 ? "0" : "1"), truth);
    }

    private static OutcomeObservation outcome(
            Task task, List<String> classes, Answer production, Answer candidate, String truth) {
        return new OutcomeObservation(
                EntityHash.of("user-" + production.score()),
                task,
                classes,
                Arm.PRODUCTION,
                true,
                production,
                candidate,
                new Truth(truth, null, null));
    }

    private static OutcomeObservation value(double p, double c, double truth) {
        return new OutcomeObservation(
                1,
                Task.REGRESSION,
                List.of(),
                Arm.PRODUCTION,
                true,
                answer(p, null),
                answer(c, null),
                new Truth(null, truth, null));
    }

    private static OutcomeObservation business(Arm arm, double value) {
        return new OutcomeObservation(
                1, Task.BINARY, TWO, arm, true, answer(0.5, "1"), answer(0.5, "1"), new Truth(null, null, value));
    }

    private static Answer answer(double score, @Nullable String label) {
        return new Answer(false, score, label, Map.of(), 1);
    }
}
