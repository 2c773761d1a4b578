package dev.understudy.flags.unleash;

import static dev.understudy.flags.unleash.UnleashJson.rollout;
import static dev.understudy.flags.unleash.UnleashJson.variant;
import static dev.understudy.flags.unleash.UnleashJson.where;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagDescription.Rule;
import dev.understudy.flags.FlagDescription.Share;
import dev.understudy.flags.FlagDescription.Split;
import dev.understudy.flags.FlagKeys;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class FlagWordsTest {
    private static final String SERVING = "ml-model-version";

    @Test
    void a_gradual_rollout_with_nothing_behind_it_leaves_the_others_to_the_default_version() throws Exception {
        FlagDescription flag = describe(rollout(SERVING, 5, variant("v2", 1000)));

        assertThat(flag.rules()).isEmpty();
        assertThat(flag.rest().orElseThrow().shares()).containsExactly(new Share("v2", 5), new Share("v1", 95));
        assertThat(flag.variations()).containsExactly("v2", "v1");
    }

    @Test
    void a_share_of_those_who_meet_a_condition_lets_the_others_go_on() throws Exception {
        FlagDescription flag = describe(
                where(rollout(SERVING, 20, variant("v2", 750), variant("v3", 250)), "region", List.of("eu", "uk")),
                rollout(SERVING, 100, variant("v1", 1000)));

        Rule rule = flag.rules().get(0);
        assertThat(rule.when()).isEqualTo("region is eu or uk");
        assertThat(rule.gives().shares()).containsExactly(new Share("v2", 15), new Share("v3", 5));
        assertThat(rule.gives().passedOn()).isEqualTo(80);
        assertThat(flag.rest()).hasValue(Split.all("v1"));
    }

    @Test
    void entities_are_counted_and_never_named() throws Exception {
        ObjectNode mixed = where(rollout(SERVING, 100, variant("v3", 1000)), "userId", List.of("user-1", "user-2"));
        FlagDescription flag = describe(
                where(rollout(SERVING, 100, variant("v2", 1000)), "userId", List.of("user-42")),
                where(mixed, "region", List.of("eu")));

        assertThat(flag.targets()).containsExactly(new FlagDescription.Target("v2", 1));
        assertThat(flag.rules()).extracting(Rule::when).containsExactly("userId IN (2 entities) and region is eu");
        assertThat(flag.toString()).doesNotContain("user-");
    }

    @Test
    void what_has_no_word_of_ours_keeps_its_own() throws Exception {
        ObjectNode constrained = rollout(SERVING, 100, variant("v2", 1000));
        constrained
                .withArray("constraints")
                .addObject()
                .put("contextName", "amount")
                .put("operator", "NUM_GT")
                .put("inverted", true)
                .put("value", "100");
        constrained.withArray("segments").add(7);
        ObjectNode unknown = rollout(SERVING, 100, variant("v2", 1000)).put("name", "ourOwn");
        ObjectNode hosts = rollout(SERVING, 100, variant("v2", 1000)).put("name", "applicationHostname");
        where(hosts, "region", List.of("eu"));

        FlagDescription flag = describe(constrained, unknown, hosts);

        assertThat(flag.rules())
                .extracting(Rule::when)
                .containsExactly(
                        "not amount NUM_GT 100 and in segment 'big spenders'", "strategy 'ourOwn'", "region is eu");
        assertThat(flag.rules().get(1).gives().remark())
                .hasValueSatisfying(remark -> assertThat(remark).contains("not built into Unleash's SDK"));
    }

    @Test
    void what_would_not_keep_an_entity_on_its_side_says_so() throws Exception {
        ObjectNode random = rollout(SERVING, 50, variant("v2", 1000));
        ((ObjectNode) random.get("parameters")).put("stickiness", "random");
        ObjectNode byAccount = rollout(SERVING, 50, variant("v2", 1000));
        ((ObjectNode) byAccount.get("parameters")).put("stickiness", "account");

        FlagDescription flag = describe(random, byAccount);

        assertThat(flag.rules())
                .extracting(rule -> rule.gives().remark().orElseThrow())
                .satisfiesExactly(
                        drawn -> assertThat(drawn).contains("at random"),
                        divided -> assertThat(divided).contains("'account'"));
    }

    @Test
    void strategies_behind_one_for_everybody_are_never_reached() throws Exception {
        FlagDescription flag = describe(
                rollout(SERVING, 100, variant("v1", 1000)),
                where(rollout(SERVING, 100, variant("v2", 1000)), "userId", List.of("user-42")));

        assertThat(flag.targets()).isEmpty();
        assertThat(flag.remarks())
                .containsExactly("its last strategy is never reached, since the one before is for everybody");
    }

    @Test
    void a_strategy_without_a_version_is_not_usable() throws Exception {
        assertThat(describe(rollout(SERVING, 100)).rest()).hasValue(Split.all("no variant (not usable)"));
    }

    private static FlagDescription describe(ObjectNode... strategies) throws FlagDocumentException {
        String document = UnleashJson.document(Map.of(SERVING, new UnleashJson.Flag(true, List.of(strategies))))
                .replaceFirst("\\[\\]}$", "[{\"id\":7,\"name\":\"big spenders\"}]}");
        return Objects.requireNonNull(FlagDocument.read(document, FlagKeys.standard(), new ModelVersion("v1"))
                .descriptions()
                .get(SERVING));
    }
}
