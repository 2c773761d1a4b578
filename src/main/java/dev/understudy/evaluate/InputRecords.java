package dev.understudy.evaluate;

import dev.understudy.avro.InputOffsets;
import dev.understudy.avro.OffsetRange;
import dev.understudy.evaluate.InputsRead.Range;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How far partitions were read, as it stands in the provenance. */
final class InputRecords {
    private InputRecords() {}

    /** @param countedOtherwise by what else evidence of the partition was counted; null for nothing */
    static InputOffsets of(int partition, InputsRead read, @Nullable String countedOtherwise) {
        return InputOffsets.newBuilder()
                .setPartition(partition)
                .setComparisons(record(read.comparisons()))
                .setPredictions(record(read.predictions()))
                .setOutcomes(record(read.outcomes()))
                .setCountedOtherwise(countedOtherwise)
                .build();
    }

    private static @Nullable OffsetRange record(Range range) {
        if (!range.isKnown()) {
            return null;
        }
        return OffsetRange.newBuilder()
                .setFrom(range.from() < 0 ? null : range.from())
                .setTo(range.to())
                .build();
    }

    /** The inverse of {@link #of}. */
    static InputsRead read(InputOffsets inputs) {
        return new InputsRead(
                range(inputs.getComparisons()), range(inputs.getPredictions()), range(inputs.getOutcomes()));
    }

    private static Range range(Optional<OffsetRange> range) {
        return range.map(known -> new Range(known.getFrom().orElse(-1L), known.getTo()))
                .orElse(Range.UNKNOWN);
    }
}
