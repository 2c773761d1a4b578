package dev.understudy.kafka;

import dev.understudy.kafka.DeadLetter.Place;
import dev.understudy.kafka.DeadLetter.Source;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTxnStateException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Sends the source records of dead letters again, each at most once, whoever does it how often: the records and the note
 * that they were sent are one Kafka transaction, and all replays share one transactional id, so that a later one fences an
 * earlier one that is still at work. See decision 0012.
 */
public final class DeadLetterReplay {
    private static final Duration TRANSACTION = Duration.ofMinutes(5);

    private final KafkaConnection connection;
    private final Topics topics;
    private final Duration bound;

    /**
     * Which letters a replay is about.
     *
     * @param filter what is wanted of a letter
     * @param named of those only these; all where it is empty
     * @param failedAgain whether a filter also wants letters of records that were a replay themselves; named ones are
     *     always wanted
     */
    public record Selection(Predicate<DeadLetter> filter, Set<Place> named, boolean failedAgain) {
        public Selection {
            named = Set.copyOf(named);
        }

        private boolean leavesOutReplays() {
            return named.isEmpty() && !failedAgain;
        }
    }

    /**
     * What a replay would do.
     *
     * @param due the source records that would be sent, each with the first letter of it
     * @param before how many source records were replayed before
     * @param failedAgain how many source records are left out, since they were a replay themselves
     * @param refused how many letters cannot be sent again, by the reason
     */
    public record Plan(Map<Source, Place> due, int before, int failedAgain, Map<String, Integer> refused) {}

    /**
     * What became of a replay.
     *
     * @param plan what was due
     * @param sent how many source records were sent
     * @param gone letters that were removed, by the topic's retention, before they could be sent
     */
    public record Result(Plan plan, int sent, SortedSet<Place> gone) {
        /** Source records that are left for another time, since there were more than the limit. */
        public int left() {
            return plan.due().size() - sent - gone.size();
        }
    }

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
        if (letter.source().partition() < 0 || letter.source().offset() < 0) {
            return Optional.of("its headers do not say where its record stood: let upstream send it anew");
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
     * What a replay of these would do as things stand; nothing is sent.
     *
     * @throws IllegalArgumentException if a named letter is not there, or not wanted by the filter
     */
    public Plan plan(Selection selection) {
        NamedLetters names = new NamedLetters(selection);
        Map<Source, Place> due = new LinkedHashMap<>();
        Map<Source, Place> saidToBeReplays = new HashMap<>();
        Map<String, Integer> refused = new LinkedHashMap<>();
        ReplayNotes notes = DeadLetterLog.read(connection, topics.deadLetters(), bound, letter -> {
            if (!names.want(letter)) {
                return;
            }
            Optional<String> refusal = refusal(letter);
            if (refusal.isPresent()) {
                refused.merge(refusal.get(), 1, Integer::sum);
                return;
            }
            due.putIfAbsent(letter.source(), letter.place());
            Place replayOf = letter.replayOf();
            if (replayOf != null && selection.leavesOutReplays()) {
                saidToBeReplays.put(letter.source(), replayOf);
            }
        });
        names.requireAll();
        int all = due.size();
        due.keySet().removeIf(notes::has);
        int fresh = due.size();
        due.keySet().removeIf(source -> notes.isReplay(saidToBeReplays.get(source), source));
        return new Plan(due, all - fresh, fresh - due.size(), refused);
    }

    /**
     * Sends what can be sent and was not before; of several letters of one record the first.
     *
     * @param limit how many at most, in one transaction
     * @throws IllegalArgumentException if a named letter is not there, or not wanted by the filter
     * @throws StageFailedException if another replay began meanwhile
     * @throws TopicUnavailableException if they cannot be sent, or it is not known whether they were
     */
    public Result replay(Selection selection, int limit) {
        requireNamed(selection);
        KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings(), new ByteArraySerializer(), new ByteArraySerializer());
        try {
            // Before the topic is read: no other replay can commit after this and before ours.
            producer.initTransactions();
            Plan plan = plan(selection);
            Set<Place> chosen = plan.due().values().stream().limit(limit).collect(Collectors.toSet());
            List<DeadLetter> found = chosen.isEmpty() ? List.of() : letters(chosen);
            if (!found.isEmpty()) {
                send(producer, found);
            }
            SortedSet<Place> gone = new TreeSet<>(chosen);
            found.forEach(letter -> gone.remove(letter.place()));
            return new Result(plan, found.size(), gone);
        } catch (KafkaException e) {
            if (!isFenced(e)) {
                throw e;
            }
            throw new StageFailedException(
                    "another replay began meanwhile, or it took longer than " + TRANSACTION.toMinutes()
                            + " minutes; `dead-letters list` says what was replayed",
                    e);
        } finally {
            producer.close(bound);
        }
    }

    /** Refuses a mistyped name before the transactional id is claimed, which ends a replay that is at work. */
    private void requireNamed(Selection selection) {
        if (!selection.named().isEmpty()) {
            NamedLetters names = new NamedLetters(selection);
            // Not what is committed only: a killed replay may have left a transaction open, which the claim aborts.
            DeadLetterLog.readUncommitted(connection, topics.deadLetters(), bound, names::want);
            names.requireAll();
        }
    }

    /** With their contents, which are not kept of all. Some may have been removed since they were chosen. */
    private List<DeadLetter> letters(Set<Place> chosen) {
        List<DeadLetter> letters = new ArrayList<>();
        DeadLetterLog.read(connection, topics.deadLetters(), bound, letter -> {
            if (chosen.contains(letter.place())) {
                letters.add(letter);
            }
        });
        return letters;
    }

    private void send(KafkaProducer<byte[], byte[]> producer, List<DeadLetter> letters) {
        producer.beginTransaction();
        DeadLetter sending = letters.get(0);
        try {
            for (DeadLetter letter : letters) {
                sending = letter;
                Future<RecordMetadata> unused = producer.send(again(letter));
                unused = producer.send(note(letter));
            }
            producer.flush();
        } catch (KafkaException | IllegalArgumentException e) {
            if (isFenced(e)) {
                throw e;
            }
            TopicUnavailableException failure = new TopicUnavailableException(
                    "nothing was sent; it failed by letter " + sending.place() + " of " + sending.source() + ": "
                            + FailureText.of(e),
                    e);
            abort(producer, failure);
            throw failure;
        }
        try {
            producer.commitTransaction(); // throws what a send met
        } catch (TimeoutException | InterruptException e) {
            throw new TopicUnavailableException(
                    "it is not known whether the records were sent; run it again: what was sent is not sent twice", e);
        } catch (KafkaException e) {
            if (isFenced(e)) {
                throw e;
            }
            TopicUnavailableException failure =
                    new TopicUnavailableException("nothing was sent: " + FailureText.of(e), e);
            abort(producer, failure);
            throw failure;
        }
    }

    /**
     * Whether the transaction is not ours any more. A broker that learns of its end between checking a record and writing
     * it answers that its state is invalid, and the producer wraps that.
     */
    static boolean isFenced(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .anyMatch(cause -> cause instanceof ProducerFencedException
                        || cause instanceof InvalidProducerEpochException
                        || cause instanceof InvalidTxnStateException);
    }

    private static void abort(KafkaProducer<byte[], byte[]> producer, TopicUnavailableException failure) {
        try {
            producer.abortTransaction();
        } catch (KafkaException e) {
            failure.addSuppressed(e); // it ends by its timeout
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

    /** Its time is that of the replay, so that it lives as long as the letter of a record that fails again. */
    private ProducerRecord<byte[], byte[]> note(DeadLetter letter) {
        Source source = letter.source();
        ProducerRecord<byte[], byte[]> note = new ProducerRecord<>(
                topics.deadLetters().name(), letter.place().partition(), letter.key(), (byte[]) null);
        note.headers()
                .add(DeadLetters.REPLAYED, bytes(letter.place()))
                .add(DeadLetters.TOPIC, bytes(source.topic()))
                .add(DeadLetters.PARTITION, bytes(source.partition()))
                .add(DeadLetters.OFFSET, bytes(source.offset()))
                .add(DeadLetters.TIMESTAMP, bytes(source.timestampMillis()));
        return note;
    }

    private static byte[] bytes(Object text) {
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /** As the stages' producers have them, whose letters they were. */
    private Map<String, Object> settings() {
        String prefix = StreamsConfig.producerPrefix("");
        Map<String, Object> settings = connection.clientSettings();
        connection.clientSettings().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                settings.put(key.substring(prefix.length()), value);
            }
        });
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId(topics));
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, Math.toIntExact(TRANSACTION.toMillis()));
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, bound.toMillis());
        return settings;
    }
}
