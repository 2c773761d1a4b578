package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.app.Pipeline;
import dev.understudy.app.StageName;
import dev.understudy.app.Understudy;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.config.ConfigLoader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Decisions of the whole pipeline, computed again on the command line while it goes on. */
final class ReadinessVerifyIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @TempDir
    Path folder;

    private String name;

    @BeforeEach
    void chooseName() {
        name = kafka.uniqueName("verify");
    }

    private Path configuration(String readiness) throws IOException {
        return Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', application-prefix: '%s', partitions: 2, state-directory: state}
                registry: {urls: ['%s']}
                flags: {file: '%s'}
                evaluate: {interval: 1s, segments: {region: [eu]}}
                readiness: {%s}
                """.formatted(
                        Path.of("models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        name,
                        name,
                        kafka.registryUrl(),
                        Path.of("flags.yaml").toAbsolutePath(),
                        readiness));
    }

    private Ran run(String... arguments) {
        return Ran.command(Stream.concat(
                        Arrays.stream(arguments),
                        Stream.of("-c", folder.resolve("understudy.yaml").toString()))
                .toArray(String[]::new));
    }

    private void succeed(String... arguments) {
        Ran ran = run(arguments);
        assertThat(ran.exitCode()).as(ran.err()).isZero();
    }

    private void send() {
        succeed(
                "produce",
                "--input",
                "models/fraud/requests.csv",
                "--request-id",
                "request_id",
                "--entity-id",
                "entity_id",
                "--attribute",
                "region",
                "--ignore",
                "label");
    }

    private boolean isCompared() {
        try {
            JsonNode decisions = JSON.readTree(
                    run("readiness", "--segment", "all", "--format", "json").out());
            return decisions.path(0).path("ledger").path("compared").asLong() > 0
                    && decisions.path(0).path("ledger").path("pending").asLong() == 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void decisions_of_a_running_pipeline_come_out_the_same_and_with_other_settings_say_so() throws Exception {
        configuration("");
        succeed("topics", "create");
        succeed("stage", "start", "--candidate", "v2", "--percent", "0", "--tail", "5ms");
        try (Understudy understudy = Understudy.of(ConfigLoader.ofProcess().load(folder.resolve("understudy.yaml")));
                Pipeline pipeline = Pipeline.start(understudy, EnumSet.allOf(StageName.class))) {
            send();
            Await.until("requests are compared", Duration.ofSeconds(90), this::isCompared);

            Ran verified = run("readiness", "verify");
            Ran one = run("readiness", "verify", "--segment", "region=eu", "--format", "json");
            configuration("alpha: 0.04");
            Ran other = run("readiness", "verify", "--segment", "all");

            assertThat(pipeline.failure()).isEmpty();
            assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();
            assertThat(verified.out().lines()).hasSize(4).last().asString().startsWith("Taken as published");
            assertThat(verified.out().lines().limit(3))
                    .allMatch(line -> line.contains(": reproduced, ") && line.contains(" bytes equal, from "));
            assertThat(JSON.readTree(one.out()).findValuesAsText("result")).containsExactly("REPRODUCED");
            assertThat(other.exitCode()).isEqualTo(1);
            assertThat(other.out()).contains("not verified", "configuration: its settings", "alpha: published 0.05");
        }
    }

    @Test
    void what_cannot_be_meant_or_is_not_there_is_said() throws Exception {
        configuration("");
        succeed("topics", "create");

        assertThat(run("readiness", "verify").err()).contains("has no decision on what was asked for");
        assertThat(run("readiness", "verify", "--at", "noon").exitCode()).isEqualTo(2);
        assertThat(run("readiness", "--candidate", "v2", "verify").err())
                .contains("--candidate must stand behind 'verify'");
    }
}
