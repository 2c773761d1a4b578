package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Without a broker, as at 3 in the morning. */
final class FlagsPlanCommandTest {
    private static final String FLAGS = """
            flags:
              ml-model-version: {variations: [v1, v2], rollout: {v2: 5, v1: 95}}  # Ann
              shadow-candidates: [v2]
            """;

    @TempDir
    Path folder;

    private Path flags;
    private Path config;

    @BeforeEach
    void write() throws IOException {
        flags = Files.writeString(folder.resolve("flags.yaml"), FLAGS);
        configure("");
    }

    private void configure(String more) throws IOException {
        config = Files.writeString(
                folder.resolve("understudy.yaml"),
                "kafka: {bootstrap-servers: '127.0.0.1:1'}\nmodel: {directory: '"
                        + Path.of("models").toAbsolutePath() + "'}\n" + more);
    }

    private Ran run(String... arguments) {
        return Ran.command(Stream.concat(Stream.of("flags", "plan", "-c", config.toString()), Arrays.stream(arguments))
                .toArray(String[]::new));
    }

    @Test
    void kill_is_planned_without_a_broker() throws IOException {
        Ran ran = run("--candidate", "v2", "--stage", "kill");

        assertThat(ran.exitCode()).as(ran.err()).isZero();
        assertThat(ran.out())
                .contains("Flag ml-model-version, file " + flags + ": off")
                .contains("now:       v1 95 %, v2 5 %")
                .contains("then:      v1 100 % (the default version), and nothing is shadowed")
                .contains("note:      the broker was not asked")
                .contains("+  ml-model-version: {on: false, variations: [v1, v2], rollout: {v2: 5, v1: 95}}  # Ann");
        assertThat(flags).hasContent(FLAGS);
    }

    @Test
    void kill_is_made_without_a_broker_and_says_that_the_stage_is_left() {
        Ran ran = run("--candidate", "v2", "--stage", "kill", "--apply");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(flags).content().contains("{on: false, variations: [v1, v2]", "# Ann");
        assertThat(ran.out()).contains("Carried out: edit " + flags, "Measured: everybody gets the default version");
        assertThat(ran.err())
                .contains("The flag is off, and the stage is not ended.")
                .contains("To finish by hand:", "understudy stage end -c " + config + " --candidate v2")
                .doesNotContain("\tat ");
    }

    @Test
    void step_without_a_broker_is_refused_and_shown() throws IOException {
        Ran ran = run("--candidate", "v2", "--stage", "25", "--apply", "--format", "json");

        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("Refused, nothing was changed: not READY: readiness cannot be read");
        JsonNode plan = new ObjectMapper().readTree(ran.out());
        assertThat(plan.path("then").path("v2").decimalValue()).isEqualByComparingTo("25");
        assertThat(plan.path("steps").path(0).path("diff").asText()).contains("rollout: {v2: 25, v1: 75}");
        assertThat(plan.path("refused").asText()).contains("readiness cannot be read");
        assertThat(plan.has("applied")).isFalse();
        assertThat(flags).hasContent(FLAGS);
    }

    @Test
    void a_candidate_without_a_model_is_noted() {
        assertThat(run("--candidate", "v9", "--stage", "kill").out())
                .contains("note:      ", "has no v9 on this machine; it has v1, v2, v3, v4");
    }

    @Test
    void json_of_a_kill_says_who_serves_then_and_what_becomes_of_the_stage() throws IOException {
        JsonNode plan = new ObjectMapper()
                .readTree(run("--candidate", "v2", "--stage", "kill", "--format", "json")
                        .out());
        assertThat(plan.path("then")).hasToString("{\"v1\":100}");
        assertThat(plan.path("stage").asText()).isEqualTo("that of fraud/v1/v2 ends once the flag is off");
        assertThat(plan.path("notes")).hasSize(1);
    }

    @Test
    void next_without_a_decision_is_refused_and_json_says_why_there_is_no_plan() throws IOException {
        Ran ran = run("--candidate", "v2", "--stage", "next", "--force", "--format", "json");
        assertThat(ran.exitCode()).isEqualTo(1);
        assertThat(ran.err()).contains("readiness cannot be read", "--stage PERCENT with --force");
        JsonNode answer = new ObjectMapper().readTree(ran.out());
        assertThat(answer.path("candidateVersion").asText()).isEqualTo("v2");
        assertThat(answer.path("refused").asText()).contains("readiness cannot be read");
    }

    @Test
    void stages_that_are_none_are_wrong_usage() {
        assertThat(run("--candidate", "v2", "--stage", "soon").err())
                .contains("--stage must be next, kill or a whole percentage, was 'soon'");
        assertThat(run("--candidate", "v2", "--stage", "101").exitCode()).isEqualTo(2);
        assertThat(run("--candidate", "v1", "--stage", "5").err()).contains("candidate must differ from production");
    }

    @Test
    void systems_on_servers_need_the_token_and_their_project() throws IOException {
        Path key = Files.writeString(folder.resolve("key"), "sdk-1\n");
        configure(
                "flags: {source: launchdarkly, launchdarkly: {sdk-key-file: '%s', project: fraud, environment: live}}\n"
                        .formatted(key));
        Ran planned = run("--candidate", "v2", "--stage", "kill");
        assertThat(planned.exitCode()).as(planned.err()).isZero();
        assertThat(planned.out())
                .contains("PATCH https://app.launchdarkly.com/api/v2/flags/fraud/ml-model-version")
                .contains("{\"kind\":\"turnFlagOff\"}")
                .contains("now:       not looked at, a kill asks nobody")
                .contains("note:      --apply needs a token in UNDERSTUDY_FLAGS_WRITE_TOKEN, which is not set")
                .contains("printf 'Authorization: %s' \"$UNDERSTUDY_FLAGS_WRITE_TOKEN\"");
        Ran applied = run("--candidate", "v2", "--stage", "kill", "--apply");
        assertThat(applied.exitCode()).isEqualTo(2);
        assertThat(applied.err()).contains("UNDERSTUDY_FLAGS_WRITE_TOKEN must hold a token", "it is not set");

        configure("flags: {source: launchdarkly, launchdarkly: {sdk-key-file: '%s'}}\n".formatted(key));
        Ran nowhere = run("--candidate", "v2", "--stage", "kill");
        assertThat(nowhere.exitCode()).isEqualTo(2);
        assertThat(nowhere.err()).contains("flags.launchdarkly.project must be the key of the project");

        configure("flags: {source: unleash, unleash: {url: 'http://127.0.0.1:1', token-file: '%s'}}\n".formatted(key));
        assertThat(run("--candidate", "v2", "--stage", "kill").err())
                .contains("flags.unleash.environment must be the name of the environment");
    }
}
