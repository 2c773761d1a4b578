package dev.understudy.flags.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.BooleanNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlagFileTest {
    private final FlagFile format = new FlagFile(FlagKeys.standard(), new ModelVersion("v1"));

    @Test
    void a_plain_value_is_a_flag_that_is_on() throws Exception {
        JsonNode flag = flag("ml-model-version", "flags: {ml-model-version: v1}");

        assertThat(flag.get("on").asBoolean()).isTrue();
        assertThat(flag.at("/variations/0").asText()).isEqualTo("v1");
        assertThat(flag.at("/fallthrough/variation").asInt()).isZero();
    }

    @Test
    void truth_in_quotes_is_refused_with_what_to_do() {
        refused(
                "{on: \"false\", variations: [v1], serve: v1}",
                "must be true or false, was the text 'false'; remove the quotes");
    }

    @Test
    void a_candidate_may_stand_in_the_list_once() {
        assertThatThrownBy(() -> format.read("flags: {ml-model-version: v1, shadow-candidates: [v2, v3, v2]}", false))
                .hasMessageContaining("the candidate 'v2' stands here a second time; keep one");
    }

    @ParameterizedTest
    @ValueSource(strings = {"on", "\"on\"", "'on'"})
    void the_key_on_is_not_taken_for_yamls_true(String key) throws Exception {
        String yaml = """
                flags:
                  ml-model-version:
                    %s: true
                    variations: [v1, v2]
                    serve: v2
                """;
        assertThat(flag("ml-model-version", yaml.formatted(key)).get("on").asBoolean())
                .isTrue();
        assertThat(flag("ml-model-version", yaml.formatted(key).replace("true", "false"))
                        .get("on")
                        .asBoolean())
                .isFalse();
    }

    @Test
    void yamls_other_words_for_truth_mean_what_they_say() throws Exception {
        for (String word : List.of("true", "True", "yes", "on")) {
            assertThat(flag("shadow-mode-v2", "flags: {ml-model-version: v1, shadow-mode-v2: " + word + "}")
                            .at("/variations/0"))
                    .as(word)
                    .isEqualTo(BooleanNode.TRUE);
        }
        for (String word : List.of("false", "FALSE", "no", "off")) {
            assertThat(flag("shadow-mode-v2", "flags: {ml-model-version: v1, shadow-mode-v2: " + word + "}")
                            .at("/variations/0"))
                    .as(word)
                    .isEqualTo(BooleanNode.FALSE);
        }
    }

    @Test
    void yaml_and_json_say_the_same() throws Exception {
        String json = """
                {"flags": {"ml-model-version": {"on": true, "variations": ["v1", "v2"], "rollout": {"v2": 5, "v1": 95},
                \t"targets": {"v2": ["user-42"]}, "rules": [{"if": {"region": ["eu"]}, "serve": "v2"}]}}}
                """;
        String yaml = """
                flags:
                  ml-model-version:
                    on: true
                    variations: [v1, v2]
                    targets: {v2: [user-42]}
                    rules:
                      - if: {region: eu}
                        serve: v2
                    rollout: {v2: 5, v1: 95}
                """;

        assertThat(format.read(json, true)).isEqualTo(format.read(yaml, false));
    }

    @Test
    void order_in_the_rollout_does_not_matter_and_the_default_stands_between_two_candidates() throws Exception {
        String yaml = """
                flags:
                  ml-model-version: {variations: [v1, v2, v3], rollout: {%s}}
                """;
        assertThat(weights(yaml.formatted("v1: 85, v3: 10, v2: 5"))).containsExactly("1=5000", "0=85000", "2=10000");
        assertThat(weights(yaml.formatted("v2: 5, v1: 85, v3: 10"))).containsExactly("1=5000", "0=85000", "2=10000");
        assertThat(weights(yaml.formatted("v2: 0, v1: 99.75, v3: 0.25"))).containsExactly("0=99750", "2=250");
    }

    @Test
    void candidates_are_a_version_or_a_list_or_named_lists() throws Exception {
        assertThat(values("shadow-candidates: v2")).isEqualTo("[[\"v2\"]]");
        assertThat(values("shadow-candidates: [v2, v3]")).isEqualTo("[[\"v2\",\"v3\"]]");
        assertThat(values("shadow-candidates: []")).isEqualTo("[[]]");
        assertThat(values("shadow-candidates: {variations: {none: [], two: [v2, v3]}, rollout: {two: 10, none: 90}}"))
                .isEqualTo("[[],[\"v2\",\"v3\"]]");
    }

    @Test
    void norway_stays_norway_in_a_rule() throws Exception {
        JsonNode flag = flag(
                "ml-model-version",
                "flags: {ml-model-version: {variations: [v1, v2], serve: v1, rules: [{if: {country: [no, 1.10]}, serve:"
                        + " v2}]}}");

        assertThat(flag.at("/rules/0/clauses/0/values").toString()).isEqualTo("[\"no\",\"1.10\"]");
    }

    @Test
    void bad_weights_are_refused_with_their_sum() {
        refused("{variations: [v1, v2], rollout: {v2: 5, v1: 90}}", "rollout", "add up to 100", "95");
        refused("{variations: [v1, v2], rollout: {v2: -5, v1: 105}}", "rollout", "from 0 to 100", "'-5'");
        refused("{variations: [v1, v2], rollout: {v2: 5%, v1: 95}}", "rollout.v2", "from 0 to 100", "'5%'");
        refused("{variations: [v1, v2], rollout: {v2: 010, v1: 90}}", "rollout.v2", "from 0 to 100", "'010'");
        refused("{variations: [v1, v2], rollout: {v2: 0.0001, v1: 99.9999}}", "rollout.v2", "three decimals");
        refused("{variations: [v1, v2], rollout: {v2: 1e1, v1: 90}}", "rollout.v2", "'1e1'");
        refused("{variations: [v1, v2], rollout: {}}", "rollout", "add up to 100");
    }

    @Test
    void misspelled_keys_are_refused_with_the_known_ones() {
        refused("{variations: [v1, v2], rolout: {v2: 5, v1: 95}}", "rolout", "unknown key 'rolout'", "rollout");
        refused("{onn: true, variations: [v1, v2], serve: v1}", "onn", "unknown key 'onn'");
        refused("{variation: [v1, v2], serve: v1}", "unknown key 'variation'", "did you mean 'variations'?");
        assertThatThrownBy(() -> format.read("flags: {ml-model-versoin: v1}", false))
                .hasMessageContaining("unknown flag 'ml-model-versoin'")
                .hasMessageContaining("did you mean 'ml-model-version'?");
        refused("{true: true, variations: [v1, v2], serve: v1}", "unknown key 'true'", "known are on");
        refused(
                "{variations: [v1, v2], serve: v1, rules: [{iff: {a: b}, serve: v2}]}",
                "unknown key 'iff'",
                "if, serve");
        refused("{variations: [v1], serve: v1, off: v1}", "unknown key 'off'", "on: false");
        assertThatThrownBy(() -> format.read("flag: {ml-model-version: v1}", false))
                .hasMessageContaining("unknown key 'flag'; known are flags");
        assertThatThrownBy(() -> format.read("flags: {ml-model-version: v1, shadow-canddates: v2}", false))
                .hasMessageContaining("unknown flag 'shadow-canddates'")
                .hasMessageContaining("shadow-candidates");
        assertThatThrownBy(() -> format.read("flags: {shadow-candidates: v2}", false))
                .hasMessageContaining("the key 'ml-model-version' is missing");
        assertThatThrownBy(() -> format.read("flags: {ml-model-version: v1, shadow-mode-: true}", false))
                .hasMessageContaining("shadow-mode-<version>");
    }

    @Test
    void flag_of_what_cannot_be_a_version_is_refused_with_what_a_version_is_called() {
        assertThatThrownBy(() -> format.read("flags: {ml-model-version: v1, shadow-mode-v1.: true}", false))
                .hasMessageContaining("flag 'shadow-mode-v1.' must be shadow-mode-<version>")
                .hasMessageContaining(ModelVersion.RULE + ", was 'v1.'");
    }

    @Test
    void unknown_variations_are_refused_with_the_known_ones() {
        refused("{variations: [v1, v2], serve: v3}", "serve", "'v3' is not among the variations", "[v1, v2]");
        refused("{variations: [v1, v2], rollout: {v22: 5, v1: 95}}", "rollout.v22", "[v1, v2]");
        refused("{variations: [v1, v2], serve: v1, targets: {v3: [a]}}", "targets.v3", "[v1, v2]");
        refused("{variations: [v1, v2], serve: v1, rules: [{if: {a: b}, serve: v9}]}", "rules[0].serve", "'v9'");
        refused("{variations: [], serve: v1}", "at least one");
        refused("{variations: [v1, v1], serve: v1}", "second time");
    }

    @Test
    void duplicate_keys_are_refused() {
        refused("{variations: [v1, v2], serve: v1, serve: v2}", "'serve' stands here a second time");
        assertThatThrownBy(() -> format.read("flags:\n  ml-model-version: v1\n  ml-model-version: v2\n", false))
                .hasMessageStartingWith("line 3, column 3 (flags.ml-model-version): ")
                .hasMessageContaining("second time");
        assertThatThrownBy(() ->
                        format.read("{\"flags\":{\"ml-model-version\":\"v1\",\"ml-model-version\":\"v2\"}}", true))
                .hasMessageContaining("second time");
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "/etc/passwd", "''", "a/b", "v1..2", "-v1", "[v1]"})
    void names_that_are_no_versions_are_refused(String name) {
        assertThatThrownBy(
                        () -> format.read("flags: {ml-model-version: {variations: [" + name + "], serve: v1}}", false))
                .isInstanceOf(FlagFileException.class)
                .hasMessageContaining("a model version must be text");
    }

    @Test
    void a_number_as_version_is_asked_to_be_quoted() throws Exception {
        assertThatThrownBy(() -> format.read("flags: {ml-model-version: 2}", false))
                .hasMessageContaining("'2'; put it in quotes");
        assertThat(flag("ml-model-version", "flags: {ml-model-version: '2'}")
                        .at("/variations/0")
                        .asText())
                .isEqualTo("2");
    }

    @Test
    void contradictions_are_refused() {
        refused("{variations: [v1, v2]}", "either serve", "neither");
        refused("{variations: [v1, v2], serve: v1, rollout: {v1: 100}}", "not both");
        refused("{on: ja, variations: [v1], serve: v1}", "ml-model-version.on", "true or false", "'ja'");
        refused("{variations: [v1, v2], serve: v1, targets: {v1: [a], v2: [a]}}", "targeted a second time");
        refused("{variations: [v1, v2], serve: v1, rules: [{if: {}, serve: v2}]}", "name an attribute");
        refused("{variations: [v1, v2], serve: v1, rules: [{if: {region: []}, serve: v2}]}", "at least one value");
        refused("{variations: [v1, v2], serve: v1, rules: [{if: {kind: x}, serve: v2}]}", "'kind' cannot be asked");
        refused("", "was nothing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "   \n# only a comment\n",
                "flags",
                "flags:",
                "flags: {",
                "flags: {ml-model-version: {variations: [v1",
                "flags: [a]",
                "flags:\n\tml-model-version: v1",
                "flags: {ml-model-version: v1}\n---\nflags: {ml-model-version: v2}",
                "flags: {ml-model-version: &a v1, shadow-candidates: *a}",
            })
    void what_is_not_a_whole_document_is_refused_with_its_place(String yaml) {
        assertThatThrownBy(() -> format.read(yaml, false))
                .isInstanceOf(FlagFileException.class)
                .hasMessageMatching("(?s)line \\d+, column \\d+.*");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{\"flags\":{\"ml-model-version\":\"v1\"}", "{} {}", "null"})
    void json_that_is_not_a_whole_document_is_refused(String json) {
        assertThatThrownBy(() -> format.read(json, true)).isInstanceOf(FlagFileException.class);
    }

    @Test
    void messages_do_not_quote_entities() {
        assertThatThrownBy(() ->
                        format.read("flags:\n  ml-model-version:\n    targets: {v2: [secret-entity, \"x]}\n", false))
                .message()
                .doesNotContain("secret-entity");
    }

    private void refused(String servingFlag, String... fragments) {
        assertThatThrownBy(() -> format.read("flags: {ml-model-version: " + servingFlag + "}", false))
                .isInstanceOf(FlagFileException.class)
                .hasMessageStartingWith("line 1, column ")
                .hasMessageContainingAll(fragments);
    }

    private List<String> weights(String yaml) throws Exception {
        List<String> weights = new ArrayList<>();
        for (JsonNode one : flag("ml-model-version", yaml).at("/fallthrough/rollout/variations")) {
            weights.add(one.get("variation") + "=" + one.get("weight"));
        }
        return weights;
    }

    private String values(String candidates) throws Exception {
        return flag("shadow-candidates", "flags: {ml-model-version: v1, " + candidates + "}")
                .get("variations")
                .toString();
    }

    private JsonNode flag(String key, String yaml) throws Exception {
        Map<String, String> definitions = format.read(yaml, false);
        return new ObjectMapper().readTree(definitions.get(key));
    }
}
