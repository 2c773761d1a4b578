package dev.understudy.evidence;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Task;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is known of classes from the labels alone. */
final class MulticlassVectorTest {
    private final JsonNode vectors = ReferenceVectors.load("05_multiclass");
    private final JsonNode expected = vectors.get("expected");

    @Test
    void flips_confusion_and_kappa_match_the_reference() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        JsonNode rows = vectors.get("rows");
        for (int i = 0; i < rows.get("prod").size(); i++) {
            evidence.add(PairObservation.of(
                    "row-" + i,
                    i,
                    Task.MULTICLASS,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    new Answer(false, null, largest(rows.get("prod").get(i)), Map.of(), 1),
                    new Answer(false, null, largest(rows.get("cand").get(i)), Map.of(), 1)));
        }
        JsonNode table = expected.get("confusionProdRowsCandCols");

        assertThat(evidence.divergence().n()).isEqualTo(expected.get("n").asLong());
        assertClose("flipRate", evidence.divergence().flipRate(), expected.get("flipRate"));
        assertClose("kappa", evidence.divergence().kappa(), expected.get("kappa"));
        assertThat(evidence.divergence().flip01()).as("four classes").isNull();
        assertThat(evidence.confusion().labels()).containsExactly("0", "1", "2", "3");
        for (int row = 0; row < table.size(); row++) {
            for (int column = 0; column < table.size(); column++) {
                assertThat(evidence.confusion().counts()[row][column])
                        .isEqualTo(table.get(row).get(column).asLong());
            }
        }
    }

    /** Ties go to the lowest index. */
    private static String largest(JsonNode probabilities) {
        int best = 0;
        for (int k = 1; k < probabilities.size(); k++) {
            if (probabilities.get(k).asDouble() > probabilities.get(best).asDouble()) {
                best = k;
            }
        }
        return Integer.toString(best);
    }
}
