package dev.understudy.bench;

/**
 * What one variant needed in one round.
 *
 * @param records that were measured
 * @param cpuNanos of all processes of the variant
 * @param elapsedNanos until the last record was done
 * @param allocatedBytes on the heaps of these processes
 */
record Round(Variant variant, long records, long cpuNanos, long elapsedNanos, long allocatedBytes) {
    double cpuMicrosPerRecord() {
        return cpuNanos / 1e3 / records;
    }

    double recordsPerSecond() {
        return records * 1e9 / elapsedNanos;
    }

    double bytesPerRecord() {
        return (double) allocatedBytes / records;
    }
}
