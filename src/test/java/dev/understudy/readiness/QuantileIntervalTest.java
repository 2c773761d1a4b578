package dev.understudy.readiness;

import static dev.understudy.evidence.ReferenceVectors.assertClose;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.evidence.ReferenceVectors;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QuantileIntervalTest {
    @Test
    void ranks_are_equal_to_the_reference() {
        for (JsonNode vector : ReferenceVectors.load("08_confidence_sequences").get("quantileRanks")) {
            long n = vector.get("n").asLong();
            double p = vector.get("p").asDouble();
            double alpha = vector.get("alpha").asDouble();
            double nOpt = vector.get("nOpt").asDouble();
            QuantileInterval.Mixture mixture = QuantileInterval.Mixture.of(n, p, alpha, nOpt);
            assertClose("a", mixture.a(), vector.get("betaA"));
            assertClose("b", mixture.b(), vector.get("betaB"));
            assertThat(QuantileInterval.of(n, p, alpha, nOpt))
                    .as("n = %s, p = %s", n, p)
                    .isEqualTo(new QuantileInterval(
                            vector.get("csLowRank").asLong(),
                            vector.get("csHighRank").asLong()));
        }
    }

    @ParameterizedTest
    @CsvSource({"latencyProd", "latencyCand"})
    void ranks_over_rows_are_equal_to_the_reference(String side) {
        JsonNode latency =
                ReferenceVectors.load("01_binary_basic").get("expected").get(side);
        Iterator<String> quantiles = latency.get("quantiles").fieldNames();
        while (quantiles.hasNext()) {
            String quantile = quantiles.next();
            JsonNode expected = latency.get("quantiles").get(quantile);
            assertThat(QuantileInterval.of(latency.get("n").asLong(), Double.parseDouble(quantile), 0.05, 5000))
                    .as(quantile)
                    .isEqualTo(new QuantileInterval(
                            expected.get("csLowRank").asLong(),
                            expected.get("csHighRank").asLong()));
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0.5", "7, 0.001", "100, 0.9", "1000, 0.999", "999, 0.01"})
    void search_finds_what_trying_every_rank_finds(long n, double p) {
        QuantileInterval.Mixture mixture = QuantileInterval.Mixture.of(n, p, 0.05, 500);
        long first = -1;
        long last = -1;
        for (long k = 0; k <= n; k++) {
            if (mixture.accepts(k)) {
                first = first < 0 ? k : first;
                last = k;
            }
        }
        assertThat(QuantileInterval.of(n, p, 0.05, 500)).isEqualTo(new QuantileInterval(first, last + 1));
    }

    @Test
    void a_billion_values_have_a_narrow_interval() {
        QuantileInterval interval = QuantileInterval.of(1_000_000_000, 0.99, 0.05, 5000);

        assertThat(interval.lowRank()).isBetween(989_900_000L, 990_000_000L);
        assertThat(interval.highRank()).isBetween(990_000_000L, 990_100_000L);
    }
}
