package dev.understudy.evidence;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RegressionVectorTest {
    private final JsonNode vectors = ReferenceVectors.load("04_regression");
    private final JsonNode expected = vectors.get("expected");
    private final PairEvidence evidence = evidence();
    private final Counters counters = Counters.read(evidence.bytes());

    private PairEvidence evidence() {
        List<Double> edges = new ArrayList<>();
        vectors.get("edges").forEach(edge -> edges.add(edge.asDouble()));
        PairEvidence seen = PairEvidence.create(
                Detail.FULL,
                EvidenceShape.standard().withReferences(References.none().withDeciles(edges)));
        JsonNode rows = vectors.get("rows");
        for (int i = 0; i < rows.get("prod").size(); i++) {
            seen.add(PairObservation.of(
                    "house-" + i,
                    i,
                    Task.REGRESSION,
                    List.of(),
                    CandidateStatus.COMPARED,
                    true,
                    new Answer(false, rows.get("prod").get(i).asDouble(), null, Map.of(), 1),
                    new Answer(false, rows.get("cand").get(i).asDouble(), null, Map.of(), 1)));
        }
        return seen;
    }

    @Test
    void statistics_match_the_reference() {
        Divergence divergence = evidence.divergence();

        assertThat(divergence.n()).isEqualTo(expected.get("n").asLong());
        assertThat(divergence.clamped()).isZero();
        assertClose("meanDiff", divergence.meanDiff(), expected.get("meanDiff"));
        assertClose("meanAbsDiff", divergence.meanAbsDiff(), expected.get("meanAbsDiff"));
        assertClose("rmse", divergence.rmse(), expected.get("rmse"));
        assertClose("maxAbsDiff", divergence.maxAbsDiff(), expected.get("maxAbsDiff"));
        assertClose("nrmse", divergence.nrmse(), expected.get("nrmse"));
        assertClose("pearson", divergence.pearson(), expected.get("pearson"));
        assertClose("ccc", divergence.ccc(), expected.get("ccc"));
        assertClose("js10bits", divergence.js10bits(), expected.get("js10bits"));
        assertThat(divergence.flipRate()).isNull();
        assertThat(divergence.psi20()).isNull();
    }

    @Test
    void variance_of_the_difference_matches_the_reference() {
        Moments.Sums sums = Moments.read(evidence.bytes(), PairLayout.VALUES, 16);
        BigInteger spread =
                sums.n().multiply(sums.squaredDiff()).subtract(sums.diff().pow(2));
        BigInteger unit = sums.unit().pow(2);

        assertClose(
                "m2",
                Exact.ratio(spread, sums.n().multiply(unit)),
                expected.get("diff").get("m2"));
        assertClose(
                "varPop",
                Exact.ratio(spread, sums.n().pow(2).multiply(unit)),
                expected.get("diff").get("varPop"));
    }

    @Test
    void errors_against_the_truth_match_the_reference() {
        OutcomeEvidence outcomes = ReferenceVectors.regressionOutcomes();
        Accuracy accuracy = outcomes.accuracy();
        GateStatistics seen = outcomes.statistics(GateMetric.ABSOLUTE_ERROR).orElseThrow();
        JsonNode improvement = expected.get("absErrImprovementNormalised");

        assertThat(accuracy.labelled()).isEqualTo(expected.get("n").asLong());
        assertClose("maeProd", accuracy.maeProd(), expected.get("maeProd"));
        assertClose("maeCand", accuracy.maeCand(), expected.get("maeCand"));
        assertClose("rmseProd", accuracy.rmseProd(), expected.get("rmseProd"));
        assertClose("rmseCand", accuracy.rmseCand(), expected.get("rmseCand"));
        assertThat(seen.n()).isEqualTo(improvement.get("n").asLong());
        assertClose("mean", seen.mean(), improvement.get("mean"));
        assertClose("varPop", seen.s2(), improvement.get("varPop"));
        assertClose("m2", seen.s2() * seen.n(), improvement.get("m2"));
        assertThat(accuracy.accuracyProd()).isNull();
    }

    @Test
    void distances_on_the_declared_deciles_match_the_reference() {
        long[] production = counters.slice(Counters.COARSE, Counters.DECILES_AT, Counters.DECILES);
        long[] candidate = counters.slice(Counters.COARSE, Counters.DECILES_AT + Counters.DECILES, Counters.DECILES);

        assertClose("psi10", Bins.psi(production, candidate), expected.get("psi10"));
        assertClose("ksEdges", Bins.kolmogorovSmirnov(production, candidate), expected.get("ksEdges"));
        assertThat(evidence.divergence().psi10())
                .as("600 pairs are fewer than 1000")
                .isNull();
    }
}
