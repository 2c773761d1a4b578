package dev.understudy.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.Await;
import dev.understudy.broker.FolderTree;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.unleash.UnleashStub;
import dev.understudy.kafka.Guarantee;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The faults of docs/reliability.md, each under load with poison among the requests. */
final class LongFaultsIT extends FaultSuite {
    private static final int KILLS = 21;
    private static final Duration BOUND = Duration.ofMinutes(5);

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void kill_of_each_stage_at_random_moments(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            List<StageProcess> stages = run.startStages();
            for (int kill = 0; kill < KILLS; kill++) {
                StageProcess stage = stages.get(kill % stages.size());
                run.load().awaitMore(run.random.nextInt(600));
                run.harm(stage::killForcibly, stage.stage());
            }
            run.finish("kill -9 of a stage's process").check();
        }
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void kill_of_one_broker_of_three(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            run.startStages();
            for (int broker = 0; broker < 3; broker++) {
                int killed = broker;
                run.load().awaitSeconds(3);
                run.harm(() -> cluster.killForcibly(killed), ALL);
                cluster.startAgain(broker);
                run.load().awaitSeconds(5);
            }
            run.finish("kill -9 of one broker of three").check();
        }
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void kill_of_all_brokers(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            run.startStages();
            for (int round = 0; round < 2; round++) {
                run.load().awaitSeconds(3);
                run.harm(
                        () -> {
                            cluster.killAllForcibly();
                            cluster.startAll();
                        },
                        ALL);
            }
            run.finish("kill -9 of all three brokers at once").check();
        }
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void scaling_from_one_to_three_instances_and_back(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            run.startStages();
            for (String stage : ALL) {
                List<StageProcess> more = new ArrayList<>();
                run.harm(
                        () -> {
                            more.add(start(run, stage).awaitRunning());
                            more.add(start(run, stage).awaitRunning());
                        },
                        stage);
                run.load().awaitSeconds(3);
                run.harm(() -> more.forEach(StageProcess::close), stage);
            }
            run.finish("scaling 1, 3, 1 instances").check();
        }
    }

    private static StageProcess start(FaultRun run, String stage) {
        try {
            return run.start(stage);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void network_that_falls_silent_or_breaks(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            run.startStages();
            run.load().awaitSeconds(3);
            cluster.silenceNetwork();
            run.load().awaitSeconds(40);
            run.harm(cluster::healNetwork, ALL);
            cluster.cutNetwork();
            run.load().awaitSeconds(20);
            run.harm(cluster::healNetwork, ALL);
            run.finish("network silent for 40 s, broken for 20 s").check();
        } finally {
            cluster.healNetwork();
        }
    }

    /** Poison of an unknown schema cannot be told from good records while nobody answers: SCORE waits. */
    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void registry_that_is_down_in_flight_and_at_the_start(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            List<StageProcess> stages = run.startStages();
            run.load().awaitSeconds(3);
            cluster.stopRegistry();
            run.load().awaitSeconds(15);
            stages.forEach(StageProcess::killForcibly);
            run.load().awaitSeconds(20);
            run.harm(() -> startRegistry(), ALL);
            run.finish("registry down in flight and at the start, 35 s").check();
        }
    }

    private static void startRegistry() {
        try {
            cluster.startRegistry();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void flag_service_that_is_down_at_the_start_and_in_flight() throws Exception {
        try (UnleashStub unleash =
                        UnleashStub.with(FlagsDraft.serving(FaultRun.PRODUCTION).candidates(FaultRun.CANDIDATE));
                FaultRun run = run(Guarantee.EXACTLY_ONCE_V2)) {
            Path token = Files.writeString(folder.resolve("token"), "*:development.test");
            unleash.goDown();
            StageProcess score = run.start(
                    "score",
                    "{source: unleash, startup-timeout: 3s, unleash: {url: '" + unleash.uri() + "', token-file: '"
                            + token + "', poll-interval: 500ms}}");
            run.start("shadow").awaitRunning();
            run.start("evaluate").awaitRunning();
            Await.until("a start was refused", BOUND, () -> score.ends() > 0);
            run.harm(() -> comeBack(unleash), ALL);
            unleash.goDown();
            run.load().awaitSeconds(20);
            run.harm(() -> comeBack(unleash), "score");
            assertThat(score.starts())
                    .as("in flight, the flags known last go on")
                    .isEqualTo(1);
            run.finish("flag service down at the start and in flight, 20 s").check();
        }
    }

    private static void comeBack(UnleashStub unleash) {
        try {
            unleash.comeBack();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void state_directory_that_is_deleted() throws Exception {
        try (FaultRun run = run(Guarantee.EXACTLY_ONCE_V2)) {
            for (StageProcess stage : run.startStages()) {
                run.load().awaitSeconds(5);
                stage.killAndHold();
                run.harm(
                        () -> {
                            FolderTree.delete(run.stateOf(stage));
                            stage.letStart();
                        },
                        stage.stage());
            }
            run.finish("state directory deleted while a stage is down").check();
        }
    }

    @Test
    void state_directory_that_is_deleted_under_a_running_stage() throws Exception {
        try (FaultRun run = run(Guarantee.EXACTLY_ONCE_V2)) {
            for (StageProcess stage : run.startStages()) {
                run.load().awaitSeconds(5);
                run.harm(() -> FolderTree.delete(run.stateOf(stage)), stage.stage());
                run.load().awaitSeconds(10);
                run.harm(stage::killForcibly, stage.stage());
            }
            run.finish("state directory deleted under a running stage, then kill -9")
                    .check();
        }
    }

    @Test
    void reader_of_predictions_that_is_stuck() throws Exception {
        try (FaultRun run = run(Guarantee.EXACTLY_ONCE_V2);
                KafkaConsumer<byte[], byte[]> stuck = new KafkaConsumer<>(
                        Map.of(
                                "bootstrap.servers",
                                cluster.bootstrapServers(),
                                "group.id",
                                "stuck",
                                "auto.offset.reset",
                                "earliest",
                                "max.poll.records",
                                1),
                        new ByteArrayDeserializer(),
                        new ByteArrayDeserializer())) {
            run.startStages();
            stuck.subscribe(List.of(run.topics().predictions().name()));
            Await.until(
                    "one record is read",
                    BOUND,
                    () -> !stuck.poll(Duration.ofMillis(100)).isEmpty());
            run.load().awaitSeconds(20);
            run.finish("a reader of predictions that does not go on").check();
        }
    }

    @Test
    void model_file_that_is_replaced_truncated_and_deleted() throws Exception {
        try (FaultRun run = run(Guarantee.EXACTLY_ONCE_V2)) {
            List<StageProcess> stages = run.startStages();
            Path production = run.model(FaultRun.PRODUCTION);
            Path candidate = run.model(FaultRun.CANDIDATE);
            Path kept = Files.copy(production, folder.resolve("kept.onnx"));
            Path keptCandidate = Files.copy(candidate, folder.resolve("kept-candidate.onnx"));
            run.load().awaitSeconds(3);
            run.harm(() -> copy(candidate, production), "score");
            run.load().awaitSeconds(5);
            run.harm(() -> truncate(production), "score");
            run.load().awaitSeconds(5);
            run.harm(() -> delete(production), "score");
            run.load().awaitSeconds(5);
            // SCORE refuses to start without its default version, until the file is back.
            int ends = stages.get(0).ends();
            stages.get(0).killForcibly();
            Await.until("SCORE was refused", BOUND, () -> stages.get(0).ends() > ends + 1);
            run.harm(() -> copy(kept, production), "score");
            // Without the candidate's file its comparisons say that it was not loaded.
            run.harm(
                    () -> {
                        truncate(candidate);
                        stages.get(1).killForcibly();
                    },
                    "shadow");
            copy(keptCandidate, candidate);
            run.harm(stages.get(1)::killForcibly, "shadow");
            run.finish("model file replaced, truncated, deleted").check();
        }
    }

    private static void copy(Path from, Path to) {
        try {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void truncate(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Guarantee.class)
    void process_that_stands_still_for_a_minute_while_another_takes_over(Guarantee guarantee) throws Exception {
        try (FaultRun run = run(guarantee)) {
            List<StageProcess> stages = run.startStages();
            for (String stage : ALL) {
                run.start(stage).awaitRunning();
            }
            run.load().awaitSeconds(5);
            run.harm(() -> stages.forEach(StageProcess::pause), ALL);
            run.load().awaitSeconds(60);
            run.harm(() -> stages.forEach(StageProcess::goOn), ALL);
            run.finish("SIGSTOP for 60 s, another instance takes over").check();
        }
    }

    @Test
    void shadow_process_that_runs_out_of_memory() throws Exception {
        try (FaultRun run = run(Guarantee.EXACTLY_ONCE_V2)) {
            run.start("score").awaitRunning();
            run.start("evaluate").awaitRunning();
            StageProcess poor = run.start("shadow", "{file: flags.yaml}", "-Xmx12m");
            Await.until("SHADOW has ended three times", BOUND, () -> poor.ends() >= 3);
            assertThat(poor.lastWords()).contains("OutOfMemoryError");
            run.harm(
                    () -> {
                        poor.close();
                        start(run, "shadow").awaitRunning();
                    },
                    ALL);
            run.finish("out of memory in the shadow process").check();
        }
    }
}
