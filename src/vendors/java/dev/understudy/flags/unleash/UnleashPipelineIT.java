package dev.understudy.flags.unleash;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.app.FlaggedPipeline;
import dev.understudy.avro.Comparison;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.Verdict;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.domain.ForkedRequest;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.kafka.TopicReader;
import dev.understudy.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The whole pipeline under the flags of a real Unleash server, which people change over its admin API. */
class UnleashPipelineIT {
    private static final Duration BOUND = Duration.ofMinutes(2);

    /**
     * A share is that of the entities' hashes, as good as drawn at random: of so many, 5 % has a standard deviation of
     * 0.15 % and 25 % one of 0.31 %. The bounds below are more than six of them wide, which chance leaves once in 10^9.
     */
    private static final int ENTITIES = 20_000;

    private static final int FEW = 500;

    @RegisterExtension
    static final RealUnleash unleash = new RealUnleash();

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private int rounds;

    @BeforeEach
    void giveV2AShareAndShadowV3() throws Exception {
        Map<String, UnleashJson.Flag> flags =
                new LinkedHashMap<>(UnleashJson.flags(FlagsDraft.serving("v1").candidates("v3")));
        flags.put(
                "ml-model-version",
                new UnleashJson.Flag(
                        true, List.of(UnleashJson.rollout("ml-model-version", 5, UnleashJson.variant("v2", 1000)))));
        unleash.server().publish(flags);
    }

    @Test
    void a_rollout_grows_and_is_killed_as_the_predictions_say() throws Exception {
        UnleashServer server = unleash.server();
        try (FlaggedPipeline pipeline =
                        FlaggedPipeline.start(kafka, folder, unleash.configuration(folder, "500ms"), "");
                TopicReader<String, Prediction> reader = pipeline.predictions()) {
            awaitRound(
                    pipeline,
                    reader,
                    "v2 is loaded",
                    round -> servedBy(round, "v2").size() > 0);
            Set<String> first = servedBy(ask(pipeline, reader, ENTITIES), "v2");
            assertThat(100.0 * first.size() / ENTITIES).isBetween(4.0, 6.0);

            server.patchFirstStrategy("[{\"op\":\"replace\",\"path\":\"/parameters/rollout\",\"value\":\"25\"}]");
            awaitRound(
                    pipeline,
                    reader,
                    "the share grows",
                    round -> servedBy(round, "v2").size() > FEW * 0.15);
            Map<String, Prediction> grown = ask(pipeline, reader, ENTITIES);
            assertThat(100.0 * servedBy(grown, "v2").size() / ENTITIES).isBetween(23.0, 27.0);
            first.removeAll(servedBy(grown, "v2"));
            assertThat(first).as("entities that fell out").isEmpty();

            server.send("POST", UnleashServer.SERVING + "/off", "");
            awaitRound(
                    pipeline,
                    reader,
                    "the kill arrives",
                    round -> round.values().stream().allMatch(UnleashPipelineIT::isKilled));
            Map<String, Prediction> killed = ask(pipeline, reader, ENTITIES);
            assertThat(killed.values()).allMatch(UnleashPipelineIT::isKilled);
            assertThat(servedBy(killed, "v1")).hasSize(ENTITIES);

            server.send("POST", UnleashServer.SERVING + "/on", "");
            awaitRound(
                    pipeline,
                    reader,
                    "it is on again",
                    round -> round.values().stream().noneMatch(UnleashPipelineIT::isKilled));
            Map<String, Prediction> after = ask(pipeline, reader, FEW);
            assertShadowed(pipeline, grown, after, killed);
        }
    }

    private static boolean isKilled(Prediction prediction) {
        return prediction.getDecision().getReason() == RoutingReason.KILLED;
    }

    /** Records of a partition keep their order: once those of the last are there, those in between would be, too. */
    private static void assertShadowed(
            FlaggedPipeline pipeline,
            Map<String, Prediction> before,
            Map<String, Prediction> after,
            Map<String, Prediction> never) {
        Set<String> expected = ids(before);
        expected.addAll(ids(after));
        Set<String> forked = new HashSet<>();
        Set<String> compared = new HashSet<>();
        try (TopicReader<String, ForkedRequest> forks = pipeline.reader(Topics::shadowRequests);
                TopicReader<String, Comparison> comparisons = pipeline.reader(Topics::comparisons)) {
            Await.until("all others are compared", BOUND, () -> {
                forks.poll(Duration.ofMillis(50))
                        .forEach(record -> forked.add(record.value().request().requestId()));
                comparisons
                        .poll(Duration.ofMillis(50))
                        .forEach(record -> compared.add(record.value().getRequestId()));
                return forked.containsAll(expected) && compared.containsAll(expected);
            });
        }
        forked.retainAll(ids(never));
        compared.retainAll(ids(never));
        assertThat(forked).isEmpty();
        assertThat(compared).isEmpty();
    }

    private static Set<String> ids(Map<String, Prediction> round) {
        return round.values().stream().map(Prediction::getRequestId).collect(Collectors.toCollection(HashSet::new));
    }

    private static Set<String> servedBy(Map<String, Prediction> round, String version) {
        return round.entrySet().stream()
                .filter(answer -> answer.getValue().getModelVersion().equals(Optional.of(version)))
                .map(Map.Entry::getKey)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private interface Condition {
        boolean holds(Map<String, Prediction> round);
    }

    private void awaitRound(
            FlaggedPipeline pipeline, TopicReader<String, Prediction> reader, String what, Condition condition) {
        Await.until(what, BOUND, () -> condition.holds(ask(pipeline, reader, FEW)));
    }

    /** One request of each entity; the predictions by entity. */
    private Map<String, Prediction> ask(
            FlaggedPipeline pipeline, TopicReader<String, Prediction> reader, int entities) {
        String round = "round-" + ++rounds + "-";
        for (int entity = 0; entity < entities; entity++) {
            pipeline.send(round + entity, "user-" + entity);
        }
        Map<String, Prediction> answers = new HashMap<>();
        Await.until(
                "a prediction for each entity",
                BOUND,
                () -> {
                    reader.poll(Duration.ofMillis(50)).forEach(record -> {
                        if (record.value().getRequestId().startsWith(round)) {
                            answers.put(record.value().getEntityId(), record.value());
                        }
                    });
                    return answers.size() == entities;
                },
                answers::size);
        return answers;
    }

    @Test
    void a_server_that_is_lost_holds_readiness_until_it_is_back() throws Exception {
        UnleashServer server = unleash.server();
        String quick = """
                evaluate: {commit-interval: 200ms, interval: 500ms}
                readiness: {flags-stale-after: 3s}
                """;
        try (FlaggedPipeline pipeline =
                        FlaggedPipeline.start(kafka, folder, unleash.configuration(folder, "500ms"), quick);
                TopicReader<String, Prediction> predictions = pipeline.predictions();
                TopicReader<String, ReadinessSummary> summaries = pipeline.reader(Topics::rolloutReadiness)) {
            awaitSummary(pipeline, predictions, summaries, "with fresh flags", false);

            server.goDown();
            awaitSummary(pipeline, predictions, summaries, "with stale flags", true);
            assertThat(pipeline.flagHealth().staleSince()).isPresent();

            server.comeUp();
            awaitSummary(pipeline, predictions, summaries, "with flags that are fresh again", false);
            assertThat(pipeline.flagHealth().staleSince()).isEmpty();
        } finally {
            if (!server.isUp()) {
                server.comeUp();
            }
        }
    }

    @Test
    void a_server_that_is_not_there_at_the_start_leaves_production_to_the_default_version_until_it_is()
            throws Exception {
        UnleashServer server = unleash.server();
        String flags = unleash.configuration(folder, "500ms")
                .replace("{source: unleash,", "{source: unleash, on-unavailable: default, startup-timeout: 2s,");
        server.goDown();
        try (FlaggedPipeline pipeline = FlaggedPipeline.start(
                        kafka, folder, flags, "evaluate: {commit-interval: 200ms, interval: 500ms}\n");
                TopicReader<String, Prediction> predictions = pipeline.predictions();
                TopicReader<String, ReadinessSummary> summaries = pipeline.reader(Topics::rolloutReadiness)) {
            Map<String, Prediction> without = ask(pipeline, predictions, FEW);
            assertThat(servedBy(without, "v1")).hasSize(FEW);
            assertThat(without.values()).allMatch(answer -> answer.getDecision().getReason() == RoutingReason.FALLBACK);
            assertThat(pipeline.flagHealth().staleSince()).isPresent();

            server.comeUp();
            awaitSummary(pipeline, predictions, summaries, "once there are flags", false);
            assertThat(pipeline.flagHealth().staleSince()).isEmpty();
        } finally {
            if (!server.isUp()) {
                server.comeUp();
            }
        }
    }

    /** Traffic goes on until a summary of v3 says so. */
    private void awaitSummary(
            FlaggedPipeline pipeline,
            TopicReader<String, Prediction> predictions,
            TopicReader<String, ReadinessSummary> summaries,
            String what,
            boolean stale) {
        Await.until("a summary " + what, BOUND, () -> {
            ask(pipeline, predictions, 50);
            return summaries.poll(Duration.ofMillis(50)).stream()
                    .filter(record -> record.value() != null)
                    .filter(record -> record.value().getCandidateVersion().equals("v3"))
                    .anyMatch(record -> isHeldForFlags(record.value()) == stale);
        });
    }

    private static boolean isHeldForFlags(ReadinessSummary summary) {
        boolean stale = summary.getReasons().stream()
                .anyMatch(reason -> reason.getCode().equals("STALE_FLAGS"));
        assertThat(!stale || summary.getVerdict() == Verdict.HOLD).isTrue();
        return stale;
    }
}
