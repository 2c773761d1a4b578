package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.app.Pipeline;
import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.broker.Await;
import dev.understudy.broker.SecureKafka;
import dev.understudy.broker.SecureKafka.Decision;
import dev.understudy.config.ConfigLoader;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.kafka.Access;
import dev.understudy.kafka.Access.Role;
import dev.understudy.kafka.Access.Rule;
import dev.understudy.kafka.StageFailedException;
import dev.understudy.kafka.Topic;
import dev.understudy.kafka.TopicReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;

/** The pipeline on a broker with TLS, passwords and an authoriser: each stage and person is a user of its own. */
@TestInstance(Lifecycle.PER_CLASS)
final class SecureClusterIT {
    private static final Duration BOUND = Duration.ofSeconds(60);
    /** May do nothing. */
    private static final String STRANGER = "stranger";
    /** An EVALUATE that may create no topics and joins no outcomes, with an application prefix of its own. */
    private static final String GIVEN = "given";

    private SecureKafka kafka;
    private Path folder;

    @BeforeAll
    void startBroker(@TempDir Path temporary) throws Exception {
        folder = temporary;
        Set<String> users =
                Arrays.stream(Role.values()).map(SecureClusterIT::user).collect(Collectors.toSet());
        users.addAll(Set.of(STRANGER, GIVEN));
        kafka = SecureKafka.start(Files.createDirectories(folder.resolve("broker")), users);
        try (Understudy understudy = Understudy.of(configOf(SecureKafka.ADMIN));
                Admin admin = Admin.create(understudy.connection().clientSettings())) {
            for (Role role : Role.values()) {
                admin.createAcls(understudy.access().of(role).stream()
                                .flatMap(rule -> rule.bindings("User:" + user(role)).stream())
                                .toList())
                        .all()
                        .get();
            }
        }
    }

    @AfterAll
    void stopBroker() {
        kafka.close();
    }

    private static String user(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    /** The configuration of a user; the password stands in a file of Kafka's own form. */
    private Path fileOf(String user, Map<String, String> client) {
        Path properties = write(
                user + ".properties",
                client.entrySet().stream()
                        .map(entry -> entry.getKey() + "=" + entry.getValue())
                        .collect(Collectors.joining("\n")));
        return write(user + ".yaml", """
                model: {directory: '%s'}
                kafka:
                  bootstrap-servers: '%s'
                  application-prefix: %s
                  topic-prefix: secured.
                  partitions: 2
                  state-directory: '%s'
                  properties-file: %s
                  properties: {repartition.purge.interval.ms: 500}
                registry: {urls: ['%s']}
                flags: {file: '%s'}
                score: {guarantee: exactly_once_v2}
                outcomes: {join: %s}
                evaluate: {interval: 1s, window: 5s, grace: 1s}
                """.formatted(
                        Path.of("models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        user.equals(GIVEN) ? GIVEN : "secured",
                        folder.resolve("state-" + user),
                        properties.getFileName(),
                        kafka.registryUrl(),
                        Path.of("flags.yaml").toAbsolutePath(),
                        !user.equals(GIVEN)));
    }

    private Path write(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private UnderstudyConfig configOf(String user) {
        return ConfigLoader.ofProcess().load(fileOf(user, kafka.clientProperties(user)));
    }

    private Ran run(Role role, String... arguments) {
        Path config = fileOf(user(role), kafka.clientProperties(user(role)));
        Ran ran = Ran.command(Stream.concat(Arrays.stream(arguments), Stream.of("-c", config.toString()))
                .toArray(String[]::new));
        assertThat(ran.exitCode()).as(ran.err() + ran.out()).isZero();
        return ran;
    }

    @Test
    void each_role_can_do_its_work_with_what_is_listed_for_it_and_uses_all_of_it() throws Exception {
        run(Role.PLATFORM, "topics", "create");
        run(Role.PLATFORM, "topics", "check");
        run(Role.RELEASE, "stage", "start", "--candidate", "v2", "--percent", "0");
        try (Running score = start(Role.SCORE, StageName.SCORE);
                Running shadow = start(Role.SHADOW, StageName.SHADOW);
                Running evaluate = start(Role.EVALUATE, StageName.EVALUATE)) {
            produce();
            run(
                    Role.UPSTREAM,
                    "outcomes",
                    "--input",
                    "models/fraud/requests.csv",
                    "--request-id",
                    "request_id",
                    "--entity-id",
                    "entity_id",
                    "--label",
                    "label");
            letEveryStageMeetWhatItCannotRead(score.understudy());

            Await.until(
                    "comparisons are judged",
                    BOUND,
                    () -> run(Role.READER, "readiness", "--candidate", "v2")
                            .out()
                            .contains("v2"));
            try (Reading<?> windows = reading(Role.READER, u -> u.topics().shadowMetrics());
                    Reading<?> differences =
                            reading(Role.READER, u -> u.topics().disagreements())) {
                Await.until("windows", BOUND, windows::some);
                // They are known once their window is over, and time goes on by requests alone.
                Await.until("disagreements", BOUND, () -> {
                    produce();
                    return differences.some();
                });
            }
            run(Role.READER, "stage", "show");
            run(Role.RELEASE, "stage", "start", "--candidate", "v2", "--percent", "5");
            run(Role.RELEASE, "readiness", "--candidate", "v2");
            // A decision that was made in the middle of a telling does not say what was read; the next one does.
            Await.untilAsserted(
                    "a decision is computed again",
                    BOUND,
                    () -> assertThat(run(Role.AUDITOR, "readiness", "verify", "--candidate", "v2")
                                    .out())
                            .contains("reproduced, "));
            assertThat(run(Role.DOCTOR, "doctor").out())
                    .contains("OK       stages         evaluate: group secured-evaluate is Stable with 1 member");

            assertThat(Stream.of(score, shadow, evaluate).flatMap(one -> one.pipeline().failure().stream()))
                    .isEmpty();
            consumeAll(score.understudy().access(), Role.DOWNSTREAM);
            consumeAll(score.understudy().access(), Role.ANALYST);
            consumeAll(score.understudy().access(), Role.OPERATOR);
            Await.until(
                    "dead letters",
                    BOUND,
                    () -> run(Role.OPERATOR, "dead-letters", "replay").out().contains("2 of 2 records"));
            assertThat(run(Role.OPERATOR, "dead-letters", "replay", "--yes").out())
                    .contains("2 sent again");
        }
        // Its own topics are read only by an EVALUATE that has lost its state.
        Files.move(folder.resolve("state-" + user(Role.EVALUATE)), folder.resolve("state-lost"));
        try (Running evaluate = start(Role.EVALUATE, StageName.EVALUATE)) {
            assertThat(evaluate.pipeline().failure()).isEmpty();
            Access access = evaluate.understudy().access();
            Await.untilAsserted("all that is allowed is used", BOUND, () -> {
                Set<Decision> decisions = kafka.decisions();
                for (Role role : Role.values()) {
                    access.of(role).forEach(rule -> assertIsUsed(decisions, role, rule));
                }
            });
        }
        try (Understudy understudy = Understudy.of(configOf(SecureKafka.ADMIN));
                Admin admin = Admin.create(understudy.connection().clientSettings())) {
            Set<String> listed =
                    understudy.topics().all().stream().map(Topic::name).collect(Collectors.toSet());
            listed.addAll(understudy.streamsTopics().keySet());
            assertThat(admin.listTopics().names().get())
                    .filteredOn(name -> name.startsWith("secured"))
                    .containsExactlyInAnyOrderElementsOf(listed);
        }
        assertThat(kafka.decisions())
                .filteredOn(decision -> !decision.user().equals(STRANGER))
                .allMatch(Decision::allowed);
    }

    private static void assertIsUsed(Set<Decision> decisions, Role role, Rule rule) {
        for (AclOperation operation : rule.operations()) {
            assertThat(decisions)
                    .as("%s on %s by %s", operation, rule.name(), role)
                    .anyMatch(decision -> decision.user().equals(user(role))
                            && decision.allowed()
                            && decision.operation().equals(operation.name())
                            && decision.resource().equals(rule.type().name())
                            && (rule.prefixed()
                                    ? decision.name().startsWith(rule.name())
                                    : decision.name().equals(rule.name())));
        }
    }

    /** As a client does that is not ours: subscribed, in a group of the name that is listed. */
    private void consumeAll(Access access, Role role) {
        String group = access.of(role).stream()
                .filter(rule -> rule.type() == ResourceType.GROUP)
                .map(rule -> rule.name() + "test")
                .findFirst()
                .orElseThrow();
        Map<String, Object> settings = new HashMap<>(kafka.clientProperties(user(role)));
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        settings.put("group.id", group);
        settings.put("auto.offset.reset", "earliest");
        for (Rule rule : access.of(role)) {
            if (rule.type() == ResourceType.TOPIC && rule.operations().contains(AclOperation.READ)) {
                try (KafkaConsumer<byte[], byte[]> consumer =
                        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
                    consumer.subscribe(List.of(rule.name()));
                    Await.until(
                            rule.name() + " is read by " + role,
                            BOUND,
                            () -> !consumer.poll(Duration.ofMillis(200)).isEmpty());
                    consumer.commitSync();
                }
            }
        }
    }

    private void produce() {
        run(
                Role.UPSTREAM,
                "produce",
                "--input",
                "models/fraud/requests.csv",
                "--entity-id",
                "entity_id",
                "--request-id",
                "request_id",
                "--attribute",
                "region",
                "--ignore",
                "label");
    }

    private record Running(Understudy understudy, Pipeline pipeline) implements AutoCloseable {
        @Override
        public void close() {
            pipeline.close();
            understudy.close();
        }
    }

    private Running start(Role role, StageName stage) throws Exception {
        Understudy understudy = Understudy.of(configOf(user(role)));
        return new Running(understudy, Pipeline.start(understudy, EnumSet.of(stage)));
    }

    private record Reading<V>(Understudy understudy, TopicReader<String, V> reader) implements AutoCloseable {
        boolean some() {
            return !reader.poll(Duration.ofMillis(200)).isEmpty();
        }

        @Override
        public void close() {
            reader.close();
            understudy.close();
        }
    }

    private <V> Reading<V> reading(Role role, Function<Understudy, Topic<String, V>> topic) {
        Understudy understudy = Understudy.of(configOf(user(role)));
        return new Reading<>(understudy, understudy.reader(topic.apply(understudy)));
    }

    private void letEveryStageMeetWhatItCannotRead(Understudy topics) throws Exception {
        Map<String, Object> settings = new HashMap<>(kafka.clientProperties(SecureKafka.ADMIN));
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (Topic<?, ?> topic : List.of(
                    topics.topics().predictionRequests(),
                    topics.topics().shadowRequests(),
                    topics.topics().comparisons(),
                    topics.topics().outcomes())) {
                producer.send(new ProducerRecord<>(topic.name(), new byte[] {1, 2, 3}))
                        .get();
            }
        }
    }

    @Test
    void topics_of_kafka_streams_may_be_made_beforehand_instead_of_by_the_stage() throws Exception {
        run(Role.PLATFORM, "topics", "create");
        try (Understudy given = Understudy.of(configOf(GIVEN));
                Understudy administrator = Understudy.of(configOf(SecureKafka.ADMIN));
                Admin admin = Admin.create(administrator.connection().clientSettings())) {
            admin.createTopics(given.streamsTopics().entrySet().stream()
                            .map(topic -> new NewTopic(topic.getKey(), 2, (short) 1).configs(topic.getValue()))
                            .toList())
                    .all()
                    .get();
            admin.createAcls(given.access().of(Role.EVALUATE).stream()
                            .flatMap(rule -> rule.bindings("User:" + GIVEN).stream())
                            .filter(binding -> binding.entry().operation() != AclOperation.CREATE)
                            .toList())
                    .all()
                    .get();
            try (Pipeline pipeline = Pipeline.start(given, EnumSet.of(StageName.EVALUATE))) {
                assertThat(pipeline.failure()).isEmpty();
            }
            admin.deleteTopics(given.streamsTopics().keySet()).all().get();
        }
        assertThat(kafka.decisions())
                .filteredOn(decision -> decision.user().equals(GIVEN))
                .isNotEmpty()
                .allMatch(Decision::allowed);
    }

    @Test
    void a_stage_that_may_not_is_told_what_it_needs() {
        run(Role.PLATFORM, "topics", "create");
        try (Understudy understudy = Understudy.of(configOf(STRANGER))) {
            assertThatThrownBy(() -> Pipeline.start(understudy, EnumSet.of(StageName.SHADOW)))
                    .isInstanceOf(StageFailedException.class)
                    .hasMessageContainingAll("secured.shadow-requests", "understudy acls shadow");
        }
    }

    @Test
    void a_wrong_password_and_a_broker_that_nobody_vouches_for_are_named() {
        Map<String, String> wrong = new HashMap<>(kafka.clientProperties(STRANGER));
        wrong.computeIfPresent("sasl.jaas.config", (key, value) -> value.replaceAll("password=.*", "password=\"x\";"));
        Ran refused = Ran.command(
                "topics", "check", "-c", fileOf("wrong-password", wrong).toString());
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains(kafka.bootstrapServers(), "invalid credentials");

        Map<String, String> untrusting = new HashMap<>(kafka.clientProperties(STRANGER));
        untrusting.keySet().removeIf(key -> key.startsWith("ssl."));
        Ran unknown = Ran.command(
                "topics", "check", "-c", fileOf("untrusting", untrusting).toString());
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains(kafka.bootstrapServers(), "SSL handshake failed");
    }
}
