package dev.understudy.kafka;

import dev.understudy.domain.DurationText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Asks the cluster whether a stage can run at all, so that what is missing is named at the start. Kafka's clients
 * themselves would wait for a broker for ever.
 */
final class StartCheck {
    /** A topic that was created just now is not known to every broker at once. */
    static final Duration NEW_TOPIC_DELAY = Duration.ofSeconds(3);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(100);

    private final StageSettings settings;
    private final KafkaConnection connection;
    private final List<Topic<?, ?>> topics;

    StartCheck(StageSettings settings, KafkaConnection connection, List<Topic<?, ?>> topics) {
        this.settings = settings;
        this.connection = connection;
        this.topics = topics;
    }

    void check(StreamsConfig config) {
        try (Admin admin = Admin.create(config.getAdminConfigs(settings.applicationId() + "-start-check"))) {
            try {
                await(admin.describeCluster().clusterId());
                long start = System.nanoTime();
                List<String> missing = checkTopics(admin);
                while (!missing.isEmpty() && System.nanoTime() - start < NEW_TOPIC_DELAY.toNanos()) {
                    LockSupport.parkNanos(LOOK_AGAIN.toNanos());
                    missing = checkTopics(admin);
                }
                if (!missing.isEmpty()) {
                    throw new StageFailedException("stage " + settings.stage() + " misses "
                            + String.join(", ", missing)
                            + "; create what is missing with `understudy topics create`");
                }
            } finally {
                admin.close(Duration.ZERO);
            }
        } catch (TimeoutException e) {
            throw new StageFailedException(
                    "no broker answered at kafka.bootstrap-servers=" + connection.bootstrapServers() + " within "
                            + DurationText.format(settings.startLimit()) + "; is it running, and is this its address?",
                    e);
        } catch (KafkaException e) {
            throw new StageFailedException(
                    "no client could be made for kafka.bootstrap-servers=" + connection.bootstrapServers() + ": "
                            + FailureText.of(e),
                    e);
        } catch (ExecutionException e) {
            throw new StageFailedException(
                    "the cluster at kafka.bootstrap-servers=" + connection.bootstrapServers() + " refused stage "
                            + settings.stage() + ": " + FailureText.of(e),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageFailedException("interrupted while stage " + settings.stage() + " was starting", e);
        }
    }

    /** Returns the topics that are missing. */
    private List<String> checkTopics(Admin admin) throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, KafkaFuture<TopicDescription>> descriptions =
                admin.describeTopics(topics.stream().map(Topic::name).toList()).topicNameValues();
        List<String> missing = new ArrayList<>();
        Map<String, Integer> likeRequests = new TreeMap<>();
        for (Topic<?, ?> topic : topics) {
            try {
                int partitions = await(Objects.requireNonNull(descriptions.get(topic.name())))
                        .partitions()
                        .size();
                if (topic.partitioning() == Topic.Partitioning.WITH_REQUESTS) {
                    likeRequests.put(topic.name(), partitions);
                }
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TopicAuthorizationException) {
                    throw new StageFailedException(
                            "stage " + settings.stage() + " may not use topic " + topic.name()
                                    + " at kafka.bootstrap-servers=" + connection.bootstrapServers()
                                    + "; `understudy acls " + settings.stage() + "` lists what its user needs",
                            e);
                }
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
                missing.add(topic.name());
            }
        }
        if (likeRequests.values().stream().distinct().count() > 1) {
            String counts = likeRequests.entrySet().stream()
                    .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                    .map(entry -> entry.getKey() + " has " + entry.getValue())
                    .reduce((a, b) -> a + ", " + b)
                    .orElseThrow();
            throw new StageFailedException("stage " + settings.stage()
                    + " needs topics with the same number of partitions, since what is derived from a request stays on"
                    + " its partition: " + counts);
        }
        return missing;
    }

    private <V> V await(KafkaFuture<V> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(settings.startLimit().toMillis(), TimeUnit.MILLISECONDS);
    }
}
