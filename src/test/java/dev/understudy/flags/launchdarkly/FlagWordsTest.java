package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagDescription.Rule;
import dev.understudy.flags.FlagDescription.Share;
import org.junit.jupiter.api.Test;

class FlagWordsTest {
    @Test
    void conditions_that_have_no_word_of_ours_keep_their_own() {
        FlagDescription flag = describe("""
                "rules":[{"variation":1,"clauses":[
                  {"attribute":"/plan","op":"in","values":["pro","team"],"negate":true},
                  {"attribute":"age","op":"greaterThan","values":[18]},
                  {"attribute":"","op":"segmentMatch","values":["beta"]},
                  {"contextKind":"device","attribute":"os","op":"in","values":["ios"]}]},
                 {"variation":7,"clauses":[]}],
                "fallthrough":{"variation":0}""");

        assertThat(flag.rules())
                .extracting(Rule::when)
                .containsExactly(
                        "plan is not pro or team and age greaterThan 18 and segment is beta and device's os is ios",
                        "everybody");
        assertThat(flag.rules().get(1).gives()).isEqualTo(FlagDescription.Split.all("variation 7 (missing)"));
    }

    @Test
    void what_the_weights_leave_over_is_the_last_ones() {
        FlagDescription flag = describe("""
                "fallthrough":{"rollout":{"variations":[{"variation":1,"weight":250},{"variation":0,"weight":90000}]}}""");

        assertThat(flag.rest().orElseThrow().shares()).containsExactly(new Share("v2", 0.25), new Share("v1", 99.75));
        assertThat(flag.rest().orElseThrow().remark()).isEmpty();
    }

    @Test
    void what_divides_by_something_else_than_the_entity_says_so() {
        FlagDescription flag = describe("""
                "rules":[{"rollout":{"contextKind":"device","variations":[{"variation":0,"weight":100000}]},"clauses":[]}],
                "fallthrough":{"rollout":{"bucketBy":"/account","variations":[{"variation":0,"weight":100000}]}}""");

        assertThat(flag.rules().get(0).gives().remark())
                .hasValueSatisfying(
                        remark -> assertThat(remark).contains("context kind 'device', which requests do not have"));
        assertThat(flag.rest().orElseThrow().remark())
                .hasValueSatisfying(remark -> assertThat(remark).startsWith("divided by the attribute 'account'"));
    }

    @Test
    void targets_of_both_lists_count_and_those_of_other_kinds_are_a_remark() {
        FlagDescription flag = describe("""
                "targets":[{"variation":1,"values":["a","b"]}],
                "contextTargets":[{"contextKind":"user","variation":1,"values":[]},
                  {"contextKind":"device","variation":1,"values":["d"]}],
                "prerequisites":[{"key":"parent","variation":1}],
                "fallthrough":{"variation":0}""");

        assertThat(flag.targets()).containsExactly(new FlagDescription.Target("v2", 2));
        assertThat(flag.remarks())
                .containsExactly(
                        "counts as off unless flag 'parent' answers its variation 1",
                        "its targets of the context kind 'device' never match: requests are of the kind 'user'");
    }

    private static FlagDescription describe(String parts) {
        return FlagWords.describe(
                "ml-model-version",
                FlagShape.of("{\"key\":\"ml-model-version\",\"version\":1,\"on\":true,\"salt\":\"s\","
                        + "\"variations\":[\"v1\",\"v2\"]," + parts + "}"));
    }
}
