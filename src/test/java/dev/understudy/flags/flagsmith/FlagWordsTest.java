package dev.understudy.flags.flagsmith;

import static dev.understudy.flags.flagsmith.EnvironmentJson.CANDIDATES;
import static dev.understudy.flags.flagsmith.EnvironmentJson.SERVING;
import static dev.understudy.flags.flagsmith.EnvironmentJson.condition;
import static dev.understudy.flags.flagsmith.EnvironmentJson.option;
import static dev.understudy.flags.flagsmith.EnvironmentJson.split;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagDescription.Rule;
import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import dev.understudy.flags.FlagKeys;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FlagWordsTest {
    private final EnvironmentJson environment = new EnvironmentJson();

    @Test
    void what_the_options_leave_over_is_the_flags_own_value() {
        option(option(environment.flag(SERVING, true, "v1"), 1, "v2", 5), 2, "v3", 0);

        FlagDescription flag = describe(SERVING);

        assertThat(flag.variations()).containsExactly("v1", "v2", "v3");
        assertThat(flag.rest().orElseThrow().shares()).containsExactly(new Share("v2", 5), new Share("v1", 95));
    }

    @Test
    void a_segment_that_is_nothing_but_a_split_is_a_share_of_everybody_else() {
        environment.flag(SERVING, true, "v1");
        environment.override(environment.segment("eu", condition("EQUAL", "region", "eu")), SERVING, true, "v3");
        environment.override(environment.segment("beta", split("20")), SERVING, true, "v2");

        FlagDescription flag = describe(SERVING);

        assertThat(flag.rules()).containsExactly(new Rule("segment 'eu': region is eu", Split.all("v3")));
        assertThat(flag.rest().orElseThrow().shares()).containsExactly(new Share("v2", 20), new Share("v1", 80));
    }

    @Test
    void a_split_that_goes_first_stays_in_its_place() {
        environment.flag(SERVING, true, "v1");
        environment.override(environment.segment("beta", split("20")), SERVING, true, "v2");
        environment.override(environment.segment("eu", condition("EQUAL", "region", "eu")), SERVING, true, "v3");

        FlagDescription flag = describe(SERVING);

        assertThat(flag.rules())
                .extracting(Rule::when)
                .containsExactly("segment 'beta': 20 % drawn", "segment 'eu': region is eu");
        assertThat(flag.rules().get(0).gives().passedOn()).isEqualTo(80);
        assertThat(flag.rest()).hasValue(Split.all("v1"));
    }

    @Test
    void conditions_without_a_word_of_ours_keep_their_own_and_identifiers_are_counted() {
        environment.flag(SERVING, true, "v1");
        environment.override(
                environment.segment(
                        "several",
                        condition("IN", "region", "eu,uk"),
                        condition("GREATER_THAN", "age", "18"),
                        condition("IS_SET", "plan", ""),
                        condition("IN", SegmentShape.IDENTIFIER, "user-1,user-2")),
                SERVING,
                false,
                "v3");

        Rule rule = describe(SERVING).rules().get(0);

        assertThat(rule.when())
                .isEqualTo("segment 'several': region is eu or uk and age GREATER_THAN 18 and plan IS_SET and the"
                        + " identifier IN (2 entities)");
        assertThat(rule.gives()).isEqualTo(Split.all("off"));
    }

    @Test
    void entities_are_counted_also_those_for_whom_the_flag_is_off() {
        environment.flag(SERVING, false, "v1");
        environment.target("user-1", SERVING, true, "v2");
        environment.target("user-2", SERVING, false, "v2");
        environment.target("user-1", SERVING, true, "v2");

        FlagDescription flag = describe(SERVING);

        assertThat(flag.state()).isEqualTo(FlagDescription.State.OFF);
        assertThat(flag.targets())
                .containsExactly(new FlagDescription.Target("v2", 1), new FlagDescription.Target("off", 1));
        assertThat(flag.rest()).hasValue(Split.all("v1"));
        assertThat(flag.toString()).doesNotContain("user-");
    }

    @Test
    void a_segment_that_the_sdk_does_not_know_makes_a_remark_on_the_flag() {
        environment.flag(SERVING, true, "v1");
        environment.override(environment.segment("newer", condition("SOUNDS_LIKE", "name", "x")), SERVING, true, "v2");

        assertThat(describe(SERVING).remarks())
                .satisfiesExactly(remark -> assertThat(remark)
                        .contains("segment 'newer' has the operator 'SOUNDS_LIKE'", "except for entities"));
    }

    @Test
    void values_that_are_empty_mean_something_else_in_every_flag() {
        environment.flag(SERVING, true, null);
        environment.flag(CANDIDATES, true, "");
        environment.flag("shadow-mode-v2", true, null);

        assertThat(describe(SERVING).rest()).hasValue(Split.all("no value (not usable)"));
        assertThat(describe(CANDIDATES).rest()).hasValue(Split.all("[]"));
        assertThat(describe("shadow-mode-v2").rest()).hasValue(Split.all("true"));
    }

    private FlagDescription describe(String key) {
        try {
            JsonNode document = new ObjectMapper().readTree(environment.toString());
            return Objects.requireNonNull(FlagDocument.of(document, FlagKeys.standard())
                    .descriptions()
                    .get(key));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
