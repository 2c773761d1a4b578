package dev.understudy.bench;

/**
 * What a process has used since its start.
 *
 * @param cpuNanos of all its threads, compilers and collectors included
 * @param allocatedBytes on the heap, by threads that still live
 */
record Usage(long cpuNanos, long allocatedBytes) {
    static final Usage NONE = new Usage(0, 0);

    Usage plus(Usage other) {
        return new Usage(cpuNanos + other.cpuNanos, allocatedBytes + other.allocatedBytes);
    }

    Usage minus(Usage earlier) {
        return new Usage(cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes);
    }
}
