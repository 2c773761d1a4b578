package dev.understudy.kafka;

import dev.understudy.domain.DurationText;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** Kafka's admin client, every answer of which comes within a limit or is a {@link TopicUnavailableException}. */
final class BoundedAdmin implements AutoCloseable {
    private static final Duration LONGEST_REQUEST = Duration.ofSeconds(30);

    private final KafkaConnection connection;
    private final Duration limit;
    private final Admin admin;

    /** Connects to the cluster; nothing is asked of it yet. */
    BoundedAdmin(KafkaConnection connection, String clientId, Duration limit) {
        this.connection = connection;
        this.limit = limit;
        Map<String, Object> settings = connection.clientSettings();
        settings.put(AdminClientConfig.CLIENT_ID_CONFIG, clientId);
        settings.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, Math.toIntExact(limit.toMillis()));
        settings.put(
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(Math.min(limit.toMillis(), LONGEST_REQUEST.toMillis())));
        try {
            this.admin = Admin.create(settings);
        } catch (KafkaException e) {
            throw new TopicUnavailableException(
                    "no client could be made for kafka.bootstrap-servers=" + connection.bootstrapServers() + ": "
                            + FailureText.of(e),
                    e);
        }
    }

    /** The client itself. */
    Admin ask() {
        return admin;
    }

    /** @throws ExecutionException what the cluster answered instead */
    <V> V await(KafkaFuture<V> answer) throws ExecutionException {
        try {
            return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TopicUnavailableException(
                    "interrupted while asking the cluster at kafka.bootstrap-servers=" + connection.bootstrapServers(),
                    e);
        }
    }

    /**
     * The offset that is asked for, of each partition.
     *
     * @throws ExecutionException what the cluster answered instead
     */
    Map<TopicPartition, Long> offsets(Collection<TopicPartition> partitions, OffsetSpec which)
            throws ExecutionException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        partitions.forEach(partition -> asked.put(partition, which));
        Map<TopicPartition, Long> offsets = new HashMap<>();
        await(ask().listOffsets(asked).all()).forEach((partition, found) -> offsets.put(partition, found.offset()));
        return offsets;
    }

    /** As an exception for people. */
    TopicUnavailableException refused(String what, ExecutionException e) {
        if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
            return unreachable(e);
        }
        return new TopicUnavailableException(
                what + " at kafka.bootstrap-servers=" + connection.bootstrapServers() + ": " + FailureText.of(e), e);
    }

    private TopicUnavailableException unreachable(Exception e) {
        return new TopicUnavailableException(
                "no broker answered at kafka.bootstrap-servers=" + connection.bootstrapServers() + " within "
                        + DurationText.format(limit) + "; is it running, and is this its address?",
                e);
    }

    @Override
    public void close() {
        admin.close(Duration.ZERO);
    }
}
