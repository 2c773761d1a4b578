package dev.understudy.evidence;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Task;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class MulticlassVectorTest {
    private final JsonNode vectors = ReferenceVectors.load("05_multiclass");
    private final JsonNode expected = vectors.get("expected");

    private final JsonNode rows = vectors.get("rows");

    @Test
    void differences_between_distributions_match_the_reference() {
        Divergence divergence = evidence().divergence();

        assertClose("meanTV", divergence.meanTv(), expected.get("meanTV"));
        assertClose("meanJsBits", divergence.meanJsBits(), expected.get("meanJsBits"));
        assertThat(divergence.meanProd()).as("no single score").isNull();
    }

    @Test
    void accuracy_brier_and_log_loss_match_the_reference() {
        OutcomeEvidence evidence = OutcomeEvidence.create(Detail.FULL, EvidenceShape.standard());
        for (int i = 0; i < rows.get("label").size(); i++) {
            evidence.add(new OutcomeObservation(
                    EntityHash.of("row-" + i),
                    Task.MULTICLASS,
                    List.of("0", "1", "2", "3"),
                    Arm.PRODUCTION,
                    true,
                    answer("prod", i),
                    answer("cand", i),
                    new Truth(rows.get("label").get(i).asText(), null, null)));
        }
        Accuracy accuracy = evidence.accuracy();
        GateStatistics delta = evidence.statistics(GateMetric.ACCURACY).orElseThrow();
        GateStatistics brier = evidence.statistics(GateMetric.BRIER).orElseThrow();

        assertClose("accuracyProd", accuracy.accuracyProd(), expected.get("accuracyProd"));
        assertClose("accuracyCand", accuracy.accuracyCand(), expected.get("accuracyCand"));
        assertClose("logLossProd", accuracy.logLossProd(), expected.get("logLossProd"));
        assertClose("logLossCand", accuracy.logLossCand(), expected.get("logLossCand"));
        assertClose("delta", delta.mean(), expected.get("accuracyDelta").get("mean"));
        assertClose("delta", delta.s2(), expected.get("accuracyDelta").get("varPop"));
        assertClose("brier", brier.mean(), expected.get("brierImprovement").get("mean"));
        assertClose("brier", brier.s2(), expected.get("brierImprovement").get("varPop"));
        assertClose(
                "brier",
                brier.s2() * brier.n(),
                expected.get("brierImprovement").get("m2"));
        assertThat(accuracy.eceProd()).as("of two classes only").isNull();
        assertThat(accuracy.aucProd()).as("of two classes only").isNull();
    }

    private PairEvidence evidence() {
        PairEvidence evidence = PairEvidence.create(Detail.FULL);
        for (int i = 0; i < rows.get("prod").size(); i++) {
            evidence.add(PairObservation.of(
                    "row-" + i,
                    i,
                    Task.MULTICLASS,
                    List.of("0", "1", "2", "3"),
                    CandidateStatus.COMPARED,
                    true,
                    answer("prod", i),
                    answer("cand", i)));
        }
        return evidence;
    }

    private Answer answer(String side, int row) {
        JsonNode values = rows.get(side).get(row);
        Map<String, Double> probabilities = new HashMap<>();
        for (int k = 0; k < values.size(); k++) {
            probabilities.put(Integer.toString(k), values.get(k).asDouble());
        }
        return new Answer(false, null, largest(values), probabilities, 1);
    }

    @Test
    void flips_confusion_and_kappa_match_the_reference() {
        PairEvidence evidence = evidence();
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
