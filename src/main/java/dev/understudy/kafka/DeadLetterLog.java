package dev.understudy.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;

/** Reads the topic {@code dead-letters}, which may hold more than memory does. */
public final class DeadLetterLog {
    private DeadLetterLog() {}

    /**
     * Reads the topic through what is written now, and waits for transactions that are open there: what one of them commits
     * may be that a letter was replayed.
     *
     * @param bound how long to wait for each answer, and for a transaction to end
     * @param taker gets each letter, in the order of its partition
     * @return which letters were replayed
     * @throws TopicUnavailableException if the topic cannot be read within the bound
     */
    public static ReplayNotes read(
            KafkaConnection connection, Topic<byte[], byte[]> topic, Duration bound, Consumer<DeadLetter> taker) {
        ReplayNotes notes = new ReplayNotes();
        try (TopicReader<byte[], byte[]> reader = new TopicReader<>(connection, topic, bound)) {
            reader.readThrough(written(connection, reader.endOffsets().keySet(), bound), record -> {
                if (ReplayNotes.isNote(record)) {
                    notes.add(record);
                } else {
                    taker.accept(DeadLetter.of(record));
                }
            });
        }
        return notes;
    }

    /**
     * Reads the letters as far as the topic is written now, those of transactions that are open or were aborted included: waits
     * for nobody.
     *
     * @param bound how long to wait for each answer
     * @param taker gets each letter, in the order of its partition
     * @throws TopicUnavailableException if the topic cannot be read within the bound
     */
    static void readUncommitted(
            KafkaConnection connection, Topic<byte[], byte[]> topic, Duration bound, Consumer<DeadLetter> taker) {
        try (TopicReader<byte[], byte[]> reader =
                new TopicReader<>(connection, topic, bound, IsolationLevel.READ_UNCOMMITTED)) {
            reader.readToEnd(record -> {
                if (!ReplayNotes.isNote(record)) {
                    taker.accept(DeadLetter.of(record));
                }
            });
        }
    }

    /** Where the partitions end, transactions that are open included. */
    private static Map<TopicPartition, Long> written(
            KafkaConnection connection, Set<TopicPartition> partitions, Duration bound) {
        try (BoundedAdmin admin = new BoundedAdmin(connection, "understudy-dead-letters", bound)) {
            return admin.offsets(partitions, OffsetSpec.latest());
        } catch (ExecutionException e) {
            throw new TopicUnavailableException("the end of the dead letters is not known: " + FailureText.of(e), e);
        }
    }
}
