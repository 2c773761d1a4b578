package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class DifferingDecilesTest {
    private static final List<Double> DECILES = List.of(1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0);

    private static PairEvidence evidence(long seed, List<Double> deciles) {
        PairEvidence evidence = PairEvidence.create(
                Detail.FULL,
                EvidenceShape.standard().withReferences(References.none().withDeciles(deciles)));
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            double value = 10 * random.nextDouble();
            evidence.add(PairObservation.of(
                    "user-" + i,
                    i,
                    Task.REGRESSION,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    new Answer(false, value, null, Map.of(), 1_000),
                    new Answer(false, value + random.nextGaussian(), null, Map.of(), 1_000)));
        }
        return evidence;
    }

    private static PairEvidence sum(PairEvidence... parts) {
        PairEvidence sum = PairEvidence.wrap(parts[0].bytes().clone());
        for (int i = 1; i < parts.length; i++) {
            sum.merge(parts[i]);
        }
        return sum;
    }

    @Test
    void partitions_that_share_the_deciles_have_their_distances() {
        PairEvidence sum = sum(evidence(1, DECILES), evidence(2, DECILES));

        assertThat(sum.divergence().psi10()).isNotNull();
    }

    @Test
    void partition_that_did_not_know_the_deciles_takes_only_their_distances_away() {
        PairEvidence sum = sum(evidence(1, DECILES), evidence(2, List.of()));

        assertThat(sum.divergence().psi10()).isNull();
        assertThat(sum.bytes())
                .isEqualTo(sum(evidence(1, List.of()), evidence(2, List.of())).bytes());
    }

    @Test
    void sum_is_the_same_in_any_order() {
        PairEvidence known = evidence(1, DECILES);
        PairEvidence also = evidence(2, DECILES);
        PairEvidence unknown = evidence(3, List.of());
        byte[] expected = sum(known, also, unknown).bytes();

        assertThat(sum(unknown, known, also).bytes()).isEqualTo(expected);
        assertThat(sum(known, sum(unknown, also)).bytes()).isEqualTo(expected);
        assertThat(sum(also, unknown, known).bytes()).isEqualTo(expected);
    }
}
