package dev.understudy.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.broker.TestKafka;
import dev.understudy.kafka.DeadLetter.Place;
import dev.understudy.kafka.DeadLetterReplay.Plan;
import dev.understudy.kafka.DeadLetterReplay.Result;
import dev.understudy.kafka.DeadLetterReplay.Selection;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is sent again of letters that a test planted; in DeadLettersIT a stage writes them. */
final class DeadLetterReplayIT {
    private static final Duration BOUND = Duration.ofSeconds(30);

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    private final KafkaConnection connection = new KafkaConnection(kafka.bootstrapServers(), Map.of());
    private final Topics topics = new Topics(kafka.uniqueName("replay") + ".", new AvroSerdes(new InMemoryRegistry()));
    private final DeadLetterReplay replay = new DeadLetterReplay(connection, topics, BOUND);

    private void createTopics(String timestampType) {
        kafka.createTopics(List.of(
                new NewTopic(topics.outcomes().name(), 1, (short) 1),
                new NewTopic(topics.predictionRequests().name(), 1, (short) 1),
                new NewTopic(topics.deadLetters().name(), 1, (short) 1)
                        .configs(Map.of(TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, timestampType))));
    }

    /** A letter of an outcome that stood at that offset. */
    private void plant(int sourceOffset, Header... more) {
        plant(topics.outcomes(), sourceOffset, more);
    }

    private void plant(Topic<?, ?> source, int sourceOffset, Header... more) {
        ProducerRecord<byte[], byte[]> letter =
                new ProducerRecord<>(topics.deadLetters().name(), 0, null, new byte[] {(byte) sourceOffset});
        DeadLetterRecords.headers("evaluate", "UNREADABLE", source.name()).forEach(letter.headers()::add);
        letter.headers().add(DeadLetterRecords.header(DeadLetters.OFFSET, Integer.toString(sourceOffset)));
        List.of(more).forEach(letter.headers()::add);
        kafka.produce(List.of(letter));
    }

    private static Header time(long millis) {
        return DeadLetterRecords.header(DeadLetters.TIMESTAMP, Long.toString(millis));
    }

    private static Header replayOf(String letter) {
        return DeadLetterRecords.header(DeadLetters.REPLAY_OF, letter);
    }

    private static Selection byFilter(Predicate<DeadLetter> filter) {
        return new Selection(filter, Set.of(), false);
    }

    private static Selection all() {
        return byFilter(letter -> true);
    }

    private static Selection named(String... letters) {
        return new Selection(
                letter -> true,
                Set.copyOf(List.of(letters).stream().map(Place::parse).toList()),
                false);
    }

    /** Of the letters whose records were sent to the topic again. */
    private List<String> sentAgain(Topic<?, ?> topic) {
        return kafka.records(topic.name()).stream()
                .map(record -> new String(
                        record.headers().lastHeader(DeadLetters.REPLAY_OF).value(), StandardCharsets.UTF_8))
                .toList();
    }

    private void remove(int beforeOffset) {
        TestKafka.get(kafka.admin()
                .deleteRecords(Map.of(
                        new TopicPartition(topics.deadLetters().name(), 0), RecordsToDelete.beforeOffset(beforeOffset)))
                .all());
    }

    @Test
    void record_is_sent_once_where_the_broker_stamps_letters_and_notes_itself() {
        createTopics("LogAppendTime");
        plant(1, time(1_000));
        plant(1, time(1_000)); // the same record, met a second time after a crash
        plant(1, time(2_000)); // of a topic that was made anew
        plant(2); // of an earlier build

        Result first = replay.replay(all(), 100);
        Result second = replay.replay(all(), 100);

        assertThat(first.sent()).isEqualTo(3);
        assertThat(second.sent()).isZero();
        assertThat(second.plan().before()).isEqualTo(3);
        assertThat(sentAgain(topics.outcomes())).containsExactly("0:0", "0:2", "0:3");
    }

    @Test
    void letters_that_are_removed_before_they_are_sent_are_named_and_not_counted() {
        createTopics("CreateTime");
        plant(1);
        plant(2);

        Result result = replay.replay(
                byFilter(letter -> {
                    if (letter.place().offset() == 1) {
                        remove(1);
                    }
                    return true;
                }),
                100);

        assertThat(result.sent()).isEqualTo(1);
        assertThat(result.gone()).containsExactly(new Place(0, 0));
        assertThat(result.left()).isZero();
        assertThat(sentAgain(topics.outcomes())).containsExactly("0:1");
    }

    @Test
    void nothing_is_sent_where_every_letter_was_removed_meanwhile() {
        createTopics("CreateTime");
        plant(1);

        Result result = replay.replay(
                byFilter(letter -> {
                    remove(1);
                    return true;
                }),
                100);

        assertThat(result.sent()).isZero();
        assertThat(result.gone()).containsExactly(new Place(0, 0));
        assertThat(kafka.records(topics.outcomes().name())).isEmpty();
    }

    /** Another replay's. */
    private KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        "bootstrap.servers",
                        kafka.bootstrapServers(),
                        "transactional.id",
                        DeadLetterReplay.transactionalId(topics)),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private void writeInTransaction(KafkaProducer<byte[], byte[]> producer) {
        producer.initTransactions();
        producer.beginTransaction();
        TestKafka.get(producer.send(new ProducerRecord<>(topics.deadLetters().name(), 0, null, new byte[] {1})));
    }

    @Test
    void mistyped_name_is_refused_at_once_and_leaves_a_replay_that_is_at_work_alone() {
        createTopics("CreateTime");
        plant(1);
        try (KafkaProducer<byte[], byte[]> atWork = producer()) {
            writeInTransaction(atWork);

            assertThatThrownBy(() -> replay.replay(named("0:99"), 100))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there are no such letters: [0:99]");

            atWork.commitTransaction(); // throws where it was fenced
        }
    }

    @Test
    void letter_behind_what_a_killed_replay_left_open_is_sent_by_its_name() {
        createTopics("CreateTime");
        try (KafkaProducer<byte[], byte[]> killed = producer()) {
            writeInTransaction(killed);
            plant(1);

            assertThat(replay.replay(named("0:1"), 100).sent()).isEqualTo(1);
        }
    }

    @Test
    void named_letter_that_the_options_do_not_want_is_told_from_one_that_is_not_there() {
        createTopics("CreateTime");
        plant(1);
        Selection other = new Selection(letter -> false, Set.of(new Place(0, 0)), false);

        assertThatThrownBy(() -> replay.plan(other))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("letters [0:0] are there, but are not of the stage, cause, topic or time");
        assertThatThrownBy(() -> replay.plan(named("0:0", "0:7")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("there are no such letters: [0:7]");
    }

    @Test
    void record_that_only_says_that_it_is_a_replay_is_sent_like_any_other() {
        createTopics("CreateTime");
        plant(1);
        assertThat(replay.replay(named("0:0"), 100).sent()).isEqualTo(1);
        plant(2, replayOf("0:0")); // it is: that letter was replayed, to this topic
        plant(3, replayOf("0:99")); // a letter that was never replayed
        plant(topics.predictionRequests(), 4, replayOf("0:0")); // copied from the record of another topic

        Plan plan = replay.plan(all());

        assertThat(plan.failedAgain()).isEqualTo(1);
        assertThat(plan.due().keySet())
                .extracting(DeadLetter.Source::toString)
                .containsExactly(
                        topics.outcomes().name() + "-0@3",
                        topics.predictionRequests().name() + "-0@4");
    }
}
