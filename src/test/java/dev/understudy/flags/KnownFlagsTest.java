package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KnownFlagsTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"v2\"                     | v2      | 0",
                "\"[\\\"v2\\\",\\\"v3\\\"]\"| v2,v3   | 0",
                "[\"v3\",\"v2\",\"v3\"]     | v3,v2   | 0",
                "\" \"                      | ``      | 0",
                "null                       | ``      | 0",
                "[\"v2\",\"..\",null,\"[]\"]| v2      | 3",
                "\"[v2]\"                   | ``      | 1",
                "\"[\\\"v2\\\"] and v3\"    | ``      | 1",
                "true                       | ``      | 1",
            })
    void candidates_come_as_a_version_or_a_json_array(String value, String expected, int unusable) {
        Answer answer = route(Map.of("ml-model-version", given("\"v1\""), "shadow-candidates", given(value)));

        assertThat(names(answer)).isEqualTo(expected);
        assertThat(answer.unusable()).isEqualTo(unusable);
    }

    @Test
    void a_flag_that_is_off_kills_and_the_others_are_not_asked() {
        KnownFlags flags = known("ml-model-version", "shadow-candidates", "shadow-mode-v3");

        Answer answer = flags.route("user-1", key -> {
            assertThat(key).isEqualTo("ml-model-version");
            return new FlagAnswer.Off(json("\"v9\""));
        });

        assertServes(answer, "v1", RoutingReason.KILLED);
        assertThat(answer.routing().served().variation()).isEqualTo("v9");
        assertThat(names(answer)).isEmpty();
        assertThat(answer.unusable()).isZero();
    }

    @Test
    void an_answer_that_cannot_be_trusted_serves_the_default_and_says_why() {
        KnownFlags flags = known("ml-model-version", "shadow-candidates");

        Answer answer = flags.route(
                "user-1",
                key -> key.equals("ml-model-version")
                        ? new FlagAnswer.Unusable(json("\"v2\""), "is of another project")
                        : given("\"v3\""));

        assertServes(answer, "v1", RoutingReason.FALLBACK);
        assertThat(names(answer)).isEqualTo("v3");
        assertThat(answer.unusable()).isEqualTo(1);
        assertThat(flags.problem()).hasValue("flag 'ml-model-version' is of another project");
    }

    @Test
    void an_answer_that_is_no_version_serves_the_default_and_is_quoted_in_short() {
        KnownFlags flags = known("ml-model-version");

        Answer answer = flags.route("user-1", key -> given("{\"a\":\"" + "x".repeat(1000) + "\"}"));

        assertServes(answer, "v1", RoutingReason.FALLBACK);
        assertThat(flags.problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .startsWith("flag 'ml-model-version' answered {\"a\":\"xxx")
                        .contains("xxx…, which is not the name of a model version")
                        .hasSizeLessThan(400));
    }

    @Test
    void a_serving_flag_that_does_not_exist_is_not_asked_and_serves_the_default() {
        KnownFlags flags = known("shadow-mode-v2", "another");

        Answer answer = flags.route("user-1", key -> {
            assertThat(key).isEqualTo("shadow-mode-v2");
            return given("true");
        });

        assertServes(answer, "v1", RoutingReason.FALLBACK);
        assertThat(names(answer)).isEqualTo("v2");
        assertThat(answer.unusable()).isEqualTo(1);
        assertThat(flags.missing()).containsExactly("ml-model-version");
        assertThat(flags.problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("'ml-model-version' does not exist", "v1"));
    }

    @Test
    void without_any_flag_both_are_missing() {
        assertThat(known("shadow-mode-..").missing()).containsExactly("ml-model-version", "shadow-candidates");
    }

    @Test
    void the_flag_of_a_version_decides_alone_about_it() {
        Answer answer = route(Map.of(
                "ml-model-version", given("\"v1\""),
                "shadow-candidates", given("[\"v2\",\"v3\",\"v4\"]"),
                "shadow-mode-v5", given("true"),
                "shadow-mode-v4", new FlagAnswer.Off(json("true")),
                "shadow-mode-v2", given("false"),
                "shadow-mode-v6", given("\"true\"")));

        assertThat(names(answer)).isEqualTo("v3,v5");
        assertThat(answer.unusable()).isEqualTo(1);
    }

    @Test
    void a_flag_named_after_no_version_is_a_problem_and_not_asked() {
        KnownFlags flags = known("ml-model-version", "shadow-mode-..");

        assertThat(names(flags.route("user-1", key -> {
                    assertThat(key).isEqualTo("ml-model-version");
                    return given("\"v1\"");
                })))
                .isEmpty();
        assertThat(flags.problem())
                .hasValueSatisfying(
                        problem -> assertThat(problem).contains("'shadow-mode-..' is ignored", ModelVersion.RULE));
    }

    @Test
    void an_entity_without_id_gets_the_default_and_no_flag_is_asked() {
        KnownFlags flags = known("ml-model-version", "shadow-candidates");

        Answer answer = flags.route("", key -> {
            throw new AssertionError("asked " + key);
        });

        assertServes(answer, "v1", RoutingReason.FALLBACK);
        assertThat(answer.unusable()).isEqualTo(2);
        assertThat(flags.problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("the entity id is empty"));
    }

    @Test
    void an_explanation_tells_every_answer_and_everything_that_is_wrong_with_one() {
        Map<String, FlagAnswer> answers = Map.of(
                "ml-model-version",
                new FlagAnswer.Unusable(json("\"v2\""), "is of another project"),
                "shadow-candidates",
                given("[\"v2\",\"..\",3]"));

        Explanation explanation = known("ml-model-version", "shadow-candidates").explain("user-1", answers::get);

        assertThat(explanation.answers()).isEqualTo(answers);
        assertThat(explanation.routing().candidates()).containsExactly(new ModelVersion("v2"));
        assertThat(explanation.problems())
                .satisfiesExactly(
                        serving -> assertThat(serving).isEqualTo("flag 'ml-model-version' is of another project"),
                        dots -> assertThat(dots).contains("'shadow-candidates' answered '..', which is not the name"),
                        number -> assertThat(number).contains("'shadow-candidates' answered 3, which is not the name"));
    }

    @Test
    void flags_are_described_in_our_order_and_those_that_are_missing_too() {
        KnownFlags flags = known("shadow-mode-v4", "shadow-mode-..", "ml-model-version");

        List<FlagDescription> described =
                flags.describe(key -> new DescriptionBuilder(key, true).rest(FlagDescription.Split.all("v1")));

        assertThat(described)
                .extracting(FlagDescription::key)
                .containsExactly("ml-model-version", "shadow-candidates", "shadow-mode-v4");
        assertThat(described)
                .extracting(FlagDescription::state)
                .containsExactly(FlagDescription.State.ON, FlagDescription.State.MISSING, FlagDescription.State.ON);
    }

    private static KnownFlags known(String... existing) {
        return new KnownFlags(FlagKeys.standard(), new ModelVersion("v1"), List.of(existing));
    }

    private static Answer route(Map<String, FlagAnswer> answers) {
        return known(answers.keySet().toArray(String[]::new)).route("user-1", key -> answers.get(key));
    }

    private static FlagAnswer given(String json) {
        return new FlagAnswer.Given(json(json), RoutingReason.DEFAULT);
    }

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static void assertServes(Answer answer, String version, RoutingReason reason) {
        assertThat(answer.routing().served().version().name()).isEqualTo(version);
        assertThat(answer.routing().served().reason()).isEqualTo(reason);
    }

    private static String names(Answer answer) {
        return String.join(
                ",",
                answer.routing().candidates().stream().map(ModelVersion::name).toList());
    }
}
