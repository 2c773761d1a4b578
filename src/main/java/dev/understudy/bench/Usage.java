package dev.understudy.bench;

/**
 * What a process has used since its start.
 *
 * @param cpuNanos of all its threads, compilers and collectors included
 * @param allocatedBytes on the heap, by threads that still live
 */
record Usage(long cpuNanos, long allocatedBytes) {
    Usage minus(Usage earlier) {
        return new Usage(cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes);
    }
}
