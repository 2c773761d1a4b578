package dev.understudy.kafka;

import java.util.Optional;
import java.util.Set;
import java.util.function.ToIntFunction;
import org.apache.kafka.streams.processor.StreamPartitioner;

/**
 * Keeps what is derived from a request on the partition number of that request, whichever partitioner upstream used: see
 * {@code docs/decisions/0001-derived-records-stay-on-their-partition.md}.
 */
public final class OriginPartitioner<V> implements StreamPartitioner<String, V> {
    private final ToIntFunction<V> originPartition;

    /** @param originPartition the origin's partition, which every derived record carries */
    public OriginPartitioner(ToIntFunction<V> originPartition) {
        this.originPartition = originPartition;
    }

    @Override
    public Optional<Set<Integer>> partitions(String topic, String key, V value, int numPartitions) {
        int partition = originPartition.applyAsInt(value);
        if (partition >= numPartitions) {
            throw new StageFailedException("topic " + topic + " has " + numPartitions
                    + " partitions, but a request came from partition " + partition
                    + "; it needs as many as prediction-requests");
        }
        return Optional.of(Set.of(partition));
    }
}
