package dev.understudy.evaluate;

import static dev.understudy.evaluate.EvaluateDriver.START;
import static dev.understudy.evaluate.EvaluateDriver.pair;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.avro.Origin;
import dev.understudy.avro.Prediction;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.evaluate.InputsRead.Range;
import dev.understudy.kafka.avro.TrustedRecords;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;

/** What a partition makes of the stores that an earlier life left. */
final class CollectedPartitionTest {
    private final MemoryStores stores = new MemoryStores();
    private final KeyValueStore<String, byte[]> evidence = stores.store("evidence");
    private final KeyValueStore<String, byte[]> progress = stores.store("progress");

    private final DeclaredStages stages = new DeclaredStages();

    static {
        TrustedRecords.trust();
    }

    private CollectedPartition started(Duration timeBlock) {
        return new CollectedPartition(
                0,
                DefaultSettings.withTimeBlock(timeBlock),
                new DeclaredStages(),
                new InPlaceStore(evidence),
                new InPlaceStore(progress),
                null);
    }

    @Test
    void flags_that_were_stale_are_so_after_a_restart() {
        Instant since = START.minusSeconds(600);
        Prediction stale = Prediction.newBuilder(
                        SyntheticTraffic.prediction(new Origin(0, 1L), "user-1", "v1", 0, List.of("v2")))
                .setFlagsStaleSince(since.toEpochMilli())
                .build();
        started(Duration.ofSeconds(10)).add(stale, START.toEpochMilli());

        List<EvidenceMessage> told = new ArrayList<>();
        started(Duration.ofSeconds(10)).publish(told::add);

        assertThat(told)
                .filteredOn(EvidenceMessage.Progress.class::isInstance)
                .singleElement()
                .extracting(message -> ((EvidenceMessage.Progress) message).flags())
                .isEqualTo(new FlagState(START.toEpochMilli(), Optional.of(since)));
    }

    private CollectedPartition startedWithRetention(Duration retention) {
        return new CollectedPartition(
                0,
                DefaultSettings.withEpochRetention(retention),
                stages,
                new InPlaceStore(evidence),
                new InPlaceStore(progress),
                null);
    }

    private static Prediction prediction(long epoch) {
        return SyntheticTraffic.prediction(new Origin(0, epoch), "user-1", "v1", epoch, List.of("v2"));
    }

    private static CountedBy counted(CollectedPartition partition) {
        List<EvidenceMessage> told = new ArrayList<>();
        partition.publish(told::add);
        return told.stream()
                .filter(EvidenceMessage.Progress.class::isInstance)
                .map(message -> ((EvidenceMessage.Progress) message).countedBy())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void partition_says_through_which_epoch_it_counted_with_other_settings() {
        Duration before = Duration.ofDays(7);
        Duration after = Duration.ofDays(8);
        String textBefore = CountedBy.text(DefaultSettings.withEpochRetention(before));
        String textAfter = CountedBy.text(DefaultSettings.withEpochRetention(after));
        stages.declare(pair("v2"), 1, 5);
        assertThat(counted(startedWithRetention(before))).isEqualTo(CountedBy.always(textBefore));
        assertThat(counted(startedWithRetention(after)))
                .as("nothing was counted yet")
                .isEqualTo(CountedBy.always(textAfter));
        CollectedPartition counting = startedWithRetention(before);
        counting.add(prediction(1), START.toEpochMilli());
        assertThat(counted(counting)).isEqualTo(CountedBy.always(textBefore));
        assertThat(counted(startedWithRetention(before)))
                .as("the same settings")
                .isEqualTo(CountedBy.always(textBefore));

        CountedBy changed = counted(startedWithRetention(after));

        assertThat(changed).isEqualTo(new CountedBy(textAfter, textBefore, Map.of("fraud/v1/v2", 1L)));
        assertThat(changed.otherwise(textAfter, pair("v2"), 1)).isEqualTo(textBefore);
        assertThat(changed.otherwise(textAfter, pair("v2"), 2)).isNull();
        assertThat(changed.otherwise(textAfter, pair("v3"), 0)).isNull();
        assertThat(counted(startedWithRetention(after)))
                .as("it is kept over restarts")
                .isEqualTo(changed);
    }

    @Test
    void evidence_of_a_version_that_did_not_note_its_settings_was_counted_otherwise() {
        stages.declare(pair("v2"), 1, 5);
        startedWithRetention(Duration.ofDays(7)).add(prediction(1), START.toEpochMilli());
        progress.delete("counted by");

        CountedBy counted = counted(startedWithRetention(Duration.ofDays(7)));

        assertThat(counted.otherwise(counted.now(), pair("v2"), 1)).startsWith("an earlier version");
    }

    @Test
    void marks_of_another_length_are_refused_with_what_to_do() {
        progress.put("inputs", new byte[56]);

        assertThatThrownBy(() -> started(Duration.ofSeconds(10)))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("must have 48 bytes, had 56")
                .hasMessageContaining("kafka.application-prefix");
    }

    @Test
    void partition_knows_how_far_it_has_read_after_a_restart() {
        CollectedPartition before = started(Duration.ofSeconds(10));
        before.read(InputTopic.PREDICTIONS, 7);
        before.read(InputTopic.PREDICTIONS, 9);

        assertThat(readBy(started(Duration.ofSeconds(10))))
                .isEqualTo(new InputsRead(Range.NOTHING, new Range(7, 10), Range.NOTHING));
    }

    @Test
    void partition_whose_state_is_of_a_version_without_marks_knows_only_how_far_it_reads_from_now_on() {
        started(Duration.ofSeconds(10))
                .add(
                        SyntheticTraffic.comparison(new Origin(0, 1L), "user-1", "v1", "v2", 0)
                                .build(),
                        START.toEpochMilli());
        CollectedPartition upgraded = started(Duration.ofSeconds(10));
        upgraded.read(InputTopic.COMPARISONS, 12);

        assertThat(readBy(upgraded)).isEqualTo(new InputsRead(new Range(-1, 13), Range.NOTHING, Range.NOTHING));
    }

    private static InputsRead readBy(CollectedPartition partition) {
        List<InputsRead> told = new ArrayList<>();
        partition.publish(message -> {
            if (message instanceof EvidenceMessage.Progress progress) {
                told.add(progress.read());
            }
        });
        return told.get(0);
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
