package dev.understudy.readiness;

import static dev.understudy.evidence.ReferenceVectors.assertClose;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.evidence.GateMetric;
import dev.understudy.evidence.GateStatistics;
import dev.understudy.evidence.ReferenceVectors;
import org.junit.jupiter.api.Test;

final class RegressionGateVectorTest {
    @Test
    void bounds_of_the_absolute_error_match_the_reference() {
        JsonNode expected =
                ReferenceVectors.load("04_regression").get("expected").get("csNoUsers");
        GateStatistics seen = ReferenceVectors.regressionOutcomes()
                .statistics(GateMetric.ABSOLUTE_ERROR)
                .orElseThrow();
        // The vector knows of no entities: each row is its own, and there is no variance over buckets.
        GateStatistics withoutEntities =
                new GateStatistics(seen.n(), seen.mean(), seen.s2(), seen.vIid(), 0, 0, 64, seen.n());
        ConfidenceSequence sequence = new ConfidenceSequence(withoutEntities, -1, 1, 0.05, 5000, 3);

        assertClose("lower", sequence.lower(), expected.get("lower"));
        assertClose("upper", sequence.upper(), expected.get("upper"));
    }
}
