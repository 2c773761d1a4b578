package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AclsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private String acls(String yaml, String... arguments) throws IOException {
        Path config = Files.writeString(folder.resolve("understudy.yaml"), yaml);
        Ran ran = Ran.command(Stream.of(Stream.of("acls"), Stream.of(arguments), Stream.of("-c", config.toString()))
                .flatMap(words -> words)
                .toArray(String[]::new));
        assertThat(ran.exitCode()).as(ran.err()).isZero();
        return ran.out();
    }

    /** Each command as the words that a shell hands to kafka-acls. */
    private List<List<String>> pasted(String commands) throws Exception {
        Path tool = Files.writeString(
                folder.resolve("kafka-acls"), "#!/bin/sh\nfor word; do printf '%s\\n' \"$word\"; done\necho\n");
        assertThat(tool.toFile().setExecutable(true)).isTrue();
        ProcessBuilder shell = new ProcessBuilder("sh", "-e", "-c", commands).redirectErrorStream(true);
        shell.environment().merge("PATH", folder.toString(), (path, added) -> added + File.pathSeparator + path);
        Process process = shell.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return Stream.of(out.split("\n\n"))
                .map(command -> command.lines().toList())
                .toList();
    }

    @Test
    void what_is_listed_can_be_pasted() throws Exception {
        String principal = "User:CN=O'Neil $HOME;, OU=ml";

        List<List<String>> commands = pasted(acls(
                "kafka: {bootstrap-servers: 'broker-1:9092, broker-2:9092', topic-prefix: fraud.}",
                "evaluate",
                "doctor",
                "--principal",
                principal));

        assertThat(commands)
                .allSatisfy(command -> assertThat(command)
                        .startsWith(
                                "--bootstrap-server",
                                "broker-1:9092,broker-2:9092",
                                "--command-config",
                                "admin.properties",
                                "--add",
                                "--allow-principal",
                                principal,
                                "--operation"))
                .extracting(command -> command.subList(7, command.size()))
                .contains(
                        List.of("--operation", "Read", "--topic", "fraud.comparisons"),
                        List.of("--operation", "Read", "--group", "understudy-evaluate"),
                        List.of(
                                "--operation",
                                "Write",
                                "--transactional-id",
                                "understudy-evaluate-",
                                "--resource-pattern-type",
                                "prefixed"),
                        List.of("--operation", "Describe", "--cluster"));
    }

    private List<String> names(String role, String yaml, String operation) throws IOException {
        return StreamSupport.stream(
                        JSON.readTree(acls(yaml, role, "--format", "json")).spliterator(), false)
                .filter(rule -> StreamSupport.stream(rule.path("operations").spliterator(), false)
                        .map(JsonNode::asText)
                        .anyMatch(operation::equals))
                .map(rule -> rule.path("name").asText())
                .toList();
    }

    @Test
    void evaluate_deletes_from_the_topic_between_its_tasks_alone() throws IOException {
        assertThat(names("evaluate", "", "Delete")).containsExactly("understudy-evaluate-evidence-by-pair-repartition");
        assertThat(names("evaluate", "", "Create"))
                .contains("understudy-evaluate-awaited-outcomes-changelog")
                .doesNotContain("understudy-evaluate-");
    }

    @Test
    void outcomes_that_are_not_joined_need_not_be_readable() throws IOException {
        assertThat(names("evaluate", "", "Read")).contains("outcomes");
        assertThat(names("evaluate", "outcomes: {join: false}", "Read"))
                .contains("predictions")
                .doesNotContain("outcomes", "understudy-evaluate-awaited-outcomes-changelog");
        assertThat(names("auditor", "", "Read")).contains("outcomes");
        assertThat(names("auditor", "outcomes: {join: false}", "Read"))
                .containsExactlyInAnyOrder("rollout-readiness", "predictions", "comparisons", "rollout-stages");
    }
}
