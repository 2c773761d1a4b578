package dev.understudy.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How far a stage is with reading its state from Kafka: a day of outcomes takes minutes, and is no reason to give up. */
final class RestoreProgress implements StateRestoreListener {
    private static final Logger LOG = LoggerFactory.getLogger(RestoreProgress.class);
    private static final long TELL_NANOS = Duration.ofSeconds(10).toNanos();

    private final String stage;
    private final LongSupplier nanoTime;
    /** Records that each store still misses, as far as it was known at its beginning. */
    private final Map<StorePartition, Long> missing = new ConcurrentHashMap<>();

    private volatile long lastNanos;
    private volatile long toldNanos;

    private record StorePartition(TopicPartition partition, String store) {}

    RestoreProgress(String stage, LongSupplier nanoTime) {
        this.stage = stage;
        this.nanoTime = nanoTime;
        this.lastNanos = nanoTime.getAsLong();
        this.toldNanos = lastNanos;
    }

    /** How long nothing has been read, in nanoseconds. */
    long silentNanos() {
        return nanoTime.getAsLong() - lastNanos;
    }

    /** Records that are still to be read; empty while nothing is restored. */
    OptionalLong missing() {
        return missing.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(
                        missing.values().stream().mapToLong(Long::longValue).sum());
    }

    @Override
    public void onRestoreStart(TopicPartition partition, String store, long startingOffset, long endingOffset) {
        missing.put(new StorePartition(partition, store), endingOffset - startingOffset);
        progressed();
    }

    @Override
    public void onBatchRestored(TopicPartition partition, String store, long batchEndOffset, long restored) {
        missing.computeIfPresent(new StorePartition(partition, store), (key, left) -> Math.max(0, left - restored));
        progressed();
    }

    @Override
    public void onRestoreEnd(TopicPartition partition, String store, long totalRestored) {
        missing.remove(new StorePartition(partition, store));
        progressed();
    }

    @Override
    public void onRestoreSuspended(TopicPartition partition, String store, long totalRestored) {
        missing.remove(new StorePartition(partition, store));
        progressed();
    }

    private void progressed() {
        long now = nanoTime.getAsLong();
        lastNanos = now;
        if (now - toldNanos >= TELL_NANOS) {
            toldNanos = now;
            missing().ifPresent(left -> LOG.info("stage={} restores its state, {} records are missing", stage, left));
        }
    }
}
