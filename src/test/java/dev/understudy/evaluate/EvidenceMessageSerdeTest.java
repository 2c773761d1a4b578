package dev.understudy.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Removed;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.evaluate.InputsRead.Range;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class EvidenceMessageSerdeTest {
    private static final ModelPair PAIR =
            new ModelPair("team/fraud", new ModelVersion("v1"), new ModelVersion("v2.1-rc_3"));

    private static Progress progress(int partition, long watermark) {
        return new Progress(
                partition,
                watermark,
                new FlagState(watermark, Optional.of(Instant.EPOCH)),
                new OutcomeCounts(1, 2, 3, 4, 5, 6, 7),
                new InputsRead(new Range(0, 12), new Range(-1, 7), Range.UNKNOWN),
                new CountedBy("version 0.2", "version 0.1 für alle", Map.of(PAIR.key(), 3L)));
    }

    static List<EvidenceMessage> messages() {
        OriginRanges origins = new OriginRanges(
                List.of(new OriginRanges.Range(0, 12, 9_931, 4_711), new OriginRanges.Range(3, 0, Long.MAX_VALUE, 1)));
        return List.of(
                new Snapshot(
                        7,
                        EvidenceSlot.cumulative(PAIR, 5, EvidenceKind.PAIRS, "region=eu west"),
                        origins,
                        new Dropped(1, 2, 3),
                        new byte[] {1, 2, 3}),
                new Snapshot(
                        0,
                        EvidenceSlot.window(PAIR, 0, EvidenceKind.PAIRS, -60_000),
                        OriginRanges.NONE,
                        Dropped.NONE,
                        new byte[0]),
                new Removed(2, EvidenceSlot.cumulative(PAIR, 1, EvidenceKind.PAIRS, Segments.ALL)),
                progress(11, Long.MIN_VALUE),
                new Announced(0, PAIR, 7));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void message_is_read_as_it_was_written(EvidenceMessage message) {
        EvidenceMessage read = EvidenceMessageSerde.decode(EvidenceMessageSerde.encode(message));

        assertThat(read).usingRecursiveComparison().isEqualTo(message);
    }

    @ParameterizedTest
    @MethodSource("messages")
    void only_progress_goes_to_every_partition(EvidenceMessage message) {
        var partitions = EvidenceMessageSerde.partitioner()
                .partitions("evidence-by-pair", EvidenceMessageSerde.topicKey(message), message, 3);

        if (message instanceof Progress) {
            assertThat(partitions).hasValueSatisfying(all -> assertThat(all).containsExactlyInAnyOrder(0, 1, 2));
        } else {
            assertThat(partitions).isEmpty();
            assertThat(EvidenceMessageSerde.topicKey(message)).asString().isEqualTo("team/fraud/v1/v2.1-rc_3");
        }
    }

    @Test
    void evidence_of_another_release_is_refused() {
        byte[] bytes = EvidenceMessageSerde.encode(progress(1, 2));
        bytes[0] = 9;

        assertThatThrownBy(() -> EvidenceMessageSerde.decode(bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("version 3, was 9");
    }

    @Test
    void progress_of_the_version_before_is_read_without_how_far_the_topics_were_read() {
        Progress written = progress(1, 2);
        byte[] bytes = EvidenceMessageSerde.progressBytes(written);
        byte[] before = Arrays.copyOf(bytes, lengthWithRead(bytes, written) - InputsRead.SIZE);
        before[0] = 3;

        Progress read = EvidenceMessageSerde.progress(1, before);

        assertThat(read)
                .isEqualTo(new Progress(
                        1, 2, written.flags(), written.outcomes(), InputsRead.UNKNOWN, CountedBy.NOT_NOTED));
    }

    @Test
    void progress_of_the_version_before_is_read_without_how_it_was_counted() {
        Progress written = progress(1, 2);
        byte[] bytes = EvidenceMessageSerde.progressBytes(written);
        byte[] before = Arrays.copyOf(bytes, lengthWithRead(bytes, written));
        before[0] = 4;

        Progress read = EvidenceMessageSerde.progress(1, before);

        assertThat(read)
                .isEqualTo(
                        new Progress(1, 2, written.flags(), written.outcomes(), written.read(), CountedBy.NOT_NOTED));
    }

    private static int lengthWithRead(byte[] bytes, Progress written) {
        return bytes.length - written.countedBy().encode().length;
    }

    @Test
    void truncated_message_is_refused() {
        Progress written = progress(1, 2);
        byte[] bytes = EvidenceMessageSerde.encode(written);

        assertThatThrownBy(() -> EvidenceMessageSerde.decode(Arrays.copyOf(bytes, lengthWithRead(bytes, written) + 7)))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("ends too early");
    }
}
