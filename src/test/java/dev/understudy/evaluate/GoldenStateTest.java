package dev.understudy.evaluate;

import static dev.understudy.domain.GoldenBytes.assertWrittenAsBefore;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Origin;
import dev.understudy.domain.GoldenBytes;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Task;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Removed;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.evaluate.InputsRead.Range;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.Truth;
import dev.understudy.kafka.avro.TrustedRecords;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.streams.state.KeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** State of EVALUATE as an earlier build wrote it: it is read to the same values and written to the same bytes. */
final class GoldenStateTest {
    static {
        TrustedRecords.trust();
    }

    private static final long NOON = 1_764_244_800_000L;
    private static final ModelPair PAIR =
            new ModelPair("team/fraud", new ModelVersion("v1"), new ModelVersion("v2.1-rc_3"));

    private static final CountedBy COUNTED = new CountedBy("version 0.2", "version 0.1", Map.of(PAIR.key(), 3L));

    private static final InputsRead READ = new InputsRead(new Range(12, 14), new Range(7, 8), Range.NOTHING);

    static Stream<Arguments> joinRows() {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        probabilities.put("größe", 0.75);
        probabilities.put("b", 0.25);
        JoinRow.Side answered = new JoinRow.Side(
                PAIR,
                7,
                NOON,
                Task.MULTICLASS,
                List.of("größe", "b"),
                Arm.PRODUCTION,
                true,
                new Answer(false, 0.75, "größe", probabilities, 0),
                new Answer(false, null, "b", Map.of(), 0),
                List.of("region=eu", "plan=gold"));
        JoinRow.Side unanswered = new JoinRow.Side(
                PAIR, 0, NOON - 1, null, List.of(), Arm.OTHER, false, Answer.none(), Answer.none(), List.of());
        return Stream.of(
                Arguments.of("evaluate.join-row.1.waiting", new JoinRow(NOON, null, List.of(answered, unanswered))),
                Arguments.of(
                        "evaluate.join-row.1.joined",
                        new JoinRow(
                                NOON,
                                new JoinRow.Known(new Truth("fraud", null, -12.5), NOON + 5, JoinRow.State.JOINED),
                                List.of())),
                Arguments.of(
                        "evaluate.join-row.1.too-late",
                        new JoinRow(
                                Long.MIN_VALUE,
                                new JoinRow.Known(new Truth(null, 1e300, null), NOON, JoinRow.State.TOO_LATE),
                                List.of())),
                Arguments.of(
                        "evaluate.join-row.1.early",
                        new JoinRow(
                                0, new JoinRow.Known(new Truth("0", 0.0, 0.0), 0, JoinRow.State.WAITING), List.of())));
    }

    @ParameterizedTest
    @MethodSource("joinRows")
    void request_of_an_earlier_build_that_waits_for_its_outcome_is_read_and_would_be_written_again(
            String name, JoinRow row) {
        assertWrittenAsBefore(name, row.encode());
        assertThat(JoinRow.decode(GoldenBytes.of(name)))
                .usingRecursiveComparison()
                .isEqualTo(row);
        assertThat(JoinRow.timeMillis(GoldenBytes.of(name))).isEqualTo(row.timeMillis());
    }

    static Stream<Arguments> messages() {
        OriginRanges origins = new OriginRanges(
                List.of(new OriginRanges.Range(0, 12, 9_931, 4_711), new OriginRanges.Range(3, 0, Long.MAX_VALUE, 1)));
        return Stream.of(
                Arguments.of(
                        "evaluate.message.3.snapshot",
                        new Snapshot(
                                7,
                                EvidenceSlot.cumulative(PAIR, 5, EvidenceKind.PAIRS, "region=eu west"),
                                origins,
                                new Dropped(1, 2, 3),
                                new byte[] {1, 2, 3})),
                Arguments.of(
                        "evaluate.message.3.snapshot-of-a-window",
                        new Snapshot(
                                0,
                                EvidenceSlot.window(PAIR, 0, EvidenceKind.BATCHES, -60_000),
                                OriginRanges.NONE,
                                Dropped.NONE,
                                new byte[0])),
                Arguments.of(
                        "evaluate.message.3.removed",
                        new Removed(2, EvidenceSlot.cumulative(PAIR, 1, EvidenceKind.OUTCOMES, Segments.ALL))),
                Arguments.of("evaluate.message.3.announced", new Announced(1, PAIR, 7)));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void message_to_the_merge_of_an_earlier_build_is_read_and_would_be_written_again(
            String name, EvidenceMessage message) {
        assertWrittenAsBefore(name, EvidenceMessageSerde.encode(message));
        assertThat(EvidenceMessageSerde.decode(GoldenBytes.of(name)))
                .usingRecursiveComparison()
                .isEqualTo(message);
    }

    @Test
    void progress_of_the_version_before_is_read_and_written_in_the_new_version() {
        Progress before = (Progress) EvidenceMessageSerde.decode(GoldenBytes.of("evaluate.message.3.progress.4"));

        assertThat(before)
                .isEqualTo(new Progress(
                        11,
                        NOON,
                        new FlagState(NOON, Optional.of(Instant.EPOCH)),
                        new OutcomeCounts(1, 2, 3, 4, 5, 6, 7),
                        READ,
                        CountedBy.NOT_NOTED));
        assertWrittenAsBefore(
                "evaluate.message.3.progress.5",
                EvidenceMessageSerde.encode(new Progress(11, NOON, before.flags(), before.outcomes(), READ, COUNTED)));
    }

    @Test
    void how_far_an_earlier_build_read_topics_is_read_and_would_be_written_again() {
        KeyValueStore<String, byte[]> store = new MemoryStores().store("progress");
        InputMarks marks = new InputMarks(new InPlaceStore(store), InputsRead.NOTHING);
        marks.read(InputTopic.COMPARISONS, 12);
        marks.read(InputTopic.COMPARISONS, 13);
        marks.read(InputTopic.PREDICTIONS, 7);
        assertWrittenAsBefore("evaluate.inputs-read", store.get("inputs"));

        store.put("inputs", GoldenBytes.of("evaluate.inputs-read"));
        assertThat(new InputMarks(new InPlaceStore(store), InputsRead.NOTHING).read())
                .isEqualTo(READ);
    }

    @Test
    void how_a_partition_counted_in_an_earlier_build_is_read_and_would_be_written_again() {
        assertWrittenAsBefore("evaluate.counted-by.1", COUNTED.encode());
        assertThat(CountedBy.decode(GoldenBytes.of("evaluate.counted-by.1"))).isEqualTo(COUNTED);
    }

    @Test
    void counts_of_outcomes_of_an_earlier_build_are_read_and_would_be_written_again() {
        OutcomeCounts counts = new OutcomeCounts(1, 2, 3, 4, 5, 6, Long.MAX_VALUE);

        assertWrittenAsBefore("evaluate.outcome-counts", counts.encode());
        assertThat(OutcomeCounts.decode(ByteBuffer.wrap(GoldenBytes.of("evaluate.outcome-counts"))))
                .isEqualTo(counts);
    }

    static Stream<Arguments> flagStates() {
        return Stream.of(
                Arguments.of(
                        "evaluate.flag-state.stale",
                        new FlagState(NOON, Optional.of(Instant.ofEpochMilli(NOON - 60_000)))),
                Arguments.of("evaluate.flag-state.none", FlagState.NONE));
    }

    @ParameterizedTest
    @MethodSource("flagStates")
    void state_of_the_flags_of_an_earlier_build_is_read_and_would_be_written_again(String name, FlagState state) {
        ByteBuffer written = ByteBuffer.allocate(FlagState.SIZE);
        state.encode(written);

        assertWrittenAsBefore(name, written.array());
        assertThat(FlagState.decode(ByteBuffer.wrap(GoldenBytes.of(name)))).isEqualTo(state);
    }

    @Test
    void mark_of_a_source_partition_of_an_earlier_build_is_read_and_would_be_written_again() {
        byte[] mark = SourceMark.create();
        assertWrittenAsBefore("evaluate.source-mark.new", mark);
        mark = SourceMark.advance(mark, 3, 10);
        mark = SourceMark.advance(mark, 3, 12);
        mark = SourceMark.advance(mark, 4, 20);
        SourceMark.countReplay(mark);
        SourceMark.countLate(mark);
        SourceMark.countLate(mark);
        SourceMark.countUndeclared(mark, 5);
        assertWrittenAsBefore("evaluate.source-mark.two-epochs", mark);

        byte[] before = GoldenBytes.of("evaluate.source-mark.two-epochs");
        assertThat(SourceMark.dropped(before)).isEqualTo(new Dropped(1, 2, 5));
        assertThat(SourceMark.range(before, 3, 6)).isEqualTo(new OriginRanges.Range(6, 10, 12, 2));
        assertThat(SourceMark.range(before, 4, 6)).isEqualTo(new OriginRanges.Range(6, 20, 20, 1));
        assertThat(SourceMark.isReplay(before, 20)).isTrue();
        assertThat(SourceMark.isReplay(before, 21)).isFalse();
    }

    @Test
    void watermark_of_an_earlier_build_is_read_and_would_be_written_again() {
        KeyValueStore<String, byte[]> store = new MemoryStores().store("progress");
        new Watermark(new InPlaceStore(store), MarkKeys.COMPARISONS_WATERMARK).advance(NOON);
        assertWrittenAsBefore("evaluate.watermark", store.get(MarkKeys.COMPARISONS_WATERMARK));

        store.put(MarkKeys.PREDICTIONS_WATERMARK, GoldenBytes.of("evaluate.watermark"));
        assertThat(new Watermark(new InPlaceStore(store), MarkKeys.PREDICTIONS_WATERMARK).millis())
                .isEqualTo(NOON);
    }

    @Test
    void largest_differences_of_a_window_of_an_earlier_build_are_read_and_would_be_written_again() {
        LargestDifferences differences = new LargestDifferences(2);
        differences.offer("all", 0.5, 1, 42, () -> disagreement("r-42", 0.5));
        differences.offer("region=eu", -0.25, 0, 7, () -> disagreement("r-7", -0.25));
        assertWrittenAsBefore("evaluate.largest-differences.1", differences.encode());

        assertThat(LargestDifferences.decode(GoldenBytes.of("evaluate.largest-differences.1"), 2)
                        .disagreements())
                .isEqualTo(differences.disagreements())
                .extracting(Disagreement::getRequestId)
                .containsExactly("r-42", "r-7");
    }

    @Test
    void keys_of_the_stores_of_an_earlier_build_are_read_and_would_be_written_again() {
        String keys = String.join(
                "\0",
                EvidenceSlot.cumulative(PAIR, 5, EvidenceKind.PAIRS, "region=eu west")
                        .storeKey(),
                EvidenceSlot.cumulative(PAIR, 5, EvidenceKind.BATCHES, Segments.ALL)
                        .storeKey(),
                EvidenceSlot.window(PAIR, 0, EvidenceKind.OUTCOMES, -60_000).storeKey(),
                EvidenceSlot.window(PAIR, 0, EvidenceKind.EXPOSURE, NOON).storeKey(),
                EvidenceSlot.window(PAIR, 0, EvidenceKind.LEDGER, NOON).storeKey(),
                EvidenceSlot.window(PAIR, 0, EvidenceKind.DIFFERENCES, NOON).storeKey(),
                MarkKeys.ofPair(PAIR, 3),
                MarkKeys.ofPredictions(4),
                MarkKeys.COMPARISONS_WATERMARK,
                MarkKeys.PREDICTIONS_WATERMARK,
                MarkKeys.FLAGS_STALE_SINCE);
        assertWrittenAsBefore("evaluate.keys", keys.getBytes(UTF_8));

        String[] before = new String(GoldenBytes.of("evaluate.keys"), UTF_8).split("\0", -1);
        assertThat(EvidenceSlot.ofStoreKey(before[0]))
                .isEqualTo(EvidenceSlot.cumulative(PAIR, 5, EvidenceKind.PAIRS, "region=eu west"));
        assertThat(EvidenceSlot.ofStoreKey(before[5]))
                .isEqualTo(EvidenceSlot.window(PAIR, 0, EvidenceKind.DIFFERENCES, NOON));
        assertThat(MarkKeys.isOfPair(before[6])).isTrue();
        assertThat(MarkKeys.pair(before[6])).isEqualTo(PAIR);
        assertThat(MarkKeys.originPartition(before[6])).isEqualTo(3);
    }

    private static Disagreement disagreement(String requestId, double difference) {
        return Disagreement.newBuilder()
                .setModel(PAIR.model())
                .setProductionVersion(PAIR.production().name())
                .setCandidateVersion(PAIR.candidate().name())
                .setSegment("all")
                .setWindowStart(Instant.ofEpochMilli(NOON))
                .setRequestId(requestId)
                .setOrigin(new Origin(1, 42L))
                .setProduction(result("v1", 0.25))
                .setCandidate(result("v2.1-rc_3", 0.25 + difference))
                .setDifference(difference)
                .setFeatures(Map.of("country", "de"))
                .setRank(1)
                .build();
    }

    private static ModelResult result(String version, double score) {
        return ModelResult.newBuilder()
                .setModelVersion(version)
                .setScore(score)
                .setBatchNanos(1000)
                .setBatchRows(8)
                .build();
    }
}
