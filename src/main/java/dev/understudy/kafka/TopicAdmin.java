package dev.understudy.kafka;

import dev.understudy.kafka.Topic.Partitioning;
import dev.understudy.kafka.TopicFinding.State;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Creates the declared topics on a cluster, or compares what is there with the declaration. It never changes a topic
 * that exists: its records may be somebody's, and some differences cannot be undone.
 */
public final class TopicAdmin implements AutoCloseable {
    private static final Duration PROPAGATION = Duration.ofMillis(50);

    private final KafkaConnection connection;
    private final Duration limit;
    private final BoundedAdmin admin;

    /**
     * Connects to the cluster; nothing is asked of it yet.
     *
     * @param limit how long to wait for each answer
     */
    public TopicAdmin(KafkaConnection connection, Duration limit) {
        this.connection = connection;
        this.limit = limit;
        this.admin = new BoundedAdmin(connection, "understudy-topics", limit);
    }

    /**
     * Creates what is missing and compares the rest.
     *
     * @param partitions of the topics that go with the requests; where {@code prediction-requests} exists already, its
     *     own number counts, since all of them must have the same
     * @throws TopicUnavailableException if the cluster cannot be reached or refuses
     */
    public List<TopicFinding> create(Topics topics, int partitions, int replication) {
        // The requests come first: their number of partitions decides the others', and another process may be creating
        // them just now.
        Set<String> created = createMissing(List.of(topics.predictionRequests()), partitions, replication);
        int withRequests = partitionsOfRequests(topics, described(List.of(topics.predictionRequests())), partitions);
        created.addAll(createMissing(topics.all(), withRequests, replication));
        Map<String, TopicDescription> there = described(topics.all());
        awaitLeaders(there.values());
        return compare(topics, there, withRequests, replication, created);
    }

    /** A producer that writes to a partition before it has a leader may be refused for minutes. */
    private void awaitLeaders(Collection<TopicDescription> topics) {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        for (TopicDescription topic : topics) {
            topic.partitions()
                    .forEach(partition ->
                            ends.put(new TopicPartition(topic.name(), partition.partition()), OffsetSpec.latest()));
        }
        try {
            admin.await(admin.ask().listOffsets(ends).all());
        } catch (ExecutionException e) {
            throw admin.refused("the topics have no leaders yet", e);
        }
    }

    /**
     * Compares what is there with the declaration, without changing anything.
     *
     * @throws TopicUnavailableException if the cluster cannot be reached or refuses
     */
    public List<TopicFinding> check(Topics topics, int partitions, int replication) {
        Map<String, TopicDescription> there = describe(topics.all());
        return compare(topics, there, partitionsOfRequests(topics, there, partitions), replication, Set.of());
    }

    @Override
    public void close() {
        admin.close();
    }

    private Set<String> createMissing(List<Topic<?, ?>> topics, int withRequests, int replication) {
        Set<String> there = describe(topics).keySet();
        return create(
                topics.stream()
                        .filter(topic -> !there.contains(topic.name()))
                        .map(topic -> new NewTopic(topic.name(), wanted(topic, withRequests), (short) replication)
                                .configs(topic.configuration()))
                        .toList(),
                replication);
    }

    private Set<String> create(List<NewTopic> missing, int replication) {
        Set<String> created = new TreeSet<>();
        Map<String, KafkaFuture<Void>> answers =
                admin.ask().createTopics(missing).values();
        for (Map.Entry<String, KafkaFuture<Void>> answer : answers.entrySet()) {
            try {
                admin.await(answer.getValue());
                created.add(answer.getKey());
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TopicExistsException) {
                    continue; // Another process was faster; it is compared like one that was there.
                }
                if (e.getCause() instanceof InvalidReplicationFactorException) {
                    throw new TopicUnavailableException(
                            "topic " + answer.getKey() + " cannot be created with kafka.replication=" + replication
                                    + ": it must be at most the number of brokers ("
                                    + e.getCause().getMessage() + ")",
                            e);
                }
                throw admin.refused("topic " + answer.getKey() + " cannot be created", e);
            }
        }
        return created;
    }

    private Map<String, TopicDescription> describe(List<Topic<?, ?>> topics) {
        Map<String, TopicDescription> there = new HashMap<>();
        admin.ask()
                .describeTopics(topics.stream().map(Topic::name).toList())
                .topicNameValues()
                .forEach((name, answer) -> {
                    try {
                        there.put(name, admin.await(answer));
                    } catch (ExecutionException e) {
                        if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                            throw admin.refused("topic " + name + " cannot be described", e);
                        }
                    }
                });
        return there;
    }

    /** Topics that exist; what was just created may not be known to every broker at once. */
    private Map<String, TopicDescription> described(List<Topic<?, ?>> topics) {
        long start = System.nanoTime();
        Map<String, TopicDescription> there = describe(topics);
        while (there.size() < topics.size()) {
            if (System.nanoTime() - start > limit.toNanos()) {
                throw new TopicUnavailableException("topics were created at kafka.bootstrap-servers="
                        + connection.bootstrapServers() + ", and " + (topics.size() - there.size())
                        + " of them are not known there after " + limit);
            }
            LockSupport.parkNanos(PROPAGATION.toNanos());
            there = describe(topics);
        }
        return there;
    }

    private List<TopicFinding> compare(
            Topics topics,
            Map<String, TopicDescription> there,
            int withRequests,
            int replication,
            Set<String> created) {
        Map<String, Config> configurations = configurations(there.keySet());
        List<TopicFinding> findings = new ArrayList<>();
        for (Topic<?, ?> topic : topics.all()) {
            TopicDescription description = there.get(topic.name());
            if (description == null) {
                findings.add(new TopicFinding(
                        topic.name(),
                        State.MISSING,
                        0,
                        0,
                        List.of("is missing; `understudy topics create` creates it")));
                continue;
            }
            int partitions = description.partitions().size();
            int replicas = description.partitions().stream()
                    .mapToInt(partition -> partition.replicas().size())
                    .min()
                    .orElse(0);
            List<String> differences = new ArrayList<>();
            if (topic.partitioning() == Partitioning.WITH_REQUESTS && partitions != withRequests) {
                differences.add(wrongPartitions(topics, partitions, withRequests));
            }
            if (replicas < replication) {
                differences.add("has replication " + replicas + ", would be right: " + replication
                        + " (move it with kafka-reassign-partitions)");
            }
            differences.addAll(differingSettings(topic, Objects.requireNonNull(configurations.get(topic.name()))));
            State state =
                    !differences.isEmpty() ? State.DIFFERS : created.contains(topic.name()) ? State.CREATED : State.OK;
            findings.add(new TopicFinding(topic.name(), state, partitions, replicas, differences));
        }
        return findings;
    }

    private static String wrongPartitions(Topics topics, int partitions, int right) {
        return "has " + partitions + " partitions, would be right: " + right + " like "
                + topics.predictionRequests().name() + ", since a record stays on the partition of its request ("
                + (partitions < right
                        ? "raise it with kafka-topics --alter while it is empty"
                        : "Kafka cannot take partitions away: delete it and create it again")
                + ")";
    }

    private static List<String> differingSettings(Topic<?, ?> topic, Config actual) {
        List<String> differences = new ArrayList<>();
        topic.configuration().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(setting -> {
                    ConfigEntry entry = actual.get(setting.getKey());
                    String value = entry == null ? "" : String.valueOf(entry.value());
                    if (!asSet(value).equals(asSet(setting.getValue()))) {
                        differences.add("has " + setting.getKey() + "=" + value + ", would be right: "
                                + setting.getValue() + " (set it with kafka-configs --alter)");
                    }
                });
        return differences;
    }

    /** Policies are lists, whose order does not count. */
    private static Set<String> asSet(String value) {
        return new TreeSet<>(Arrays.asList(value.split(",", -1)));
    }

    private Map<String, Config> configurations(Set<String> names) {
        Map<String, Config> configurations = new HashMap<>();
        admin.ask()
                .describeConfigs(names.stream()
                        .map(name -> new ConfigResource(ConfigResource.Type.TOPIC, name))
                        .toList())
                .values()
                .forEach((resource, answer) -> {
                    try {
                        configurations.put(resource.name(), admin.await(answer));
                    } catch (ExecutionException e) {
                        throw admin.refused("the settings of topic " + resource.name() + " cannot be read", e);
                    }
                });
        return configurations;
    }

    private static int partitionsOfRequests(Topics topics, Map<String, TopicDescription> there, int otherwise) {
        TopicDescription requests = there.get(topics.predictionRequests().name());
        return requests == null ? otherwise : requests.partitions().size();
    }

    private static int wanted(Topic<?, ?> topic, int withRequests) {
        return topic.partitioning() == Partitioning.WITH_REQUESTS ? withRequests : 1;
    }
}
