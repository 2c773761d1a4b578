package dev.understudy.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MergeVectorTest {
    private final JsonNode vectors = ReferenceVectors.load("03_merge");
    private final List<PairObservation> rows = ReferenceVectors.binaryRows();

    @Test
    void partitions_merged_in_any_order_give_the_bytes_of_one_pass() {
        byte[] once = ReferenceVectors.evidence(rows).bytes();
        for (JsonNode order : vectors.get("mergeOrders")) {
            PairEvidence merged = merged(order);

            assertThat(merged.bytes()).isEqualTo(once);
            Moments.Sums sums = Moments.read(merged.bytes(), PairLayout.PROBABILITIES, Quantised.BITS);
            JsonNode expected = vectors.get("expectedFixedPointDiff");
            assertThat(sums.n()).isEqualTo(expected.get("n").asLong());
            assertThat(sums.diff())
                    .isEqualTo(new BigInteger(expected.get("sumQ").asText()));
            assertThat(sums.squaredDiff())
                    .isEqualTo(new BigInteger(expected.get("sumQ2").asText()));
        }
    }

    private PairEvidence merged(JsonNode order) {
        List<PairEvidence> partitions = new ArrayList<>();
        for (int p = 0; p < order.size(); p++) {
            partitions.add(PairEvidence.create(Detail.FULL));
        }
        for (int i = 0; i < rows.size(); i++) {
            partitions.get(vectors.get("partition").get(i).asInt()).add(rows.get(i));
        }
        PairEvidence merged = PairEvidence.create(Detail.FULL);
        order.forEach(partition -> merged.merge(partitions.get(partition.asInt())));
        return merged;
    }
}
