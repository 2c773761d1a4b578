package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Provenance;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.evaluate.SyntheticTraffic.Placed;
import dev.understudy.kafka.avro.TrustedRecords;
import dev.understudy.readiness.ReadinessSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

final class TakenAsPublishedTest {
    static {
        TrustedRecords.trust();
    }

    private static ReadinessSummary honest() {
        try (EvaluateDriver driver = new EvaluateDriver(EvaluateChild.settings(), ReadinessSettings.standard())) {
            for (Placed<Comparison> one : new SyntheticTraffic(1, 1, EvaluateDriver.START.toEpochMilli(), 2_000, 0)
                    .log(100)
                    .comparisons()) {
                driver.compare(one.value(), Instant.ofEpochMilli(one.timestampMillis()));
            }
            driver.pass(Duration.ofMillis(600));
            driver.pass(Duration.ofMillis(600));
            return Objects.requireNonNull(driver.readiness().values().iterator().next());
        }
    }

    private static List<String> doubts(Consumer<Provenance.Builder> change) {
        ReadinessSummary honest = honest();
        Provenance.Builder provenance = Provenance.newBuilder(honest.getProvenance())
                .setHeardAt(honest.getEvaluatedAt())
                .setLagMillis(0L);
        change.accept(provenance);
        return TakenAsPublished.doubts(
                ReadinessSummary.newBuilder(honest)
                        .setProvenance(provenance.build())
                        .build(),
                List.of());
    }

    @Test
    void comparison_cannot_have_been_heard_of_after_the_decision() {
        assertThat(doubts(provenance -> {})).isEmpty();
        assertThat(doubts(provenance ->
                        provenance.setHeardAt(provenance.getHeardAt().plusMillis(1))))
                .singleElement()
                .asString()
                .startsWith("provenance.heardAt is ");
    }

    @Test
    void what_was_read_cannot_be_of_the_future() {
        assertThat(doubts(provenance -> provenance.setLagMillis(-1L)))
                .containsExactly("provenance.lagMillis is -1, must be at least 0");
    }
}
