package dev.understudy.bench;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * What one variant needed in one round.
 *
 * @param records that were measured
 * @param used by each of its processes, in the order of {@link Variant#stages()} where it has any
 * @param elapsedNanos until the last record was done
 */
record Round(Variant variant, long records, List<Usage> used, long elapsedNanos) {
    Round {
        used = List.copyOf(used);
    }

    double cpuMicrosPerRecord() {
        return sum(Usage::cpuNanos) / 1e3 / records;
    }

    /** Of the process that runs one of its stages. */
    double cpuMicrosPerRecord(String stage) {
        return used.get(variant.stages().indexOf(stage)).cpuNanos() / 1e3 / records;
    }

    double recordsPerSecond() {
        return records * 1e9 / elapsedNanos;
    }

    double bytesPerRecord() {
        return (double) sum(Usage::allocatedBytes) / records;
    }

    private long sum(ToLongFunction<Usage> figure) {
        return used.stream().mapToLong(figure).sum();
    }
}
