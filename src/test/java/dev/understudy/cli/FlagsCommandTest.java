package dev.understudy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import dev.understudy.flags.HttpStub;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FlagsCommandTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path MODELS = Path.of("models").toAbsolutePath();

    @TempDir
    Path folder;

    private Path config;

    @BeforeEach
    void writeFlags() throws IOException {
        config = Files.writeString(
                folder.resolve("understudy.yaml"),
                "flags: {file: '" + folder.resolve("flags.yaml") + "'}\nmodel: {directory: '" + MODELS + "'}\n");
        flags("""
                flags:
                  ml-model-version:
                    variations: [v1, v2, v9]
                    targets: {v2: [user-42], v9: [user-9]}
                    rules: [{if: {region: [eu, uk]}, serve: v2}]
                    rollout: {v2: 5, v1: 95}
                  shadow-candidates: [v2, v8]
                  shadow-mode-v4: {on: false, serve: true}
                """);
    }

    private void flags(String yaml) throws IOException {
        Files.writeString(folder.resolve("flags.yaml"), yaml);
    }

    private Ran flags(String... arguments) {
        String[] all = new String[arguments.length + 3];
        all[0] = "flags";
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = "-c";
        all[arguments.length + 2] = config.toString();
        return Ran.command(all);
    }

    private JsonNode json(String... arguments) throws IOException {
        String[] all = List.of(arguments).toArray(new String[arguments.length + 2]);
        all[arguments.length] = "--format";
        all[arguments.length + 1] = "json";
        Ran ran = flags(all);
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        return JSON.readTree(ran.out());
    }

    @Test
    void flags_are_shown_with_what_they_are_set_to_and_what_a_sample_gets() {
        Ran ran = flags("--sample", "2000");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().replace(folder.toString(), "FOLDER"))
                .startsWith("""
                        source        file FOLDER/flags.yaml
                        health        fresh
                        default       v1, serves where ml-model-version is off or its answer cannot be used

                        ml-model-version: on
                          variations  v1, v2, v9
                          target      1 entity: v2
                          target      1 entity: v9
                          rule        region is eu or uk: v2
                          all others  v2 5 %, v1 95 %

                        shadow-candidates: on
                          variations  ["v2","v8"]
                          everybody   ["v2","v8"]

                        shadow-mode-v4: OFF, so v4 is not shadowed
                          variations  true, false
                          everybody   true

                        Of 2,000 made-up entities with no attributes (19 times of 20 the share of all entities is within 2.2 points):
                        """)
                .contains("v8", "MISSING", "reasons       ROLLOUT 2,000")
                .contains("missing       " + MODELS + "/fraud has no v8 on this machine; it has v1, v2, v3, v4")
                .contains("Comparisons of a candidate that SHADOW lacks fail with MODEL_NOT_LOADED")
                .doesNotContain("user-42");
    }

    @Test
    void an_attribute_that_the_flag_system_keeps_for_itself_is_said_to_be_ignored() throws IOException {
        assertThat(flags("--attr", "key=a", "--attr", "region=eu").out())
                .contains("ignored       attribute key: the flag system keeps this name for itself");
        assertThat(json("eval", "--entity", "user-1", "--attr", "kind=a").path("ignoredAttributes"))
                .hasToString("[\"kind\"]");
    }

    @Test
    void json_has_the_same_as_fields() throws IOException {
        JsonNode shown = json("--sample", "5000");
        assertThat(shown.path("health").path("stale").asBoolean(true)).isFalse();
        assertThat(shown.path("health").path("problem").isNull()).isTrue();
        assertThat(shown.path("flags")).hasSize(3);
        JsonNode serving = shown.path("flags").get(0);
        assertThat(serving.path("rules").get(0).path("when").asText()).isEqualTo("region is eu or uk");
        assertThat(serving.path("rest").path("shares").findValuesAsText("percent"))
                .containsExactly("5.0", "95.0");
        assertThat(shown.path("flags").get(2).path("on").asBoolean(true)).isFalse();
        JsonNode versions = shown.path("sample").path("versions");
        assertThat(versions.findValuesAsText("version")).containsExactly("v1", "v2", "v8");
        assertThat(versions.get(1).path("servesPercent").asDouble()).isBetween(4.0, 6.0);
        assertThat(versions.get(2).path("shadowsPercent").asDouble()).isEqualTo(100);
        assertThat(versions.get(2).path("modelProblem").asText()).contains("has no v8");
        assertThat(versions.get(0).path("modelProblem").isNull()).isTrue();
    }

    @Test
    void a_sample_with_attributes_meets_the_rules() throws IOException {
        JsonNode sample = json("--sample", "100", "--attr", "region=eu", "--attr", "note=a=b")
                .path("sample");
        assertThat(sample.path("attributes").path("note").asText()).isEqualTo("a=b");
        assertThat(sample.path("versions").get(0).path("version").asText()).isEqualTo("v2");
        assertThat(sample.path("versions").get(0).path("serves").asInt()).isEqualTo(100);
        assertThat(sample.path("reasons").path("RULE").asInt()).isEqualTo(100);
    }

    @Test
    void the_kill_switch_is_said_in_words() throws IOException {
        flags("""
                flags:
                  ml-model-version: {on: false, variations: [v1, v2], serve: v2}
                  shadow-candidates: v2
                """);
        Ran ran = flags();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out())
                .contains("ml-model-version: OFF, the kill switch: v1, the default version, serves everybody and"
                        + " nothing is shadowed")
                .contains("shadow-candidates: on, but not asked while ml-model-version is off")
                .contains("reasons       KILLED 20,000");
        assertThat(flags("eval", "--entity", "user-42").out())
                .contains("serves        v1, KILLED: the flag is off")
                .contains("shadows       nobody, while ml-model-version is off");
    }

    @Test
    void a_decision_is_explained() {
        Ran ran = flags("eval", "--entity", "user-42");
        assertThat(ran.err()).isEmpty();
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out().replace(folder.toString(), "FOLDER").replace(MODELS.toString(), "MODELS"))
                .isEqualTo("""
                entity        user-42 with no attributes
                source        file FOLDER/flags.yaml
                health        fresh
                serves        v2, TARGET: the entity is named individually
                shadows       v2 by shadow-candidates, v8 by shadow-candidates
                              v2 serves this entity itself, and is compared with production only under a declared stage

                flag               answer       why
                ml-model-version   v2           TARGET: the entity is named individually
                shadow-candidates  ["v2","v8"]  DEFAULT: nothing else matched, and all get the same
                shadow-mode-v4     -            off
                missing       MODELS/fraud has no v8 on this machine; it has v1, v2, v3, v4
                              Comparisons of a candidate that SHADOW lacks fail with MODEL_NOT_LOADED
                """);
    }

    @Test
    void a_version_that_is_not_on_disk_says_what_score_does_then() {
        assertThat(flags("eval", "--entity", "user-9").out())
                .contains("serves        v9, TARGET")
                .contains("/fraud has no v9 on this machine; it has v1, v2, v3, v4")
                .contains("For a version that SCORE lacks, the production of its declared stage answers, else the"
                        + " version that served last, else v1; the prediction says FALLBACK");
    }

    @Test
    void a_rule_is_named_by_its_reason_also_in_json() throws IOException {
        JsonNode decision = json("eval", "--entity", "user-1", "--attr", "region=uk");
        assertThat(decision.path("serves").path("version").asText()).isEqualTo("v2");
        assertThat(decision.path("serves").path("flag").asText()).isEqualTo("ml-model-version");
        assertThat(decision.path("serves").path("variation").asText()).isEqualTo("v2");
        assertThat(decision.path("serves").path("reason").asText()).isEqualTo("RULE");
        assertThat(decision.path("shadows").findValuesAsText("version")).containsExactly("v2", "v8");
        assertThat(decision.path("shadows").findValuesAsText("reason")).containsExactly("DEFAULT", "DEFAULT");
        assertThat(decision.path("answers").findValuesAsText("off")).containsExactly("false", "false", "true");
        assertThat(decision.path("problems")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "--sample 0 | understudy flags: --sample must be 1 to 1,000,000 entities, was 0",
                "--sample 1000001 | --sample must be 1 to 1,000,000 entities, was 1000001",
                "--sample all | Invalid value for option '--sample': 'all' is not a whole number",
                "--attr region | --attr must be NAME=VALUE, such as region=eu, was 'region'",
                "--attr =eu | --attr must be NAME=VALUE, such as region=eu, was '=eu'",
                "--attr region=eu --attr region=uk | --attr region is given twice ('eu' and 'uk'); an attribute has one value",
                "eval | understudy flags eval: Missing required option: '--entity=ID'",
                "eval --entity= | --entity must not be empty: name an entity, such as user-42",
                "eval --entity u --attr x | understudy flags eval: --attr must be NAME=VALUE",
                "--format json eval --entity u | understudy flags eval: --format must stand behind 'eval'"
            })
    void wrong_use_says_what_would_be_right(String arguments, String message) {
        Ran ran = flags(arguments.split(" "));
        assertThat(ran.exitCode()).isEqualTo(2);
        assertThat(ran.out()).isEmpty();
        assertThat(ran.err()).contains(message);
    }

    @Test
    void a_file_that_is_not_there_exits_with_1_and_its_name() throws IOException {
        Files.delete(folder.resolve("flags.yaml"));
        for (String[] command : List.of(new String[] {}, new String[] {"eval", "--entity", "user-1"})) {
            Ran ran = flags(command);
            assertThat(ran.exitCode()).isEqualTo(1);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err()).contains("flags.yaml does not exist; create it or correct flags.file");
        }
    }

    @Test
    void a_directory_of_models_that_is_not_there_does_not_hide_the_flags() throws IOException {
        Files.writeString(
                config,
                Files.readString(config)
                        .replace(MODELS.toString(), folder.resolve("none").toString()));
        Ran ran = flags("eval", "--entity", "user-1");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.out()).containsOnlyOnce("none does not exist; models are expected in");
    }

    @Test
    void an_answer_that_cannot_be_used_is_explained_with_the_reason() throws IOException {
        try (Unleash server = new Unleash("""
                {"version":2,"features":[
                 {"name":"ml-model-version","enabled":true,"strategies":[{"name":"flexibleRollout","constraints":[],
                  "parameters":{"rollout":"50","stickiness":"account","groupId":"g"},"segments":[],
                  "variants":[{"name":"v2","weight":1000,"stickiness":"account"}]}]},
                 {"name":"shadow-candidates","enabled":false,"strategies":[]}]}""")) {
            configure(server);
            Ran ran = flags("eval", "--entity", "user-1");
            assertThat(ran.exitCode()).isZero();
            assertThat(ran.out())
                    .contains("source        Unleash at " + server.uri())
                    .contains("serves        v1, FALLBACK: the answer could not be used")
                    .contains("shadows       nobody")
                    .contains("unusable      flag 'ml-model-version' divides by 'account', which the request lacks");
            JsonNode sample = json("--sample", "10").path("sample");
            assertThat(sample.path("unusable").asInt()).isEqualTo(10);
            assertThat(sample.path("problem").asText()).contains("divides by 'account'");
            assertThat(json("--sample", "10", "--attr", "account=a")
                            .path("sample")
                            .path("unusable")
                            .asInt())
                    .isZero();
        }
    }

    @Test
    void a_look_leaves_no_trace_on_the_server_or_on_disk() throws IOException {
        try (Unleash server = new Unleash("""
                {"version":2,"features":[{"name":"ml-model-version","enabled":true,"strategies":[]},
                 {"name":"shadow-candidates","enabled":true,"strategies":[]}]}""")) {
            configure(server);
            assertThat(flags("--sample", "10").exitCode()).isZero();
            assertThat(server.asked).isNotEmpty().allMatch("GET /api/client/features"::equals);
            assertThat(folder.resolve("backup.json")).doesNotExist();
        }
    }

    @Test
    void a_server_that_refuses_exits_with_1_and_its_remedy_and_without_the_token() throws IOException {
        try (Unleash server = new Unleash("")) {
            configure(server);
            server.answerWith(401);
            Ran ran = flags();
            assertThat(ran.exitCode()).isEqualTo(1);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err())
                    .contains("Unleash at " + server.uri() + " cannot be used: HTTP 401", "flags.unleash.token-file")
                    .doesNotContain("secret");
        }
    }

    @Test
    void a_server_that_is_down_exits_with_1_whatever_a_start_would_do() throws IOException {
        try (Unleash server = new Unleash("")) {
            configure(server);
            server.goDown();
            Files.writeString(
                    config,
                    Files.readString(config)
                            .replace("source:", "startup-timeout: 1s, on-unavailable: default, source:"));
            Ran ran = flags("eval", "--entity", "user-1");
            assertThat(ran.exitCode()).isEqualTo(1);
            assertThat(ran.out()).isEmpty();
            assertThat(ran.err())
                    .contains("Unleash at " + server.uri() + " sent no flags within 1s (connection refused)");
        }
    }

    private void configure(Unleash server) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "*:development.secret");
        Files.writeString(
                config,
                "flags: {source: unleash, unleash: {url: '" + server.uri() + "', token-file: '" + token
                        + "', send-events: true, backup-file: '" + folder.resolve("backup.json") + "'}}\n");
    }

    /** Answers as Unleash does, with one document. */
    private static final class Unleash extends HttpStub {
        private final List<String> asked = new CopyOnWriteArrayList<>();
        private final String document;

        Unleash(String document) throws IOException {
            super("");
            this.document = document;
        }

        @Override
        protected void answer(HttpExchange exchange) throws IOException {
            try (exchange) {
                asked.add(exchange.getRequestMethod() + " "
                        + exchange.getRequestURI().getPath());
                byte[] bytes = document.getBytes(StandardCharsets.UTF_8);
                exchange.sendResponseHeaders(status(), status() == 200 ? bytes.length : -1);
                if (status() == 200) {
                    exchange.getResponseBody().write(bytes);
                }
            }
        }
    }
}
