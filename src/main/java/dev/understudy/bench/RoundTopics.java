package dev.understudy.bench;

import dev.understudy.broker.EmbeddedKafka;
import dev.understudy.kafka.TopicAdmin;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaFuture;

/** The topics of one round, and how to reach them. They are deleted with it: the disk is to hold one round, not all. */
record RoundTopics(String name, BenchConnection connection, AvroSerdes serdes, Topics topics, Admin admin)
        implements AutoCloseable {
    static final Duration LIMIT = Duration.ofSeconds(30);

    /** For processes that are held still at times. */
    static RoundTopics create(EmbeddedKafka kafka, String name, int partitions) {
        return create(kafka, name, partitions, BenchConnection.LONG_SESSIONS);
    }

    static RoundTopics create(EmbeddedKafka kafka, String name, int partitions, Duration sessionTimeout) {
        BenchConnection connection = new BenchConnection(
                kafka.bootstrapServers(), kafka.registryUrl().toString(), name + ".", sessionTimeout);
        AvroSerdes serdes = connection.serdes();
        Admin admin = Admin.create(connection.kafka().clientSettings());
        RoundTopics round = new RoundTopics(name, connection, serdes, connection.topics(serdes), admin);
        try (TopicAdmin creator = new TopicAdmin(connection.kafka(), LIMIT)) {
            creator.create(round.topics(), partitions, 1);
        } catch (RuntimeException e) {
            round.closeClients();
            throw e;
        }
        return round;
    }

    /** Deletes the topics, internal ones too. */
    @Override
    public void close() {
        try {
            String otherwise = "the topics of round " + name + " could not be deleted";
            List<String> own = get(admin.listTopics().names(), otherwise).stream()
                    .filter(topic -> topic.startsWith(connection.topicPrefix()))
                    .toList();
            get(admin.deleteTopics(own).all(), otherwise);
        } finally {
            closeClients();
        }
    }

    private void closeClients() {
        admin.close();
        serdes.close();
    }

    static <T> T get(KafkaFuture<T> answer, String otherwise) {
        try {
            return answer.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException(otherwise, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }
}
