package dev.understudy.flags.flagsmith;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.plan.AdminStub;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.WriteToken;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a stub that answers as Flagsmith's source says: the service itself was not at hand. */
class FlagsmithFlagWriterTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String KEY = "ml-model-version";
    private static final String ENVIRONMENT = "/api/v1/environments/AbCdEfGhIjKlMnOpQrStUv/";
    private static final String PUT = "PUT " + ENVIRONMENT + "featurestates/77/";

    private AdminStub stub;
    private FlagsmithFlagWriter writer;

    @BeforeEach
    void start() throws IOException {
        stub = new AdminStub();
        writer = new FlagsmithFlagWriter(
                new FlagsmithSettings(
                        "ser.reads",
                        Optional.of(URI.create(stub.uri() + "/api/v1/")),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(5),
                        Optional.empty()),
                Optional.of(new WriteToken("org-secret")));
        stub.answer(PUT, "{}");
        stub.answer("GET " + ENVIRONMENT, "{\"use_v2_feature_versioning\": false}");
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static FlagChange to(String candidate, int percent) {
        return new FlagChange.Share(KEY, new ModelVersion(candidate), new ModelVersion("v1"), percent);
    }

    /** Options v2, v1 and v3, created in this order, with the ids 31, 32, 33; their values there have 41, 42, 43. */
    private EnvironmentJson document() {
        EnvironmentJson environment = new EnvironmentJson();
        ObjectNode state = environment.flag(KEY, true, "v1");
        EnvironmentJson.option(state, 31, "v2", 5);
        EnvironmentJson.option(state, 32, "v1", 95);
        EnvironmentJson.option(state, 33, "v3", 0);
        environment.flag("shadow-candidates", true, "v2");
        stub.answer("GET /api/v1/environment-document/", environment.toString());
        return environment;
    }

    private void state(boolean enabled, String value, double v2, double v1, double v3) {
        document();
        stub.answer("GET " + ENVIRONMENT + "featurestates/?feature=100", """
                {"count": 1, "next": null, "results": [{"id": 77, "uuid": "1", "feature": 100, "environment": 9,
                  "identity": null, "feature_segment": null, "enabled": %s, "feature_state_value": "%s",
                  "version": 1, "multivariate_feature_state_values": [
                    {"id": 43, "multivariate_feature_option": 33, "percentage_allocation": %s},
                    {"id": 41, "multivariate_feature_option": 31, "percentage_allocation": %s},
                    {"id": 42, "multivariate_feature_option": 32, "percentage_allocation": %s}]}]}
                """.formatted(enabled, value, v3, v2, v1));
    }

    private void assertPut(boolean enabled, List<Object> v2V1V3) throws Exception {
        assertThat(stub.changes()).singleElement().satisfies(change -> {
            assertThat(change.line()).isEqualTo(PUT);
            assertThat(change.authorization()).isEqualTo("Api-Key org-secret");
            assertThat(change.contentType()).isEqualTo("application/json");
            assertThat(JSON.readTree(change.body()))
                    .isEqualTo(JSON.readTree("""
                    {"id": 77, "feature": 100, "environment": 9, "identity": null, "feature_segment": null,
                     "enabled": %s, "feature_state_value": "v1", "multivariate_feature_state_values": [
                       {"id": 41, "multivariate_feature_option": 31, "percentage_allocation": %s},
                       {"id": 42, "multivariate_feature_option": 32, "percentage_allocation": %s},
                       {"id": 43, "multivariate_feature_option": 33, "percentage_allocation": %s}]}
                    """.formatted(enabled, v2V1V3.get(0), v2V1V3.get(1), v2V1V3.get(2))));
        });
    }

    private void assertRefused(FlagChange change, String... why) {
        assertThatThrownBy(() -> writer.plan(change))
                .isInstanceOf(FlagPlanException.class)
                .message()
                .contains(why);
        assertThat(stub.changes()).isEmpty();
    }

    @Test
    void an_option_grows_and_that_of_production_gives_way() throws Exception {
        state(true, "v1", 5, 82.5, 12.5);
        FlagPlan plan = writer.plan(to("v2", 25));

        assertThat(plan.now().orElseThrow()).hasToString("v1 82.5 %, v2 5 %, v3 12.5 %");
        assertThat(plan.then().orElseThrow()).hasToString("v1 62.5 %, v2 25 %, v3 12.5 %");
        assertThat(plan.moved()).isEmpty();
        writer.apply(plan);
        assertPut(true, List.of(25, 62.5, 12.5));
    }

    @Test
    void what_options_leave_may_be_productions_too() throws Exception {
        state(true, "v1", 5, 0, 0);
        FlagPlan plan = writer.plan(to("v2", 25));

        assertThat(plan.then().orElseThrow()).hasToString("v1 75 %, v2 25 %");
        writer.apply(plan);
        assertPut(true, List.of(25, 75, 0.0));
    }

    @Test
    void the_switch_leaves_the_percentages() throws Exception {
        state(true, "v1", 25, 75, 0);
        writer.apply(writer.plan(new FlagChange.Kill(KEY)));
        assertPut(false, List.of(25.0, 75.0, 0.0));
    }

    @Test
    void a_switch_that_is_off_stays() throws Exception {
        state(false, "v1", 25, 75, 0);
        assertThat(writer.plan(new FlagChange.Kill(KEY)).steps()).isEmpty();
    }

    @Test
    void shapes_that_it_does_not_know_are_refused() {
        state(false, "v1", 5, 95, 0);
        assertRefused(to("v2", 25), "is off");
        state(true, "v1", 5, 95, 0);
        assertRefused(to("v4", 25), "has no option v4", "By hand");
        stub.answer("GET " + ENVIRONMENT + "featurestates/?feature=100", "{\"results\": []}");
        assertRefused(to("v2", 25), "told 0 states");
        stub.answer("GET " + ENVIRONMENT, "{\"use_v2_feature_versioning\": true}");
        assertRefused(to("v2", 25), "versions of features", "by hand");
        stub.answer("GET " + ENVIRONMENT, "{\"minimum_change_request_approvals\": 1}");
        assertRefused(to("v2", 25), "approved by others");
        stub.answer("GET /api/v1/environment-document/", new EnvironmentJson().toString());
        stub.answer("GET " + ENVIRONMENT, "{}");
        assertRefused(to("v2", 25), "no feature 'ml-model-version'");
    }

    @Test
    void a_segment_that_divides_in_place_of_the_options_is_refused() {
        state(true, "v1", 5, 95, 0);
        EnvironmentJson environment = document();
        environment.override(environment.segment("a tenth", EnvironmentJson.split("10")), KEY, true, "v2");
        stub.answer("GET /api/v1/environment-document/", environment.toString());

        assertRefused(to("v2", 25), "a segment with a percentage split", "change the percentage of the segment");
    }

    @Test
    void the_key_that_reads_is_not_what_changes() throws Exception {
        state(true, "v1", 5, 95, 0);
        writer.apply(writer.plan(to("v2", 25)));
        assertThat(stub.received())
                .filteredOn(request -> !request.line().contains("environment-document"))
                .hasSize(5)
                .allSatisfy(request -> assertThat(request.authorization()).isEqualTo("Api-Key org-secret"));
    }
}
