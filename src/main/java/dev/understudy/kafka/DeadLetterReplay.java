package dev.understudy.kafka;

import dev.understudy.kafka.DeadLetter.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Sends the source records of dead letters again, each at most once, whoever does it how often: the records and the note
 * that they were sent are one Kafka transaction, and all replays share one transactional id, so that a later one fences an
 * earlier one that is still at work. See decision 0012.
 */
public final class DeadLetterReplay {
    private final KafkaConnection connection;
    private final Topics topics;
    private final Duration bound;

    /**
     * What became of a replay.
     *
     * @param sent letters whose source records were sent
     * @param before letters that had been replayed before
     * @param left letters that were left for another time, since there were more than the limit
     */
    public record Result(List<DeadLetter> sent, int before, int left) {}

    /**
     * Prepares; nothing is sent.
     *
     * @param bound how long to wait for each answer
     */
    public DeadLetterReplay(KafkaConnection connection, Topics topics, Duration bound) {
        this.connection = connection;
        this.topics = topics;
        this.bound = bound;
    }

    /** The transactional id that all replays of the same letters share. */
    public static String transactionalId(Topics topics) {
        return topics.deadLetters().name() + "-replay";
    }

    /**
     * Why the source record of a letter cannot be sent again; empty if it can. Only what came from outside is: what the
     * stages wrote carries the origin of its request, and EVALUATE takes an origin behind others for a repetition.
     */
    public Optional<String> refusal(DeadLetter letter) {
        String topic = letter.source().topic();
        if (!topic.equals(topics.predictionRequests().name())
                && !topic.equals(topics.outcomes().name())) {
            return Optional.of("what " + letter.stage() + " could not use of topic " + topic
                    + " came from another stage, and would be taken for a repetition: declare the stage anew instead");
        }
        if (letter.cause().equals("UNWRITABLE")) {
            return Optional.of("a part of what " + letter.stage()
                    + " made of it may have been written, and would be a second time: let upstream send it anew");
        }
        if (letter.value() == null) {
            return Optional.of(
                    "its value is not in the letter, since it was too large, or there was none: let upstream send"
                            + " it anew");
        }
        return Optional.empty();
    }

    /**
     * Sends what can be sent and was not before, in the order in which the stages gave up.
     *
     * @param wanted which letters
     * @param since letters from this time on
     * @param limit how many at most, in one transaction
     * @throws StageFailedException if another replay began meanwhile; then nothing was sent
     */
    public Result replay(Predicate<DeadLetter> wanted, Instant since, int limit) {
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings(), new ByteArraySerializer(), new ByteArraySerializer())) {
            // Before the topic is read: no other replay can commit after this and before ours.
            producer.initTransactions();
            DeadLetterLog log = DeadLetterLog.read(
                    connection,
                    topics.deadLetters(),
                    bound,
                    since,
                    letter -> wanted.test(letter) && refusal(letter).isEmpty());
            Set<Source> known = new HashSet<>(log.replayed());
            List<DeadLetter> due = new ArrayList<>();
            int before = 0;
            for (DeadLetter letter : log.letters()) {
                if (known.add(letter.source())) { // at-least-once may have written two letters of one record
                    due.add(letter);
                } else {
                    before++;
                }
            }
            List<DeadLetter> sent = List.copyOf(due.subList(0, Math.min(limit, due.size())));
            if (!sent.isEmpty()) {
                send(producer, sent);
            }
            return new Result(sent, before, due.size() - sent.size());
        } catch (ProducerFencedException | InvalidProducerEpochException e) {
            throw new StageFailedException("another replay began meanwhile; nothing was sent, look at what it did", e);
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, List<DeadLetter> letters) {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sending = new ArrayList<>();
        for (DeadLetter letter : letters) {
            sending.add(producer.send(again(letter)));
            sending.add(producer.send(note(letter)));
        }
        try {
            for (Future<RecordMetadata> one : sending) {
                one.get();
            }
            producer.commitTransaction();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ProducerFencedException
                    || e.getCause() instanceof InvalidProducerEpochException) {
                throw (KafkaException) e.getCause();
            }
            producer.abortTransaction();
            throw new TopicUnavailableException("nothing was sent: " + FailureText.of(e), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            producer.abortTransaction();
            throw new TopicUnavailableException("interrupted; nothing was sent", e);
        }
    }

    /** The source record as if it were sent now, on its partition. */
    private static ProducerRecord<byte[], byte[]> again(DeadLetter letter) {
        Source source = letter.source();
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(source.topic(), source.partition(), letter.key(), letter.value());
        letter.headers().forEach(record.headers()::add);
        record.headers().remove(DeadLetters.REPLAY_OF).add(DeadLetters.REPLAY_OF, bytes(letter.place()));
        return record;
    }

    private ProducerRecord<byte[], byte[]> note(DeadLetter letter) {
        Source source = letter.source();
        ProducerRecord<byte[], byte[]> note =
                new ProducerRecord<>(topics.deadLetters().name(), letter.place().partition(), letter.key(), null);
        note.headers()
                .add(DeadLetters.REPLAYED, bytes(letter.place()))
                .add(DeadLetters.TOPIC, bytes(source.topic()))
                .add(DeadLetters.PARTITION, bytes(source.partition()))
                .add(DeadLetters.OFFSET, bytes(source.offset()));
        return note;
    }

    private static byte[] bytes(Object text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, Object> settings() {
        Map<String, Object> settings = connection.clientSettings();
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId(topics));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, bound.toMillis());
        return settings;
    }
}
