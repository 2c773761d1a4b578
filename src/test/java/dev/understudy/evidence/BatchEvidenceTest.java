package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.understudy.domain.References;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

final class BatchEvidenceTest {
    private static final EvidenceShape WITH_TAIL =
            EvidenceShape.standard().withReferences(References.none().withTailNanos(1_000));
    private static final EvidenceLaws<BatchEvidence, BatchObservation> LAWS =
            new EvidenceLaws<>(() -> BatchEvidence.create(WITH_TAIL), BatchEvidence::add);

    private final BatchEvidence evidence = BatchEvidence.create(WITH_TAIL);

    @Provide
    Arbitrary<List<BatchObservation>> batches() {
        Arbitrary<Long> nanos = Arbitraries.longs().between(0, 1L << 40);
        Arbitrary<Boolean> failed = Arbitraries.of(true, false, false, false);
        return Combinators.combine(
                        Arbitraries.longs().between(-1_000_000, 10_000_000_000L),
                        Arbitraries.integers().between(1, 512),
                        nanos,
                        nanos,
                        nanos,
                        failed,
                        failed)
                .as(BatchObservation::new)
                .list()
                .ofMaxSize(600);
    }

    @Property(tries = 40)
    void bytes_depend_on_the_batches_alone(@ForAll("batches") List<BatchObservation> seen, @ForAll long seed) {
        LAWS.assertCanonical(seen, seed);
    }

    @Test
    void nothing_seen_gives_nulls_and_no_zeros() {
        assertThat(evidence.batches()).isZero();
        assertThat(evidence.statistics(GateMetric.TAIL_LATENCY)).isEmpty();
        assertThat(evidence.statistics(GateMetric.TYPICAL_LATENCY)).isEmpty();
        assertThat(evidence.ratio()).isNull();
        assertThat(evidence.noiseFloor()).isEmpty();
        assertThat(evidence.productionLatency().p50Nanos()).isNull();
    }

    @Test
    void one_batch_gives_its_ratio_and_its_noise() {
        evidence.add(batch(0, 1_000, 2_000, 4_000));

        assertThat(evidence.batches()).isEqualTo(1);
        assertThat(evidence.rows()).isEqualTo(16);
        assertThat(evidence.ratio()).isCloseTo(2, within(1e-9));
        NoiseFloor noise = evidence.noiseFloor().orElseThrow();
        assertThat(noise.ratio()).isCloseTo(4, within(1e-9));
        assertThat(noise.spread()).isZero();
        assertThat(evidence.statistics(GateMetric.TYPICAL_LATENCY).orElseThrow().mean())
                .isCloseTo(-Math.log10(2), within(1e-9));
        assertThat(evidence.candidateLatency().count()).isEqualTo(1);
    }

    @Test
    void tail_allows_the_candidate_its_tolerance() {
        evidence.add(batch(0, 1_001, 1_000, 1));
        evidence.add(batch(0, 1_000, 1_100, 1));
        evidence.add(batch(0, 1_000, 1_101, 1));
        evidence.add(batch(0, 1_001, 1_101, 1));
        GateStatistics tail = evidence.statistics(GateMetric.TAIL_LATENCY).orElseThrow();

        assertThat(tail.n()).isEqualTo(4);
        assertThat(tail.mean()).as("+1, 0, −1, 0").isZero();
        assertThat(tail.s2()).isEqualTo(0.5);
    }

    @Test
    void failed_call_exceeds_and_says_nothing_of_typical_latency() {
        evidence.add(new BatchObservation(0, 1, 10, 5, 10, false, true));
        evidence.add(new BatchObservation(0, 1, 10, 10, 10, false, false));

        assertThat(evidence.statistics(GateMetric.TAIL_LATENCY).orElseThrow().mean())
                .isEqualTo(-0.5);
        assertThat(evidence.statistics(GateMetric.TYPICAL_LATENCY).orElseThrow().n())
                .isEqualTo(1);
        assertThat(evidence.candidateLatency().count()).isEqualTo(1);
        assertThat(evidence.productionLatency().count()).isEqualTo(2);
        assertThat(evidence.noiseFloor().orElseThrow().batches()).isEqualTo(2);
    }

    @Test
    void ratio_is_not_clamped_where_the_gate_is() {
        evidence.add(batch(0, 1, 1_000_000, 1));

        assertThat(evidence.statistics(GateMetric.TYPICAL_LATENCY).orElseThrow().mean())
                .isEqualTo(-1);
        assertThat(evidence.ratio()).isCloseTo(1e6, within(1e-3));
    }

    @Test
    void users_are_time_blocks_and_both_variances_are_over_them() {
        for (int block = 0; block < 40; block++) {
            for (int i = 0; i < 5; i++) {
                evidence.add(batch(10_000L * block + i, 500, block % 2 == 0 ? 400 : 600, 500));
            }
        }
        GateStatistics typical = evidence.statistics(GateMetric.TYPICAL_LATENCY).orElseThrow();

        assertThat(typical.n()).isEqualTo(200);
        assertThat(typical.users()).isEqualTo(40);
        assertThat(typical.vBlocks()).isEqualTo(typical.vUsers()).isGreaterThan(2 * typical.vIid());
    }

    @Test
    void noise_floor_has_the_spread_of_the_logarithm() {
        List<Double> logs = new ArrayList<>();
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            long again = (long) (1e6 * Math.exp(0.1 * random.nextGaussian()));
            evidence.add(batch(1_000L * i, 1_000_000, 1_000_000, again));
            logs.add(Math.log(again / 1e6));
        }
        double mean = logs.stream().mapToDouble(x -> x).average().orElseThrow();
        double variance = logs.stream()
                .mapToDouble(x -> (x - mean) * (x - mean))
                .average()
                .orElseThrow();

        assertThat(evidence.noiseFloor().orElseThrow().ratio()).isCloseTo(Math.exp(mean), within(1e-8));
        assertThat(evidence.noiseFloor().orElseThrow().spread()).isCloseTo(Math.sqrt(variance), within(1e-8));
    }

    @Test
    void without_a_reference_there_is_no_tail() {
        BatchEvidence without = BatchEvidence.create(EvidenceShape.standard());
        without.add(batch(0, 1, 1, 1));

        assertThat(without.tailNanos()).isEmpty();
        assertThat(without.statistics(GateMetric.TAIL_LATENCY)).isEmpty();
        assertThat(without.statistics(GateMetric.TYPICAL_LATENCY)).isPresent();
    }

    @Test
    void where_references_differ_the_sum_has_no_tail_in_any_order() {
        List<References> different = List.of(
                References.none(),
                References.none().withTailNanos(1_000),
                References.none().withTailNanos(1_001));
        byte[] expected = sum(different, 0).bytes();

        assertThat(sum(different, 1).bytes()).isEqualTo(expected);
        assertThat(sum(different, 2).bytes()).isEqualTo(expected);
        assertThat(sum(different, 0).tailNanos()).isEmpty();
        assertThat(sum(different, 0).statistics(GateMetric.TAIL_LATENCY)).isEmpty();
        assertThat(sum(different, 0)
                        .statistics(GateMetric.TYPICAL_LATENCY)
                        .orElseThrow()
                        .n())
                .isEqualTo(3);
    }

    private static BatchEvidence sum(List<References> references, int first) {
        List<BatchEvidence> parts = new ArrayList<>();
        for (int i = 0; i < references.size(); i++) {
            BatchEvidence part = BatchEvidence.create(EvidenceShape.standard().withReferences(references.get(i)));
            part.add(batch(10_000L * i, 2_000, 500 + i, 1_000));
            parts.add(part);
        }
        BatchEvidence sum = parts.get(first);
        for (int i = 1; i < parts.size(); i++) {
            sum.merge(parts.get((first + i) % parts.size()));
        }
        return sum;
    }

    @Test
    void evidence_of_another_kind_or_time_block_is_refused() {
        BatchEvidence minutes =
                BatchEvidence.create(new EvidenceShape(16, Duration.ofMinutes(1), WITH_TAIL.references()));

        assertThatThrownBy(() -> evidence.merge(minutes)).hasMessageContaining("blocks of 60000 ms");
        assertThatThrownBy(() -> evidence.merge(ExposureEvidence.create()))
                .hasMessageContaining("batches")
                .hasMessageContaining("exposure");
        assertThatThrownBy(() -> BatchEvidence.wrap(ExposureEvidence.create().bytes()))
                .hasMessageContaining("must be of batches, was of exposure");
        assertThatThrownBy(() -> evidence.statistics(GateMetric.ERRORS)).hasMessageContaining("ERRORS");
    }

    @Test
    void adding_does_not_allocate_once_warm() {
        Random random = new Random(3);
        List<BatchObservation> seen = new ArrayList<>();
        for (int i = 0; i < 2_000; i++) {
            seen.add(batch(
                    100L * i, 1_000 + random.nextInt(9_000), 1_000 + random.nextInt(9_000), 1 + random.nextInt(9_000)));
        }
        LAWS.assertNoAllocation(seen);
    }

    private static BatchObservation batch(long time, long production, long candidate, long again) {
        return new BatchObservation(time, 16, production, candidate, again, false, false);
    }
}
