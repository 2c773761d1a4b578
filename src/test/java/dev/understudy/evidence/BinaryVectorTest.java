package dev.understudy.evidence;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigInteger;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BinaryVectorTest {
    private final JsonNode expected = ReferenceVectors.load("01_binary_basic").get("expected");
    private final PairEvidence evidence = ReferenceVectors.evidence(ReferenceVectors.binaryRows());
    private final Counters counters = Counters.read(evidence.bytes());

    @Test
    void prediction_statistics_match_the_reference() {
        JsonNode prediction = expected.get("prediction");
        Divergence divergence = evidence.divergence();

        assertThat(evidence.pairs()).isEqualTo(expected.get("pairsUsed").asLong());
        assertThat(divergence.n()).isEqualTo(prediction.get("n").asLong());
        assertThat(divergence.invalidProd()).isZero();
        assertThat(divergence.invalidCand()).isZero();
        assertClose("meanProd", divergence.meanProd(), prediction.get("meanProd"));
        assertClose("meanCand", divergence.meanCand(), prediction.get("meanCand"));
        assertClose("meanDiff", divergence.meanDiff(), prediction.get("meanDiff"));
        assertClose("meanAbsDiff", divergence.meanAbsDiff(), prediction.get("meanAbsDiff"));
        assertClose("rmse", divergence.rmse(), prediction.get("rmse"));
        assertClose("maxAbsDiff", divergence.maxAbsDiff(), prediction.get("maxAbsDiff"));
        assertClose("pearson", divergence.pearson(), prediction.get("pearson"));
        assertClose("ccc", divergence.ccc(), prediction.get("ccc"));
        assertClose("flipRate", divergence.flipRate(), prediction.get("flipRate"));
        assertClose("flip01", divergence.flip01(), prediction.get("flip01"));
        assertClose("flip10", divergence.flip10(), prediction.get("flip10"));
        assertClose("kappa", divergence.kappa(), prediction.get("kappa"));
        assertClose("js20bits", divergence.js20bits(), prediction.get("js20bits"));
        assertClose("ks100", divergence.ks100(), prediction.get("ks100"));
        assertClose("w1_100", divergence.w1_100(), prediction.get("w1_100"));
    }

    @Test
    void psi_matches_the_reference_but_is_not_published_below_2000_pairs() {
        double psi = Bins.psi(
                counters.slice(Counters.COARSE, 0, Counters.SCORE_BINS),
                counters.slice(Counters.COARSE, Counters.SCORE_BINS, Counters.SCORE_BINS));

        assertClose("psi20", psi, expected.get("prediction").get("psi20"));
        assertThat(evidence.divergence().psi20()).isNull();
    }

    @Test
    void variance_of_the_difference_matches_the_reference() {
        Moments.Sums sums = Moments.read(evidence.bytes(), PairLayout.PROBABILITIES, Quantised.BITS);
        BigInteger spread =
                sums.n().multiply(sums.squaredDiff()).subtract(sums.diff().pow(2));
        BigInteger unit = sums.unit().pow(2);
        JsonNode diff = expected.get("prediction").get("diff");

        assertClose("mean", sums.mean(sums.diff()), diff.get("mean"));
        assertClose("m2", Exact.ratio(spread, sums.n().multiply(unit)), diff.get("m2"));
        assertClose("varPop", Exact.ratio(spread, sums.n().pow(2).multiply(unit)), diff.get("varPop"));
        assertClose(
                "varSample",
                Exact.ratio(
                        spread,
                        sums.n().multiply(sums.n().subtract(BigInteger.ONE)).multiply(unit)),
                diff.get("varSample"));
    }

    @Test
    void integer_sums_of_the_difference_are_equal_to_the_reference() {
        Moments.Sums sums = Moments.read(evidence.bytes(), PairLayout.PROBABILITIES, Quantised.BITS);
        JsonNode exact = expected.get("fixedPointDiff");

        assertThat(sums.n()).isEqualTo(exact.get("n").asLong());
        assertThat(sums.diff()).isEqualTo(new BigInteger(exact.get("sumQ").asText()));
        assertThat(sums.squaredDiff())
                .isEqualTo(new BigInteger(exact.get("sumQ2").asText()));
    }

    @Test
    void confusion_is_equal_to_the_reference() {
        JsonNode table = expected.get("prediction").get("confusionProdRowsCandCols");
        Confusion confusion = evidence.confusion();

        assertThat(confusion.labels()).containsExactly("0", "1");
        for (int row = 0; row < 2; row++) {
            for (int column = 0; column < 2; column++) {
                assertThat(confusion.counts()[row][column])
                        .isEqualTo(table.get(row).get(column).asLong());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"latencyProd, 0", "latencyCand, 57"})
    void latency_bins_and_quantiles_are_equal_to_the_reference(String side, int first) {
        JsonNode latency = expected.get(side);
        assertThat(counters.chunks().total(first, LatencyHistogram.OCTAVES))
                .isEqualTo(latency.get("n").asLong());
        long binned = 0;
        for (JsonNode bin : latency.get("bins")) {
            int index = bin.get(0).asInt();
            assertThat(counters.slice(first, index, 1)[0])
                    .as("bin " + index)
                    .isEqualTo(bin.get(1).asLong());
            binned += bin.get(1).asLong();
        }
        assertThat(binned).isEqualTo(counters.chunks().total(first, LatencyHistogram.OCTAVES));
        Iterator<String> quantiles = latency.get("quantiles").fieldNames();
        while (quantiles.hasNext()) {
            String quantile = quantiles.next();
            JsonNode values = latency.get("quantiles").get(quantile);
            long rank = LogHist.rank(
                    Double.parseDouble(quantile), counters.chunks().total(first, LatencyHistogram.OCTAVES));
            assertThat(rank).isEqualTo(values.get("rank").asLong());
            assertThat(LogHist.middle(
                            counters.chunks().indexOfRank(first, LatencyHistogram.OCTAVES, rank), LogHist.LATENCY_BITS))
                    .isEqualTo(values.get("sketch").asDouble());
        }
    }

    @Test
    void published_percentiles_are_those_of_the_reference() {
        JsonNode quantiles = expected.get("latencyCand").get("quantiles");
        LatencyPercentiles latency = evidence.candidateLatency();

        assertThat(latency.count()).isEqualTo(1175);
        assertThat(latency.p50Nanos())
                .isEqualTo(quantiles.get("0.5").get("sketch").asDouble());
        assertThat(latency.p90Nanos())
                .isEqualTo(quantiles.get("0.9").get("sketch").asDouble());
        assertThat(latency.p95Nanos())
                .isEqualTo(quantiles.get("0.95").get("sketch").asDouble());
        assertThat(latency.p99Nanos())
                .isEqualTo(quantiles.get("0.99").get("sketch").asDouble());
        assertThat(latency.p999Nanos())
                .isEqualTo(quantiles.get("0.999").get("sketch").asDouble());
        assertThat(latency.relativeError()).isEqualTo(1.0 / 256);
    }

    @Test
    void error_counts_match_the_reference() {
        assertClose(
                "errorRateProd",
                (double) evidence.productionErrors() / evidence.total(),
                expected.get("errorRateProd"));
        assertClose(
                "errorRateCand",
                (double) evidence.count(CandidateStatus.CANDIDATE_FAILED) / evidence.total(),
                expected.get("errorRateCand"));
    }

    @ParameterizedTest
    @CsvSource({"error, ERRORS", "flip, FLIPS", "absDiff, SCORE_SHIFT"})
    void gate_statistics_match_the_reference(String gate, GateMetric metric) {
        JsonNode stats = expected.get("gates").get(gate).get("stats");
        GateStatistics seen = evidence.statistics(metric).orElseThrow();

        ReferenceVectors.assertStatistics(seen, stats);
    }

    /** The vectors take each row as a batch and bucket it by user: the arithmetic is that of batches and time blocks. */
    @ParameterizedTest
    @CsvSource({"tailLatency, true", "logLatency, false"})
    void arithmetic_of_the_latency_gates_matches_the_reference(String gate, boolean tail) {
        JsonNode vectors = ReferenceVectors.load("01_binary_basic");
        long tailNanos = vectors.get("tau").asLong();
        double tolerance = vectors.get("latencyFactor").asDouble() - 1;
        GateSection section = new GateSection(0, tail ? 0 : Quantised.BITS, false);
        byte[] bytes = new byte[section.end() + DistinctCount.SIZE];
        for (PairObservation row : ReferenceVectors.binaryRows()) {
            BatchObservation batch = new BatchObservation(
                    row.eventTimeMillis(),
                    1,
                    row.production().latencyNanos(),
                    row.candidate().latencyNanos(),
                    0,
                    row.production().error(),
                    row.candidate().error());
            if (tail || row.answeredTwice()) {
                section.add(
                        bytes,
                        GateSection.bucket(row.entityHash()),
                        tail
                                ? BatchEvidence.tailDifference(batch, tailNanos, tolerance)
                                : BatchEvidence.typicalDifference(
                                        StrictMath.log((double) batch.candidateNanos() / batch.productionNanos())));
                DistinctCount.add(bytes, section.end(), GateSection.fingerprint(row.entityHash()));
            }
        }

        ReferenceVectors.assertStatistics(
                section.read(bytes, section.end()).orElseThrow(),
                expected.get("gates").get(gate).get("stats"));
    }

    @Test
    void errors_also_have_a_variance_over_time_blocks() {
        assertThat(evidence.statistics(GateMetric.ERRORS).orElseThrow().vBlocks())
                .isGreaterThan(0);
        assertThat(evidence.statistics(GateMetric.FLIPS).orElseThrow().vBlocks())
                .isZero();
    }
}
