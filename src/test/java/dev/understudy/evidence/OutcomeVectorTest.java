package dev.understudy.evidence;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class OutcomeVectorTest {
    private final JsonNode expected = ReferenceVectors.load("01_binary_basic").get("expected");
    private final List<OutcomeObservation> rows = ReferenceVectors.binaryOutcomes();
    private final OutcomeEvidence evidence = ReferenceVectors.outcomes(Detail.FULL, rows);

    @Test
    void labels_of_01_match_the_reference() {
        JsonNode labels = expected.get("labels");
        Accuracy accuracy = evidence.accuracy();

        assertThat(accuracy.labelled()).isEqualTo(labels.get("n").asLong());
        assertThat(accuracy.bothRight()).isEqualTo(labels.get("n11").asLong());
        assertThat(accuracy.productionRight()).isEqualTo(labels.get("n10").asLong());
        assertThat(accuracy.candidateRight()).isEqualTo(labels.get("n01").asLong());
        assertThat(accuracy.bothWrong()).isEqualTo(labels.get("n00").asLong());
        assertClose("accuracyProd", accuracy.accuracyProd(), labels.get("accuracyProd"));
        assertClose("accuracyCand", accuracy.accuracyCand(), labels.get("accuracyCand"));
        assertClose("brierProd", accuracy.brierProd(), labels.get("brierProd"));
        assertClose("brierCand", accuracy.brierCand(), labels.get("brierCand"));
        assertClose("logLossProd", accuracy.logLossProd(), labels.get("logLossProd"));
        assertClose("logLossCand", accuracy.logLossCand(), labels.get("logLossCand"));
        assertClose("eceProd", accuracy.eceProd(), labels.get("eceProd"));
        assertClose("eceCand", accuracy.eceCand(), labels.get("eceCand"));
        assertClose("aucProdBinned", accuracy.aucProd(), labels.get("aucProdBinned"));
        assertClose("aucProdBound", accuracy.aucProdBound(), labels.get("aucProdBound"));
        assertClose("aucCandBinned", accuracy.aucCand(), labels.get("aucCandBinned"));
        assertClose("aucCandBound", accuracy.aucCandBound(), labels.get("aucCandBound"));
        assertDifference(evidence.statistics(GateMetric.ACCURACY).orElseThrow(), labels.get("accuracyDelta"));
        assertDifference(evidence.statistics(GateMetric.BRIER).orElseThrow(), labels.get("brierImprovement"));
    }

    @Test
    void exact_auc_lies_within_the_stated_bound() {
        JsonNode exact = expected.get("labels").get("batchOnly");
        Accuracy accuracy = evidence.accuracy();

        assertWithin(accuracy.aucProd(), accuracy.aucProdBound(), exact.get("aucProdExact"));
        assertWithin(accuracy.aucCand(), accuracy.aucCandBound(), exact.get("aucCandExact"));
    }

    private static void assertWithin(@Nullable Double auc, @Nullable Double bound, JsonNode exact) {
        assertThat(bound).isNotNull().isLessThan(0.01);
        assertThat(auc).isNotNull().isCloseTo(exact.asDouble(), within(requireNonNull(bound)));
    }

    @ParameterizedTest
    @CsvSource({"accuracy, ACCURACY", "brier, BRIER"})
    void gate_statistics_of_01_match_the_reference_at_either_detail(String gate, GateMetric metric) {
        JsonNode stats = expected.get("gates").get(gate).get("stats");

        ReferenceVectors.assertStatistics(evidence.statistics(metric).orElseThrow(), stats);
        ReferenceVectors.assertStatistics(
                ReferenceVectors.outcomes(Detail.GATES, rows).statistics(metric).orElseThrow(), stats);
    }

    @Test
    void partitions_of_03_merged_in_any_order_give_the_bytes_of_one_pass() {
        JsonNode merge = ReferenceVectors.load("03_merge");
        for (JsonNode order : merge.get("mergeOrders")) {
            List<OutcomeEvidence> partitions = new ArrayList<>();
            order.forEach(partition -> partitions.add(OutcomeEvidence.create(Detail.FULL, EvidenceShape.standard())));
            for (int i = 0; i < rows.size(); i++) {
                partitions.get(merge.get("partition").get(i).asInt()).add(rows.get(i));
            }
            OutcomeEvidence merged = OutcomeEvidence.create(Detail.FULL, EvidenceShape.standard());
            order.forEach(partition -> merged.merge(partitions.get(partition.asInt())));

            assertThat(merged.bytes()).isEqualTo(evidence.bytes());
        }
    }

    @Test
    void score_bins_are_those_of_the_reference() {
        JsonNode vectors = ReferenceVectors.load("09_loghist");
        assertThat(ScoreBins.COUNT).isEqualTo(vectors.get("scoreBinCount").asInt());
        for (JsonNode row : vectors.get("scoreBinM4")) {
            assertThat(ScoreBins.of(row.get("x").asDouble()))
                    .as("bin of " + row.get("x"))
                    .isEqualTo(row.get("index").asInt());
        }
    }

    private static void assertDifference(GateStatistics seen, JsonNode difference) {
        assertThat(seen.n()).isEqualTo(difference.get("n").asLong());
        assertClose("mean", seen.mean(), difference.get("mean"));
        assertClose("varPop", seen.s2(), difference.get("varPop"));
        assertClose("varSample", seen.s2() * seen.n() / (seen.n() - 1), difference.get("varSample"));
        assertClose("m2", seen.s2() * seen.n(), difference.get("m2"));
    }
}
