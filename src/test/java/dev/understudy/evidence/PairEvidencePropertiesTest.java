package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

final class PairEvidencePropertiesTest {
    private static final EvidenceShape SHAPE = EvidenceShape.standard()
            .withReferences(References.none().withDeciles(List.of(-100.0, -1.0, 0.0, 0.5, 1.0, 2.0, 50.0, 1e6, 1e12)));

    /** All kinds at once, more labels than the table holds, and a few entities that come again and again. */
    @Provide
    Arbitrary<List<PairObservation>> observations() {
        Arbitrary<Task> tasks = Arbitraries.of(Task.values()).injectNull(0.05);
        Arbitrary<String> labels = Arbitraries.integers()
                .between(0, 25)
                .map(i -> i == 25 ? "x".repeat(70) : "label-" + i)
                .injectNull(0.1);
        Arbitrary<Double> scores = Arbitraries.oneOf(
                        Arbitraries.doubles().between(0, 1),
                        Arbitraries.doubles(),
                        Arbitraries.of(0.0, -0.0, 1.0, Double.NaN, Double.POSITIVE_INFINITY, 0.05, 0.55))
                .injectNull(0.1);
        Arbitrary<Long> latencies = Arbitraries.longs().between(0, 1L << 40);
        Arbitrary<Map<String, Double>> distributions = Arbitraries.maps(
                        Arbitraries.of("a", "b", "c", "d"),
                        Arbitraries.oneOf(Arbitraries.doubles().between(0, 1), Arbitraries.of(0.0, 1.0, Double.NaN)))
                .ofMaxSize(4);
        Arbitrary<Answer> answers = Combinators.combine(
                        Arbitraries.of(true, false, false, false, false), scores, labels, distributions, latencies)
                .as(PairEvidencePropertiesTest::answer)
                .map(answer -> answer.label() != null && answer.label().endsWith("7") ? Answer.none() : answer);
        Arbitrary<Long> entities = Arbitraries.integers().between(0, 400).map(i -> EntityHash.of("entity-" + i));
        return Combinators.combine(
                        entities,
                        Arbitraries.longs().between(-1_000_000, 2_000_000_000_000L),
                        tasks,
                        Arbitraries.frequency(
                                net.jqwik.api.Tuple.of(20, CandidateStatus.COMPARED),
                                net.jqwik.api.Tuple.of(1, CandidateStatus.CANDIDATE_FAILED),
                                net.jqwik.api.Tuple.of(1, CandidateStatus.TIMED_OUT),
                                net.jqwik.api.Tuple.of(1, CandidateStatus.QUARANTINED),
                                net.jqwik.api.Tuple.of(1, CandidateStatus.SHED)),
                        Arbitraries.of(List.<String>of(), List.of("label-1", "label-2")),
                        Arbitraries.of(true, true, true, false),
                        answers,
                        answers)
                .as((entity, time, task, status, classes, comparable, production, candidate) ->
                        new PairObservation(entity, time, task, classes, status, comparable, production, candidate))
                .list()
                .ofMaxSize(900);
    }

    private static Answer answer(
            boolean error,
            @Nullable Double score,
            @Nullable String label,
            Map<String, Double> probabilities,
            long latencyNanos) {
        return error ? Answer.failed(latencyNanos) : new Answer(false, score, label, probabilities, latencyNanos);
    }

    @Property(tries = 60)
    void order_does_not_change_a_byte(@ForAll("observations") List<PairObservation> seen, @ForAll long seed) {
        List<PairObservation> shuffled = new ArrayList<>(seen);
        Collections.shuffle(shuffled, new Random(seed));

        for (Detail detail : Detail.values()) {
            assertThat(all(detail, shuffled).bytes())
                    .isEqualTo(all(detail, seen).bytes());
        }
    }

    @Property(tries = 60)
    void splits_and_merge_trees_do_not_change_a_byte(
            @ForAll("observations") List<PairObservation> seen, @ForAll long seed) {
        Random random = new Random(seed);
        for (Detail detail : Detail.values()) {
            List<PairEvidence> parts = new ArrayList<>();
            for (int i = 0; i <= random.nextInt(8); i++) {
                parts.add(PairEvidence.create(detail, SHAPE));
            }
            seen.forEach(observation -> parts.get(random.nextInt(parts.size())).add(observation));
            while (parts.size() > 1) {
                PairEvidence into = parts.remove(random.nextInt(parts.size()));
                into.merge(parts.remove(random.nextInt(parts.size())));
                parts.add(into);
            }
            assertThat(parts.get(0).bytes()).isEqualTo(all(detail, seen).bytes());
        }
    }

    @Property(tries = 60)
    void evidence_read_back_from_its_bytes_goes_on_as_before(@ForAll("observations") List<PairObservation> seen) {
        PairEvidence stored = PairEvidence.create(Detail.FULL, SHAPE);
        for (PairObservation observation : seen) {
            stored = PairEvidence.wrap(stored.bytes().clone());
            stored.add(observation);
        }
        assertThat(stored.bytes()).isEqualTo(all(Detail.FULL, seen).bytes());
    }

    @Property(tries = 60)
    void gates_alone_know_as_much_as_full_evidence(@ForAll("observations") List<PairObservation> seen) {
        PairEvidence full = all(Detail.FULL, seen);
        PairEvidence gates = all(Detail.GATES, seen);
        for (GateMetric metric : List.of(GateMetric.ERRORS, GateMetric.FLIPS, GateMetric.SCORE_SHIFT)) {
            assertThat(gates.statistics(metric)).isEqualTo(full.statistics(metric));
        }
        assertThat(gates.invalidAnswers()).isEqualTo(full.invalidAnswers());
        assertThat(gates.pairs()).isEqualTo(full.pairs());
        assertThat(gates.mismatched()).isEqualTo(full.mismatched());
        assertThat(gates.productionNotAsked()).isEqualTo(full.productionNotAsked());
    }

    @Property(tries = 60)
    void merging_nothing_changes_nothing_and_leaves_the_other_alone(
            @ForAll("observations") List<PairObservation> seen) {
        PairEvidence evidence = all(Detail.FULL, seen);
        byte[] before = evidence.bytes().clone();
        PairEvidence nothing = PairEvidence.create(Detail.FULL, SHAPE);

        evidence.merge(nothing);
        nothing.merge(evidence);

        assertThat(evidence.bytes()).isEqualTo(before);
        assertThat(nothing.bytes()).isEqualTo(before);
        nothing.add(new PairObservation(
                1, 1, Task.BINARY, List.of(), CandidateStatus.SHED, true, Answer.none(), Answer.none()));
        assertThat(evidence.bytes()).isEqualTo(before);
    }

    private static PairEvidence all(Detail detail, List<PairObservation> seen) {
        PairEvidence evidence = PairEvidence.create(detail, SHAPE);
        seen.forEach(evidence::add);
        return evidence;
    }
}
