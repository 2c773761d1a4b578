package dev.understudy.readiness;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.evidence.GateMetric;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.ReferenceVectors;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

final class ConfidenceSequenceTest {
    private static final JsonNode VECTORS = ReferenceVectors.load("08_confidence_sequences");

    static Stream<JsonNode> oneSidedGate() {
        return IntStream.range(0, VECTORS.get("oneSidedGate").size()).mapToObj(VECTORS.get("oneSidedGate")::get);
    }

    @ParameterizedTest
    @MethodSource("oneSidedGate")
    void bounds_and_evidence_match_the_reference(JsonNode vector) {
        JsonNode input = vector.get("input");
        double bound = input.get("bound").asDouble();
        GateStatistics seen = new GateStatistics(
                input.get("n").asLong(),
                input.get("mean").asDouble(),
                input.get("s2").asDouble(),
                input.get("s2").asDouble() / input.get("n").asLong(),
                input.get("V").asDouble(),
                0,
                64,
                input.get("users").asLong());
        ConfidenceSequence sequence = new ConfidenceSequence(
                seen,
                -bound,
                bound,
                input.get("alpha").asDouble(),
                input.get("nStar").asDouble(),
                input.get("w0").asDouble());
        JsonNode expected = vector.get("expected");

        assertSequence(sequence, expected);
        Iterator<String> margins = expected.get("logE").fieldNames();
        while (margins.hasNext()) {
            String margin = margins.next();
            double m0 = Double.parseDouble(margin);
            JsonNode logE = expected.get("logE").get(margin);
            assertLog("above " + margin, sequence.logEvidenceAbove(m0), logE.get("gt"));
            assertLog("below " + margin, sequence.logEvidenceBelow(m0), logE.get("lt"));
        }
    }

    @ParameterizedTest
    @CsvSource({"error, ERRORS", "flip, FLIPS", "absDiff, SCORE_SHIFT"})
    void gates_over_rows_match_the_reference(String gate, GateMetric metric) {
        PairEvidence evidence = ReferenceVectors.evidence(ReferenceVectors.binaryRows());
        JsonNode expected = ReferenceVectors.load("01_binary_basic")
                .get("expected")
                .get("gates")
                .get(gate);
        GateStatistics seen = evidence.statistics(metric).orElseThrow();
        // The reference knows buckets of users alone.
        GateStatistics withoutBlocks = new GateStatistics(
                seen.n(), seen.mean(), seen.s2(), seen.vIid(), seen.vUsers(), 0, seen.kEff(), seen.users());
        assertGate(withoutBlocks, expected);
    }

    @ParameterizedTest
    @CsvSource({"tailLatency", "logLatency", "accuracy", "brier"})
    void inference_from_given_statistics_matches_the_reference(String gate) {
        JsonNode expected = ReferenceVectors.load("01_binary_basic")
                .get("expected")
                .get("gates")
                .get(gate);
        JsonNode stats = expected.get("stats");
        assertGate(
                new GateStatistics(
                        stats.get("n").asLong(),
                        stats.get("mean").asDouble(),
                        stats.get("s2").asDouble(),
                        stats.get("vIid").asDouble(),
                        stats.get("vBucket").asDouble(),
                        0,
                        stats.get("kEff").asDouble(),
                        stats.get("users").asLong()),
                expected);
    }

    private static void assertGate(GateStatistics seen, JsonNode expected) {
        ConfidenceSequence sequence = new ConfidenceSequence(seen, -1, 1, 0.05, 5000, 3);
        double m0 = -expected.get("margin").asDouble();

        assertClose("V", seen.v(), expected.get("stats").get("V"));
        assertSequence(sequence, expected.get("cs"));
        assertClose("logEvaluePass", sequence.logEvidenceAbove(m0), expected.get("logEvaluePass"));
        assertClose("logEvalueHarm", sequence.logEvidenceBelow(m0), expected.get("logEvalueHarm"));
        assertThat(sequence.lower() > m0).isEqualTo(expected.get("passes").asBoolean());
    }

    @Test
    void regression_without_users_matches_the_reference() {
        JsonNode expected = ReferenceVectors.load("04_regression").get("expected");
        JsonNode improvement = expected.get("absErrImprovementNormalised");
        long n = improvement.get("n").asLong();
        double s2 = improvement.get("varPop").asDouble();
        GateStatistics seen = new GateStatistics(n, improvement.get("mean").asDouble(), s2, s2 / n, 0, 0, 64, n);

        assertSequence(new ConfidenceSequence(seen, -1, 1, 0.05, 5000, 3), expected.get("csNoUsers"));
    }

    private static void assertSequence(ConfidenceSequence sequence, JsonNode expected) {
        assertClose("lower", sequence.lower(), expected.get("lower"));
        assertClose("upper", sequence.upper(), expected.get("upper"));
        assertClose("meanPriorLow", sequence.withLowPrior().mean(), expected.get("meanPriorLow"));
        assertClose("vPriorLow", sequence.withLowPrior().variance(), expected.get("vPriorLow"));
        assertClose("nEffPriorLow", sequence.withLowPrior().n(), expected.get("nEffPriorLow"));
        assertClose("meanPriorUp", sequence.withHighPrior().mean(), expected.get("meanPriorUp"));
        assertClose("vPriorUp", sequence.withHighPrior().variance(), expected.get("vPriorUp"));
        assertClose("nEffPriorUp", sequence.withHighPrior().n(), expected.get("nEffPriorUp"));
        assertClose("rho2", sequence.rho2(), expected.get("rho2"));
    }

    private static void assertLog(String what, double actual, JsonNode expected) {
        double value = expected.asDouble();
        double tolerance = Math.abs(value) > 1e3 ? 1e-7 : 1e-9;
        assertThat(actual).as(what).isCloseTo(value, within(tolerance * Math.max(1, Math.abs(value))));
    }

    @Test
    void two_sided_multipliers_match_the_reference() {
        for (JsonNode vector : VECTORS.get("twoSidedMultiplier")) {
            double alpha = vector.get("alpha").asDouble();
            double nStar = vector.get("nStar").asDouble();
            assertClose("rho2", ConfidenceSequence.rho2(alpha, nStar), vector.get("rho2"));
            assertClose(
                    "B",
                    ConfidenceSequence.twoSidedMultiplier(vector.get("n").asDouble(), alpha, nStar),
                    vector.get("B"));
        }
    }

    @Test
    void the_worst_mean_gives_the_worst_bound_and_no_evidence() {
        GateStatistics worst = new GateStatistics(1000, -1, 0, 0, 0, 0, 60, 1000);
        ConfidenceSequence sequence = new ConfidenceSequence(worst, -1, 1, 0.05, 5000, 3);

        assertThat(sequence.lower()).isEqualTo(-1);
        assertThat(sequence.logEvidenceAbove(-0.5)).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(sequence.logEvidenceBelow(-0.5)).isGreaterThan(100);
    }

    @Property
    void bounds_embrace_the_mean_and_widen_with_variance(
            @ForAll @LongRange(min = 1, max = 1_000_000) long n,
            @ForAll @DoubleRange(min = -0.9, max = 0.9) double mean,
            @ForAll @DoubleRange(min = 0, max = 0.19) double s2,
            @ForAll @DoubleRange(min = 1, max = 50) double designEffect) {
        GateStatistics seen = new GateStatistics(n, mean, s2, s2 / n, s2 / n, 0, 64, n);
        GateStatistics sticky = new GateStatistics(n, mean, s2, s2 / n, designEffect * s2 / n, 0, 64, n);
        ConfidenceSequence sequence = new ConfidenceSequence(seen, -1, 1, 0.05, 5000, 3);
        ConfidenceSequence wider = new ConfidenceSequence(sticky, -1, 1, 0.05, 5000, 3);

        assertThat(sequence.lower()).isLessThanOrEqualTo(mean);
        assertThat(sequence.upper()).isGreaterThanOrEqualTo(mean);
        assertThat(wider.upper() - wider.lower())
                .isGreaterThanOrEqualTo((sequence.upper() - sequence.lower()) * (1 - 1e-9));
    }

    @Property
    void a_bound_above_the_margin_and_evidence_above_it_go_together(
            @ForAll @LongRange(min = 500, max = 1_000_000) long n,
            @ForAll @DoubleRange(min = -0.1, max = 0.1) double mean,
            @ForAll @DoubleRange(min = 0.01, max = 0.2) double s2) {
        GateStatistics seen = new GateStatistics(n, mean, s2, s2 / n, 0, 0, 64, n);
        ConfidenceSequence sequence = new ConfidenceSequence(seen, -1, 1, 0.05, 5000, 3);
        double lower = sequence.lower();

        // The boundary is a closed-form upper bound of the mixture: what passes has at least the evidence ln(1/α).
        assertThat(sequence.logEvidenceAbove(lower)).isGreaterThanOrEqualTo(Math.log(1 / 0.05));
    }

    /**
     * Sticky users at the margin, looked at after every 50 requests: the false alarm rate is what it says, where treating
     * requests as independent is not.
     */
    @Test
    void peeking_at_sticky_users_on_the_margin_rarely_passes_while_ignoring_users_often_does() {
        Random random = new Random(20240611);
        int runs = 200;
        int passed = 0;
        int passedIgnoringUsers = 0;
        for (int run = 0; run < runs; run++) {
            boolean[] passes = peek(random);
            passed += passes[0] ? 1 : 0;
            passedIgnoringUsers += passes[1] ? 1 : 0;
        }
        assertThat(passed).as("of 200 at 5 %%").isLessThanOrEqualTo(10 + 7);
        assertThat(passedIgnoringUsers).as("of 200 without clusters").isGreaterThan(40);
    }

    /** d = −1 for 5 % of users, always the same ones, 20 requests a user; the margin is the true mean. */
    private static boolean[] peek(Random random) {
        int users = 400;
        int[] bucketOf = IntStream.range(0, users).map(i -> random.nextInt(64)).toArray();
        List<Boolean> flips = IntStream.range(0, users)
                .mapToObj(i -> random.nextDouble() < 0.05)
                .toList();
        long[] counts = new long[64];
        long[] sums = new long[64];
        boolean[] seenUser = new boolean[users];
        int distinct = 0;
        long sum = 0;
        boolean[] passed = new boolean[2];
        for (int n = 1; n <= 8_000; n++) {
            // Users arrive over time: who may come is among the first n/20 + 20.
            int user = random.nextInt(Math.min(users, n / 20 + 20));
            distinct += seenUser[user] ? 0 : 1;
            seenUser[user] = true;
            int d = flips.get(user) ? -1 : 0;
            counts[bucketOf[user]]++;
            sums[bucketOf[user]] += d;
            sum += d;
            if (n % 50 == 0 && n >= 500 && distinct >= 100) {
                double mean = (double) sum / n;
                double s2 = -mean - mean * mean;
                double squares = 0;
                for (int k = 0; k < 64; k++) {
                    squares += Math.pow(sums[k] - counts[k] * mean, 2);
                }
                double vUsers = 64.0 / 63 * squares / n / n;
                passed[0] |= new ConfidenceSequence(
                                        new GateStatistics(n, mean, s2, s2 / n, vUsers, 0, 60, distinct),
                                        -1,
                                        1,
                                        0.05,
                                        5000,
                                        3)
                                .lower()
                        > -0.05;
                passed[1] |= new ConfidenceSequence(
                                        new GateStatistics(n, mean, s2, s2 / n, 0, 0, 60, n), -1, 1, 0.05, 5000, 3)
                                .lower()
                        > -0.05;
            }
        }
        return passed;
    }
}
