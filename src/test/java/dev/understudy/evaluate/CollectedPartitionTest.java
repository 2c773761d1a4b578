package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.START;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.Origin;
import dev.understudy.domain.DeclaredStages;
import java.time.Duration;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** What a partition makes of the stores that an earlier life left. */
final class CollectedPartitionTest {
    private final MemoryStores stores = new MemoryStores();
    private final KeyValueStore<String, byte[]> evidence = stores.store("evidence");
    private final KeyValueStore<String, byte[]> progress = stores.store("progress");

    private CollectedPartition started(Duration timeBlock) {
        return new CollectedPartition(
                0, DefaultSettings.withTimeBlock(timeBlock), new DeclaredStages(), evidence, progress, null);
    }

    @Test
    void evidence_that_was_begun_with_other_time_blocks_is_refused_with_what_to_do() {
        started(Duration.ofSeconds(10))
                .add(
                        SyntheticTraffic.comparison(new Origin(0, 1L), "user-1", "v1", "v2", 0)
                                .build(),
                        START.toEpochMilli());

        assertThatThrownBy(() -> started(Duration.ofSeconds(5)))
                .hasMessageContaining("fraud/v1/v2")
                .hasMessageContaining("time blocks of PT10S")
                .hasMessageContaining("time blocks of PT5S")
                .hasMessageContaining("set evaluate.time-block back");
    }
}
