package dev.understudy.kafka;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.DescribeClusterResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.QuorumInfo;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the cluster says of itself and of the stages' groups. Only reads. */
public final class ClusterAdmin implements AutoCloseable {
    private final BoundedAdmin admin;

    /**
     * The cluster.
     *
     * @param brokers how many are up
     */
    public record Cluster(String id, int brokers, boolean hasController) {}

    /**
     * A stage's group.
     *
     * @param state Kafka's word, such as {@code Stable}
     * @param members processes' threads; 0 where the stage runs nowhere
     * @param lag records that wait in its input; where it has committed nothing, all that there are
     */
    public record Group(String id, String state, int members, long lag) {}

    /** By how much another clock is ahead of this machine's, at least and at most; negative where it is behind. */
    public record ClockOffset(Duration least, Duration most) {}

    /**
     * Connects to the cluster; nothing is asked of it yet.
     *
     * @param limit how long to wait for each answer
     */
    public ClusterAdmin(KafkaConnection connection, Duration limit) {
        this.admin = new BoundedAdmin(connection, "understudy-cluster", limit);
    }

    /**
     * The cluster as it is now.
     *
     * @throws TopicUnavailableException if no broker answers, or it refuses
     */
    public Cluster cluster() {
        DescribeClusterResult cluster = admin.ask().describeCluster();
        return new Cluster(
                await(cluster.clusterId()), await(cluster.nodes()).size(), await(cluster.controller()) != null);
    }

    /**
     * The group of that id; one that does not exist has no members.
     *
     * @param inputs the topics that it reads; those that do not exist are left out
     * @throws TopicUnavailableException if no broker answers, or it refuses
     */
    public Group group(String id, Collection<String> inputs) {
        ConsumerGroupDescription group;
        try {
            group = admin.await(Objects.requireNonNull(admin.ask()
                    .describeConsumerGroups(List.of(id))
                    .describedGroups()
                    .get(id)));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return new Group(id, "unknown", 0, lag(id, inputs));
            }
            throw admin.refused("group " + id + " cannot be described", e);
        }
        return new Group(id, group.groupState().toString(), group.members().size(), lag(id, inputs));
    }

    /**
     * The clock of the leading controller. Kafka has no question for the time; but the leader of the metadata is always caught
     * up with itself, and says so with the time at which it answers.
     *
     * @param clock this machine's
     * @return empty where the cluster does not say
     * @throws TopicUnavailableException if no broker answers, or it refuses
     */
    public Optional<ClockOffset> controllerClock(InstantSource clock) {
        cluster(); // so that making the connection is not in the time that is measured
        Instant asked = clock.instant();
        QuorumInfo quorum = await(admin.ask().describeMetadataQuorum().quorumInfo());
        Instant answered = clock.instant();
        return quorum.voters().stream()
                .filter(voter -> voter.replicaId() == quorum.leaderId())
                .flatMapToLong(voter -> voter.lastCaughtUpTimestamp().stream())
                .filter(timestamp -> timestamp > 0)
                .mapToObj(Instant::ofEpochMilli)
                .map(time -> new ClockOffset(Duration.between(answered, time), Duration.between(asked, time)))
                .findFirst();
    }

    private long lag(String group, Collection<String> inputs) {
        Map<TopicPartition, OffsetAndMetadata> committed =
                await(admin.ask().listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
        // What it has committed may be more than its inputs: a topic between its own tasks.
        Set<TopicPartition> partitions = new HashSet<>(committed.keySet());
        partitions.addAll(partitions(inputs));
        Map<TopicPartition, Long> starts = offsets(partitions, OffsetSpec.earliest());
        Map<TopicPartition, Long> ends = offsets(partitions, OffsetSpec.latest());
        long lag = 0;
        for (TopicPartition partition : partitions) {
            long start = starts.getOrDefault(partition, 0L);
            OffsetAndMetadata position = committed.get(partition);
            long next = position == null ? start : Math.max(start, position.offset());
            lag += Math.max(0, ends.getOrDefault(partition, 0L) - next);
        }
        return lag;
    }

    private List<TopicPartition> partitions(Collection<String> topics) {
        List<TopicPartition> partitions = new ArrayList<>();
        admin.ask().describeTopics(topics).topicNameValues().forEach((topic, description) -> {
            try {
                admin.await(description)
                        .partitions()
                        .forEach(partition -> partitions.add(new TopicPartition(topic, partition.partition())));
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw admin.refused("topic " + topic + " cannot be described", e);
                }
            }
        });
        return partitions;
    }

    private Map<TopicPartition, Long> offsets(Set<TopicPartition> partitions, OffsetSpec which) {
        try {
            return admin.offsets(partitions, which);
        } catch (ExecutionException e) {
            throw admin.refused("the cluster did not say how it is", e);
        }
    }

    private <V> V await(KafkaFuture<V> answer) {
        try {
            return admin.await(answer);
        } catch (ExecutionException e) {
            throw admin.refused("the cluster did not say how it is", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
