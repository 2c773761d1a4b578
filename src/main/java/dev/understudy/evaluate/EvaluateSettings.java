package dev.understudy.evaluate;

import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.PairEvidence;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How EVALUATE keeps and publishes evidence.
 *
 * @param window length of a window, event time
 * @param grace how much later than its window's end a comparison is still counted in it, event time
 * @param interval how often summaries are published, at least; partitions tell the merge as often
 * @param idleAfter after how long without progress a partition no longer holds windows back, wall-clock
 * @param windowRetention how long after its grace a closed window may still be corrected by a partition that is behind,
 *     event time; also the longest stretch of windows without traffic that is published at once
 * @param epochRetention after how long without a comparison the evidence of an epoch that is not in force goes away,
 *     event time
 * @param expectedPairs pairs of versions evaluated at the same time, for the size of the cache
 * @param shape units and time blocks of evidence; deciles come from the declared stages
 */
public record EvaluateSettings(
        Duration window,
        Duration grace,
        Duration interval,
        Duration idleAfter,
        Duration windowRetention,
        Duration epochRetention,
        int expectedPairs,
        Segments segments,
        EvidenceShape shape) {
    /** Full evidence of a busy pair: latencies over eight powers of two on either side, counters of four bytes. */
    static final int FULL_BYTES = 24 * 1024;

    /** Key, and what the cache keeps besides key and value. */
    private static final long KEY_BYTES = 256;

    public EvaluateSettings {
        requirePositive("evaluate.window", window);
        requireNotNegative("evaluate.grace", grace);
        requirePositive("evaluate.interval", interval);
        requirePositive("evaluate.idle-after", idleAfter);
        requirePositive("evaluate.window-retention", windowRetention);
        requirePositive("evaluate.epoch-retention", epochRetention);
        if (expectedPairs < 1) {
            throw new IllegalArgumentException("evaluate.expected-pairs must be at least 1, was " + expectedPairs);
        }
    }

    /** One-minute windows with five minutes of grace, summaries every five seconds, the given segments. */
    public static EvaluateSettings defaults(Map<String, List<String>> segments) {
        return new EvaluateSettings(
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofHours(2),
                Duration.ofDays(7),
                4,
                new Segments(segments),
                EvidenceShape.standard());
    }

    /**
     * The Kafka Streams settings of the stage: how large its caches are. Evidence that does not fit would be written to the
     * changelog again and again between two commits, so that is refused.
     *
     * @param threads that share the cache
     * @param partitions of comparisons, all of which may fall to one instance
     * @throws IllegalArgumentException with the numbers, if the cache cannot hold the evidence in use
     */
    public Map<String, Object> streams(int cacheMebibytes, int threads, int partitions) {
        int partitionsPerThread = (partitions + threads - 1) / threads;
        long needed = bytesPerPartition() * partitionsPerThread * threads;
        if (needed > (long) cacheMebibytes << 20) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "evaluate.cache-mebibytes must be at least %d for %d pairs (evaluate.expected-pairs), %d segments,"
                            + " %d open windows, %d partitions and %d threads, was %d",
                    (needed + (1L << 20) - 1) >> 20,
                    expectedPairs,
                    segments.count(),
                    openWindows(),
                    partitions,
                    threads,
                    cacheMebibytes));
        }
        return Map.of(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, (long) cacheMebibytes << 20);
    }

    /** Evidence that records still change, for the epochs in force. */
    private long bytesPerPartition() {
        long full = FULL_BYTES + KEY_BYTES;
        long gates = PairEvidence.create(Detail.GATES, shape).bytes().length + KEY_BYTES;
        return expectedPairs * (full * (1 + openWindows()) + gates * segments.count() + SourceMark.size(2) + KEY_BYTES);
    }

    /** Windows that may still get a comparison, the current one and the next included. */
    private long openWindows() {
        return 2 + (grace.toMillis() + window.toMillis() - 1) / window.toMillis();
    }

    long windowStartOf(long eventTimeMillis) {
        return Math.floorDiv(eventTimeMillis, window.toMillis()) * window.toMillis();
    }

    /** The event time at which a window takes no more comparisons. */
    long closesAt(long windowStartMillis) {
        return windowStartMillis + window.toMillis() + grace.toMillis();
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.toMillis() == 0) {
            throw new IllegalArgumentException(key + " must be at least a millisecond, was " + value);
        }
    }

    private static void requireNotNegative(String key, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(key + " must not be negative, was " + value);
        }
    }
}
