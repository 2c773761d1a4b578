package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.broker.TestKafka;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What `run` logs as JSON, its shadow process included. */
final class JsonLogsIT {
    private static final ObjectMapper JSON = new ObjectMapper();

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    @Test
    void every_line_is_json_with_time_level_and_message(@TempDir Path folder) throws Exception {
        Path config = Files.writeString(folder.resolve("understudy.yaml"), """
                model: {directory: '%s'}
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', application-prefix: logs, partitions: 1}
                registry: {urls: ['%s']}
                flags: {file: '%s'}
                page: {port: 0}
                """.formatted(
                        Path.of("models").toAbsolutePath(),
                        kafka.bootstrapServers(),
                        kafka.uniqueName("logs"),
                        kafka.registryUrl(),
                        Path.of("flags.yaml").toAbsolutePath()));
        assertThat(Ran.command("topics", "create", "-c", config.toString()).exitCode())
                .isZero();
        ChildJvm run = ChildJvm.start(
                "run",
                JvmCommand.of(Main.class, 512)
                        .withArguments("run", "--log-format", "json", "-c", config.toString(), "--until-input-ends"),
                "READY",
                Duration.ofMinutes(1));
        run.close();

        List<JsonNode> lines = new ArrayList<>();
        for (String line : run.standardError().split("\n", -1)) {
            lines.add(JSON.readTree(line));
        }
        assertThat(lines).isNotEmpty().allSatisfy(line -> {
            assertThat(line.path("@timestamp").asText()).isNotEmpty();
            assertThat(line.path("log.level").asText()).isNotEmpty();
            assertThat(line.path("message").asText()).isNotEmpty();
        });
        assertThat(lines)
                .anySatisfy(line ->
                        assertThat(line.path("message").asText()).startsWith("The page is at http://127.0.0.1:"));
        assertThat(lines)
                .as("SHADOW runs in a process of its own, which alone says this")
                .anySatisfy(line -> assertThat(line.path("message").asText()).isEqualTo("stage=shadow state=RUNNING"));
    }
}
