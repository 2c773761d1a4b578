package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.plan.AdminStub;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.WriteToken;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a stub that answers as LaunchDarkly's documentation says: the service itself was not at hand. */
class LaunchDarklyFlagWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String GET = "GET /api/v2/flags/fraud/ml-model-version?env=live";
    private static final String PATCH = "PATCH /api/v2/flags/fraud/ml-model-version";
    private static final String SEMANTIC_PATCH = "application/json; domain-model=launchdarkly.semanticpatch";
    private static final String KEY = "ml-model-version";

    private AdminStub stub;
    private LaunchDarklyFlagWriter writer;

    @BeforeEach
    void start() throws IOException {
        stub = new AdminStub();
        writer = new LaunchDarklyFlagWriter(
                new LaunchDarklyAdmin(stub.uri(), "fraud", "live"), Optional.of(new WriteToken("api-secret")));
        stub.answer(PATCH, "{}");
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static FlagChange to(String candidate, int percent) {
        return new FlagChange.Share(KEY, new ModelVersion(candidate), new ModelVersion("v1"), percent);
    }

    /** Three variations, v2, v1 and v3, in this order. */
    private void flag(boolean on, String fallthrough) {
        stub.answer(GET, """
                {"key": "ml-model-version", "variations": [
                    {"_id": "id-2", "value": "v2"}, {"_id": "id-1", "value": "v1"}, {"_id": "id-3", "value": "v3"}],
                 "environments": {"live": {"on": %s, "fallthrough": %s, "rules": [{"variation": 2}]}}}
                """.formatted(on, fallthrough));
    }

    private void assertRefused(FlagChange change, String... why) {
        assertThatThrownBy(() -> writer.plan(change))
                .isInstanceOf(FlagPlanException.class)
                .message()
                .contains(why);
        assertThat(stub.changes()).isEmpty();
    }

    private void assertPatched(String instruction) throws Exception {
        assertThat(stub.changes()).singleElement().satisfies(change -> {
            assertThat(change.line()).isEqualTo(PATCH);
            assertThat(change.authorization()).isEqualTo("api-secret");
            assertThat(change.contentType()).isEqualTo(SEMANTIC_PATCH);
            assertThat(JSON.readTree(change.body()))
                    .isEqualTo(JSON.readTree("{\"environmentKey\": \"live\", \"comment\": \"understudy flags plan\","
                            + " \"instructions\": [" + instruction + "]}"));
        });
    }

    @Test
    void a_rollout_grows_and_other_candidates_keep_theirs() throws Exception {
        flag(true, """
                {"rollout": {"contextKind": "user", "variations": [{"variation": 0, "weight": 5000},
                    {"variation": 1, "weight": 82500}, {"variation": 2, "weight": 12500}]}}
                """);
        FlagPlan plan = writer.plan(to("v2", 25));

        assertThat(plan.now().orElseThrow()).hasToString("v1 82.5 %, v2 5 %, v3 12.5 %");
        assertThat(plan.then().orElseThrow()).hasToString("v1 62.5 %, v2 25 %, v3 12.5 %");
        assertThat(plan.moved()).isEmpty();
        assertThat(stub.changes()).isEmpty();
        writer.apply(plan);
        assertPatched("""
                {"kind": "updateFallthroughVariationOrRollout", "rolloutContextKind": "user",
                 "rolloutWeights": {"id-2": 25000, "id-1": 62500, "id-3": 12500}}
                """);
    }

    @Test
    void a_flag_that_serves_one_variation_gets_a_rollout_and_at_the_end_one_again() throws Exception {
        flag(true, "{\"variation\": 1}");
        writer.apply(writer.plan(to("v2", 5)));
        assertPatched("""
                {"kind": "updateFallthroughVariationOrRollout", "rolloutContextKind": "user",
                 "rolloutWeights": {"id-2": 5000, "id-1": 95000}}
                """);
    }

    @Test
    void everybody_is_a_variation() throws Exception {
        flag(
                true,
                "{\"rollout\": {\"variations\": [{\"variation\": 0, \"weight\": 50000},"
                        + " {\"variation\": 1, \"weight\": 50000}]}}");
        writer.apply(writer.plan(to("v2", 100)));
        assertPatched("{\"kind\": \"updateFallthroughVariationOrRollout\", \"variationId\": \"id-2\"}");
    }

    @Test
    void the_switch_needs_no_look() throws Exception {
        writer.apply(writer.plan(new FlagChange.Kill(KEY)));
        assertPatched("{\"kind\": \"turnFlagOff\"}");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void a_layout_in_which_others_would_move_is_said_to() throws Exception {
        stub.answer(GET, """
                {"variations": [{"_id": "a", "value": "v1"}, {"_id": "b", "value": "v2"}, {"_id": "c", "value": "v3"}],
                 "environments": {"live": {"on": true, "fallthrough": {"rollout": {"variations": [
                    {"variation": 0, "weight": 80000}, {"variation": 1, "weight": 10000},
                    {"variation": 2, "weight": 10000}]}}}}}
                """);
        assertThat(writer.plan(to("v3", 25)).moved()).containsExactly(new ModelVersion("v2"));
    }

    @Test
    void shapes_that_it_does_not_know_are_refused() {
        flag(false, "{\"variation\": 1}");
        assertRefused(to("v2", 5), "is off", "switch it on");
        flag(
                true,
                "{\"rollout\": {\"contextKind\": \"device\", \"variations\": [{\"variation\": 1, \"weight\": 100000}]}}");
        assertRefused(to("v2", 5), "divides by 'device key'", "By hand");
        flag(
                true,
                "{\"rollout\": {\"bucketBy\": \"account\", \"variations\": [{\"variation\": 1, \"weight\": 100000}]}}");
        assertRefused(to("v2", 5), "divides by 'user account'");
        flag(true, "{\"rollout\": {\"experimentAllocation\": {}, \"variations\": []}}");
        assertRefused(to("v2", 5), "an experiment runs");
        flag(true, "{}");
        assertRefused(to("v2", 5), "neither a variation nor a percentage rollout");
        flag(true, "{\"variation\": 7}");
        assertRefused(to("v2", 5), "there is no variation 7");
        flag(true, "{\"variation\": 1}");
        assertRefused(to("v4", 5), "has no variation v4", "the first or the last");
        stub.answer(GET, "{\"environments\": {}}");
        assertRefused(to("v2", 5), "has no environment 'live'");
    }

    @Test
    void a_flag_that_was_changed_meanwhile_is_left_alone() throws Exception {
        flag(true, "{\"variation\": 1}");
        FlagPlan plan = writer.plan(to("v2", 5));
        flag(true, "{\"variation\": 0}");

        assertThatThrownBy(() -> writer.apply(plan))
                .isInstanceOf(FlagWriteException.class)
                .hasMessageContaining("changed by others meanwhile");
        assertThat(stub.changes()).isEmpty();
    }
}
