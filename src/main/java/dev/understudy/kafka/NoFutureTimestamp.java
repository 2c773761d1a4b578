package dev.understudy.kafka;

import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.processor.TimestampExtractor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The record's timestamp, but not one that lies in the future: that becomes now, and so does the time of everything
 * derived. For the source by which records enter the pipeline: one record stamped next year would make all others late.
 * Used by all stream threads at once.
 */
public final class NoFutureTimestamp implements TimestampExtractor {
    private static final Logger LOG = LoggerFactory.getLogger(NoFutureTimestamp.class);
    /** Clocks differ; this much is no fault of a record. */
    private static final Duration TOLERANCE = Duration.ofMinutes(1);

    private final TimestampExtractor timestamps = new TimestampOrPartitionTime();
    private final InstantSource clock;
    private final AtomicBoolean warned = new AtomicBoolean();

    public NoFutureTimestamp(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
        long timestamp = timestamps.extract(record, partitionTime);
        long now = clock.millis();
        if (timestamp <= now + TOLERANCE.toMillis()) {
            return timestamp;
        }
        if (warned.compareAndSet(false, true)) {
            LOG.warn(
                    "topic={} partition={} offset={} record is stamped {} s in the future; it counts as of now, and so"
                            + " will others, without a further warning",
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    (timestamp - now) / 1_000);
        }
        return now;
    }
}
