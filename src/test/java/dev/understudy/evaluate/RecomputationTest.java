package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.References;
import dev.understudy.evaluate.SyntheticTraffic.Log;
import dev.understudy.evaluate.SyntheticTraffic.Placed;
import dev.understudy.kafka.avro.RecordBody;
import dev.understudy.kafka.avro.TrustedRecords;
import dev.understudy.readiness.ReadinessPolicy;
import dev.understudy.readiness.ReadinessSettings;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Summaries of one partition whose topics are read in whatever order, computed again from the records that they are of. */
final class RecomputationTest {
    private static final Instant PAST = Instant.parse("2026-10-20T00:00:00Z");
    private static final long EPOCH = 1;

    static {
        TrustedRecords.trust();
    }

    private static DeclaredStage stage() {
        return new DeclaredStage(
                EvaluateDriver.V2,
                EPOCH,
                5,
                PAST,
                Duration.ofMinutes(10),
                Map.of("flips", 0.1),
                new References(OptionalLong.of(60_000), 0.1, List.of(), OptionalDouble.empty(), OptionalDouble.empty()),
                2);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void summary_is_the_same_to_the_byte_whatever_order_the_topics_were_read_in(long seed) {
        Log log = new SyntheticTraffic(seed, 1, PAST.toEpochMilli(), 2_000, EPOCH).log(1_000);
        List<Map<String, ReadinessSummary>> published = new ArrayList<>();
        try (EvaluateDriver driver = new EvaluateDriver(EvaluateChild.settings(), ReadinessSettings.standard())) {
            driver.stages.declare(stage());
            readAtRandom(new Random(seed), log, driver, published);
        }

        assertThat(published).hasSizeGreaterThan(8);
        for (Map<String, ReadinessSummary> summaries : published) {
            Map<String, ReadinessSummary> again =
                    recomputed(log, summaries.values().iterator().next());
            for (ReadinessSummary summary : summaries.values()) {
                ReadinessSummary same = Objects.requireNonNull(again.get(summary.getSegment()));
                assertThat(same).as("to be read").isEqualTo(summary);
                assertThat(RecordBody.of(same)).isEqualTo(RecordBody.of(summary));
            }
        }
    }

    private static void readAtRandom(
            Random random, Log log, EvaluateDriver driver, List<Map<String, ReadinessSummary>> published) {
        int comparisons = 0;
        int predictions = 0;
        int outcomes = 0;
        while (comparisons < log.comparisons().size()
                || predictions < log.predictions().size()
                || outcomes < log.outcomes().size()) {
            int most = 1 + random.nextInt(300);
            switch (random.nextInt(3)) {
                case 0 -> {
                    for (; most > 0 && comparisons < log.comparisons().size(); most--) {
                        Placed<Comparison> next = log.comparisons().get(comparisons++);
                        driver.compare(next.value(), Instant.ofEpochMilli(next.timestampMillis()));
                    }
                }
                case 1 -> {
                    for (; most > 0 && predictions < log.predictions().size(); most--) {
                        Placed<Prediction> next = log.predictions().get(predictions++);
                        driver.predict(next.value(), Instant.ofEpochMilli(next.timestampMillis()));
                    }
                }
                default -> {
                    for (; most > 0 && outcomes < log.outcomes().size(); most--) {
                        driver.happened(log.outcomes().get(outcomes++).value());
                    }
                }
            }
            if (random.nextBoolean()) {
                driver.pass(Duration.ofMillis(300L * (1 + random.nextInt(4))));
                Map<String, ReadinessSummary> now = driver.readiness();
                now.values().removeIf(summary -> !summary.getCandidateVersion().equals("v2"));
                if (!now.isEmpty()) {
                    published.add(now);
                }
            }
        }
    }

    private static Map<String, ReadinessSummary> recomputed(Log log, ReadinessSummary published) {
        Recomputation recomputation = new Recomputation(
                EvaluateChild.settings(),
                new ReadinessPolicy(ReadinessSettings.standard()),
                EvaluateDriver.PROVENANCE,
                List.of(stage()),
                published);
        InputsRead read = recomputation.read().getOrDefault(0, InputsRead.NOTHING);
        Recomputation.Partition partition = recomputation.partition(0, true);
        for (Placed<Outcome> outcome :
                log.outcomes().subList(0, (int) read.outcomes().to())) {
            partition.add(outcome.value());
        }
        for (Placed<Comparison> comparison :
                log.comparisons().subList(0, (int) read.comparisons().to())) {
            partition.add(comparison.value(), comparison.timestampMillis());
        }
        for (Placed<Prediction> prediction :
                log.predictions().subList(0, (int) read.predictions().to())) {
            partition.add(prediction.value(), prediction.timestampMillis());
        }
        partition.end();
        return recomputation.summaries();
    }
}
