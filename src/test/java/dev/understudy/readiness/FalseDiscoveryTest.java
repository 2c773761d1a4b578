package dev.understudy.readiness;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.evidence.ReferenceVectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FalseDiscoveryTest {
    @Test
    void rejected_slices_are_equal_to_the_reference() {
        for (JsonNode vector : ReferenceVectors.load("10_ebh").get("cases")) {
            double[] logE = IntStream.range(0, vector.get("logE").size())
                    .mapToDouble(i -> vector.get("logE").get(i).asDouble())
                    .toArray();
            int[] expected = IntStream.range(0, vector.get("rejected").size())
                    .map(i -> vector.get("rejected").get(i).asInt())
                    .toArray();
            assertThat(FalseDiscovery.rejected(logE, vector.get("alpha").asDouble()).stream()
                            .toArray())
                    .containsExactly(expected);
        }
    }
}
