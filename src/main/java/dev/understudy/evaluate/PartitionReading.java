package dev.understudy.evaluate;

import dev.understudy.kafka.TimestampOrPartitionTime;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.avro.ReadFailure;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads what the stage had read of a partition, and leaves out what the stage gave to the dead letters. */
final class PartitionReading {
    private static final TimestampOrPartitionTime TIMES = new TimestampOrPartitionTime();

    private final int number;
    private final InputsRead read;
    private final Map<InputTopic, Long> records;
    private long partitionTime;

    /** Counts a record with its event time in milliseconds. */
    @FunctionalInterface
    interface Counter<V> {
        void count(V value, long eventTimeMillis);
    }

    PartitionReading(int number, InputsRead read, Map<InputTopic, Long> records) {
        this.number = number;
        this.read = read;
        this.records = records;
    }

    <V> void read(TopicReader<String, V> reader, InputTopic topic, Counter<V> counter) {
        partitionTime = -1;
        records.merge(topic, 0L, Long::sum);
        InputsRead.Range range = read.of(topic);
        if (range.to() == 0) {
            return;
        }
        reader.read(reader.partition(number), range.from(), range.to(), record -> {
            records.merge(topic, 1L, Long::sum);
            count(record, counter);
        });
    }

    @SuppressWarnings("unchecked") // the extractor looks at times alone
    private <V> void count(ConsumerRecord<String, V> record, Counter<V> counter) {
        long time = TIMES.extract((ConsumerRecord<Object, Object>) (ConsumerRecord<?, ?>) record, partitionTime);
        partitionTime = Math.max(partitionTime, time);
        if (record.value() == null) {
            return;
        }
        try {
            counter.count(record.value(), time);
        } catch (RuntimeException e) {
            if (ReadFailure.of(e) == ReadFailure.SURROUNDINGS) {
                throw e;
            }
        }
    }
}
