package dev.understudy.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import dev.understudy.kafka.StageHealth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.common.GroupState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Several instances of EVALUATE, as configured for restarts at scale. */
final class InstancesIT {
    private static final Duration BOUND = Duration.ofSeconds(60);

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private String name;

    @BeforeEach
    void createTopics() throws Exception {
        name = kafka.uniqueName("instances");
        try (Understudy understudy = instance("nobody", "")) {
            understudy.createTopics();
        }
    }

    private Understudy instance(String instance, String kafkaKeys) throws IOException {
        return Understudy.of(ConfigLoader.ofProcess()
                .load(Files.writeString(folder.resolve(instance + ".yaml"), """
                        model: {directory: '%s'}
                        kafka:
                          bootstrap-servers: '%s'
                          topic-prefix: '%s.'
                          application-prefix: '%s'
                          partitions: 2
                          state-directory: 'state-%s'
                          %s
                        registry: {urls: ['%s']}
                        evaluate: {standby-replicas: 1, interval: 1s}
                        """.formatted(
                                Path.of("models").toAbsolutePath(),
                                kafka.bootstrapServers(),
                                name,
                                name,
                                instance,
                                kafkaKeys,
                                kafka.registryUrl()))));
    }

    private static Pipeline evaluate(Understudy understudy) throws Exception {
        return Pipeline.start(understudy, EnumSet.of(StageName.EVALUATE));
    }

    private ConsumerGroupDescription group() {
        return TestKafka.get(kafka.admin()
                        .describeConsumerGroups(List.of(name + "-evaluate"))
                        .all())
                .values()
                .iterator()
                .next();
    }

    @Test
    void a_static_member_keeps_its_place_while_it_is_started_again() throws Exception {
        try (Understudy first = instance("first", "instance-id: first");
                Understudy second = instance("second", "instance-id: second");
                Pipeline stays = evaluate(second)) {
            Pipeline before = evaluate(first);
            Set<String> assigned;
            try (before) {
                Await.until("both run", BOUND, () -> isRunning(stays) && isRunning(before));
                Await.until(
                        "both have their share",
                        BOUND,
                        () -> group().groupState() == GroupState.STABLE
                                && !assigned("first").isEmpty()
                                && !assigned("second").isEmpty(),
                        this::group);
                assigned = assigned("first");
            }

            assertThat(assigned("first"))
                    .as("its place is kept while it is away")
                    .isEqualTo(assigned);
            try (Pipeline again = evaluate(first)) {
                assertThat(again.failure()).isEmpty();
                Await.until(
                        "it has the same share again",
                        BOUND,
                        () -> group().groupState() == GroupState.STABLE
                                && group().members().size() == 2
                                && assigned("first").equals(assigned),
                        this::group);
            }
        }
    }

    private Set<String> assigned(String instance) {
        return group().members().stream()
                .filter(member -> member.groupInstanceId().orElse("").startsWith(instance))
                .flatMap(member -> member.assignment().topicPartitions().stream())
                .map(Object::toString)
                .collect(Collectors.toSet());
    }

    private static boolean isRunning(Pipeline pipeline) {
        return pipeline.health().stream().map(StageHealth::state).allMatch("RUNNING"::equals);
    }

    @Test
    void a_standby_replica_keeps_the_state_of_the_others_partitions() throws Exception {
        try (Understudy first = instance("first", "");
                Understudy second = instance("second", "");
                Pipeline one = evaluate(first);
                Pipeline other = evaluate(second)) {
            Await.until("both run", BOUND, () -> isRunning(one) && isRunning(other));
            for (String instance : List.of("first", "second")) {
                Await.until(
                        instance + " has the state of both partitions",
                        BOUND,
                        () -> tasks(instance).containsAll(Set.of("0_0", "0_1")));
            }
        }
    }

    /** Tasks whose requests that wait for outcomes are on the instance's disk. */
    private Set<String> tasks(String instance) {
        Path state = folder.resolve("state-" + instance).resolve(name + "-evaluate");
        try (Stream<Path> tasks = Files.list(state)) {
            return tasks.filter(task -> Files.isDirectory(task.resolve("rocksdb/awaited-outcomes")))
                    .map(task -> String.valueOf(task.getFileName()))
                    .collect(Collectors.toSet());
        } catch (IOException e) {
            return Set.of();
        }
    }
}
