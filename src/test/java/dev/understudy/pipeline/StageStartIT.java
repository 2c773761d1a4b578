package dev.understudy.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.understudy.broker.TestKafka;
import dev.understudy.domain.DeclaredStages;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Requests;
import dev.understudy.flags.FixedFlags;
import dev.understudy.kafka.StageFailedException;
import dev.understudy.kafka.StageFollower;
import dev.understudy.kafka.StageRunner;
import dev.understudy.kafka.Topics;
import dev.understudy.kafka.avro.AvroSerdes;
import dev.understudy.kafka.avro.InMemoryRegistry;
import dev.understudy.kafka.avro.RegistryUnavailableException;
import dev.understudy.kafka.avro.SchemaRegistry;
import dev.understudy.model.FakeModels;
import dev.understudy.score.HangWatchdog;
import dev.understudy.score.RequestScorer;
import dev.understudy.score.ScoreTopology;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.avro.Schema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** How stages refuse to start, fail, and how declared stages are followed. */
final class StageStartIT {
    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    private final FakeModels models = new FakeModels();
    private final HangWatchdog watchdog = new HangWatchdog(Duration.ofMinutes(5), () -> {});

    @TempDir
    Path state;

    @AfterEach
    void close() {
        watchdog.close();
    }

    @Test
    void missing_topics_are_named_at_the_start() {
        TestPipeline pipeline = new TestPipeline(kafka, 2);
        pipeline.createTopic(pipeline.topics.predictionRequests(), 2);

        assertThatThrownBy(() -> score(pipeline, pipeline.topics).run())
                .isInstanceOf(StageFailedException.class)
                .hasMessage("stage score misses " + pipeline.prefix + "predictions, " + pipeline.prefix
                        + "shadow-requests, " + pipeline.prefix
                        + "dead-letters; create what is missing with `understudy topics create`");
    }

    @Test
    void topics_with_different_numbers_of_partitions_are_named_at_the_start() {
        TestPipeline pipeline = new TestPipeline(kafka, 2);
        pipeline.createTopic(pipeline.topics.predictionRequests(), 3);
        pipeline.createTopic(pipeline.topics.predictions(), 2);
        pipeline.createTopic(pipeline.topics.shadowRequests(), 3);
        pipeline.createTopic(pipeline.topics.deadLetters(), 1);

        assertThatThrownBy(() -> score(pipeline, pipeline.topics).run())
                .isInstanceOf(StageFailedException.class)
                .hasMessageContaining("predictions has 2")
                .hasMessageContaining("prediction-requests has 3");
    }

    @Test
    void registry_that_is_down_fails_the_stage_in_plain_words_and_the_request_is_predicted_later() {
        SometimesDown registry = new SometimesDown();
        TestPipeline pipeline = new TestPipeline(kafka, 2).createTopics();
        // The stage has a registry client of its own, which has remembered nothing yet.
        Topics stageTopics = new Topics(pipeline.prefix, new AvroSerdes(registry));
        models.serve("v1", 0.1);
        kafka.produce(List.of(pipeline.record(Requests.of("r0", "a", 1), 0)));

        registry.down.set(true);
        Throwable failure = catchThrowable(() -> score(pipeline, stageTopics).run());

        assertThat(failure)
                .isInstanceOf(StageFailedException.class)
                .hasMessage("stage score failed: the registry does not answer");
        assertThat(kafka.records(pipeline.topics.deadLetters().name())).isEmpty();

        registry.down.set(false);
        try (StageRunner again = score(pipeline, stageTopics)) {
            again.start();
            assertThat(kafka.consume(stageTopics.predictions().name(), 1, TestPipeline.BOUND))
                    .extracting(record ->
                            pipeline.value(stageTopics.predictions(), record).getRequestId())
                    .containsExactly("r0");
        }
        assertThat(kafka.records(pipeline.topics.deadLetters().name())).isEmpty();
    }

    @Test
    void declared_stages_are_read_from_the_beginning_and_followed_through_withdrawal() {
        TestPipeline pipeline = new TestPipeline(kafka, 2).createTopics();
        ModelPair pair = new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v2"));
        ModelPair other = new ModelPair("fraud", new ModelVersion("v1"), new ModelVersion("v3"));
        pipeline.declare(DeclaredStages.stage(pair, 1, 0));
        pipeline.declare(DeclaredStages.stage(other, 2, 0));
        pipeline.declare(DeclaredStages.stage(pair, 3, 5));

        try (StageFollower follower =
                StageFollower.start(pipeline.connection(), pipeline.topics.rolloutStages(), "test")) {
            follower.awaitCaughtUp(TestPipeline.BOUND);
            assertThat(follower.current(pair).orElseThrow().epoch()).isEqualTo(3);
            assertThat(follower.all()).hasSize(2);
            assertThat(follower.latestEpoch()).isEqualTo(3);

            kafka.produce(List.of(new ProducerRecord<>(
                    pipeline.topics.rolloutStages().name(), bytes(other.key()), bytes("no stage at all"))));
            kafka.produce(
                    List.of(new ProducerRecord<>(pipeline.topics.rolloutStages().name(), bytes(pair.key()), null)));
            follower.awaitCaughtUp(TestPipeline.BOUND);

            assertThat(follower.current(pair)).isEmpty();
            assertThat(follower.current(other).orElseThrow().epoch()).isEqualTo(2);
            assertThat(follower.latestEpoch()).isEqualTo(3);
            assertThat(follower.unreadable()).isEqualTo(1);
        }
    }

    @Test
    void topic_of_stages_that_is_missing_is_named_long_before_the_limit() {
        TestPipeline pipeline = new TestPipeline(kafka, 2);
        try (StageFollower follower =
                StageFollower.start(pipeline.connection(), pipeline.topics.rolloutStages(), "test")) {
            assertThatThrownBy(() -> follower.awaitCaughtUp(Duration.ofMinutes(5)))
                    .isInstanceOf(StageFailedException.class)
                    .hasMessage("topic " + pipeline.prefix
                            + "rollout-stages cannot be read: it does not exist; create what is missing with"
                            + " `understudy topics create`");
        }
    }

    private StageRunner score(TestPipeline pipeline, Topics topics) {
        RequestScorer scorer = new RequestScorer(
                new FixedFlags("v1"), models, new DeclaredStages(), watchdog, System::nanoTime, InstantSource.system());
        return new StageRunner(
                pipeline.connection(),
                pipeline.settings("score", state),
                ScoreTopology.stage(topics, "fraud", scorer),
                topics.deadLetters());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Knows the request's schema as the first one that the writing side registered. */
    private static final class SometimesDown implements SchemaRegistry {
        final AtomicBoolean down = new AtomicBoolean();
        private final InMemoryRegistry registry = new InMemoryRegistry();

        SometimesDown() {
            registry.register("writer", dev.understudy.avro.PredictionRequest.getClassSchema());
        }

        @Override
        public int register(String subject, Schema schema) {
            failIfDown();
            return registry.register(subject, schema);
        }

        @Override
        public int idOf(String subject, Schema schema) {
            failIfDown();
            return registry.idOf(subject, schema);
        }

        @Override
        public Registered latest(String subject) {
            failIfDown();
            return registry.latest(subject);
        }

        @Override
        public Schema byId(int id) {
            failIfDown();
            return registry.byId(id);
        }

        @Override
        public void close() {}

        private void failIfDown() {
            if (down.get()) {
                throw new RegistryUnavailableException("the registry does not answer");
            }
        }
    }
}
