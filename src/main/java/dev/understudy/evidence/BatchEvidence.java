package dev.understudy.evidence;

import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Latency of the like-for-like batches of a pair. One observation is a batch, not a request. */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class BatchEvidence implements Evidence {
    private byte[] bytes = {};

    private BatchEvidence() {}

    /** Evidence of nothing. */
    public static BatchEvidence create(EvidenceShape shape) {
        throw Skeleton.missing();
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts one batch. */
    public void add(BatchObservation batch) {
        throw Skeleton.missing();
    }

    @Override
    public void merge(Evidence other) {
        throw Skeleton.missing();
    }

    /** Batches counted, failed ones included. */
    public long batches() {
        throw Skeleton.missing();
    }

    /** Rows in them. */
    public long rows() {
        throw Skeleton.missing();
    }

    /** The reference of the tail; empty where none was declared, or where merged parts had different ones. */
    public OptionalLong tailNanos() {
        throw Skeleton.missing();
    }

    /**
     * TAIL_LATENCY (empty without a reference) or TYPICAL_LATENCY; {@code users} are distinct time blocks and both cluster
     * variances are over time blocks.
     */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        throw Skeleton.missing();
    }

    /** Latency of production's first call. */
    public LatencyPercentiles productionLatency() {
        throw Skeleton.missing();
    }

    public LatencyPercentiles candidateLatency() {
        throw Skeleton.missing();
    }

    /** Candidate's time over production's, geometric mean over batches that did not fail, unclamped; null without any. */
    public @Nullable Double ratio() {
        throw Skeleton.missing();
    }

    public Optional<NoiseFloor> noiseFloor() {
        throw Skeleton.missing();
    }
}
