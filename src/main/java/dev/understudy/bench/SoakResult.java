package dev.understudy.bench;

import java.util.List;
import java.util.Optional;

/**
 * What became of the processes that ran for long.
 *
 * @param requests that were sent
 * @param repeats predictions of requests that had been answered before
 * @param missing requests without a prediction
 */
public record SoakResult(long requests, long repeats, long missing, List<ProcessMemory> processes) {
    /**
     * Memory of one process.
     *
     * @param heap in use after a collection of everything
     * @param resident as the system counts it; empty where it is no Linux
     */
    public record ProcessMemory(String stage, MemoryTrend heap, Optional<MemoryTrend> resident) {}
}
