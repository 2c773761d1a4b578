package dev.understudy.flags.unleash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RolloutContract;
import dev.understudy.flags.Routing;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The contract, and what Unleash does its own way, against a real server. */
class UnleashContractIT extends RolloutContract {
    @RegisterExtension
    static final RealUnleash unleash = new RealUnleash();

    private static UnleashServer server;

    @BeforeAll
    static void useServer() {
        server = unleash.server();
    }

    @Override
    protected void publish(FlagsDraft flags) throws Exception {
        server.publish(UnleashJson.flags(flags));
    }

    @Override
    protected ModelFlags connect() throws Exception {
        return connect(UnleashServer.TOKEN, false);
    }

    private static ModelFlags connect(String token, boolean sendEvents) throws FlagsUnavailableException {
        return connect(token, Duration.ofSeconds(20), sendEvents);
    }

    private static ModelFlags connect(String token, Duration startTimeout, boolean sendEvents)
            throws FlagsUnavailableException {
        return UnleashFlags.open(
                new UnleashSettings(
                        server.uri(),
                        token,
                        "understudy-test",
                        Duration.ofMillis(200),
                        startTimeout,
                        Optional.empty(),
                        sendEvents),
                FlagKeys.standard(),
                DEFAULT);
    }

    @Test
    void a_token_that_is_unknown_or_of_another_type_is_refused_with_its_remedy() {
        Map.of("default:development.unknown", 401, UnleashServer.FRONTEND_TOKEN, 403)
                .forEach((token, status) -> assertThatThrownBy(
                                () -> connect(token, false).close())
                        .isInstanceOf(FlagsUnavailableException.class)
                        .hasMessageContaining("Unleash at " + server.uri())
                        .hasMessageContaining("HTTP " + status)
                        .hasMessageContaining("flags.unleash.token-file")
                        .hasMessageNotContaining(token));
    }

    @Test
    void an_environment_without_the_flags_is_refused_by_their_names() throws Exception {
        server.publish(Map.of("another", new UnleashJson.Flag(true, List.of(UnleashJson.rollout("another", 100)))));

        assertThatThrownBy(() -> connect(UnleashServer.TOKEN, Duration.ofSeconds(3), false)
                        .close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("has no flag ml-model-version, shadow-candidates");
    }

    /** The layout that Unleash's own pages suggest: a gradual rollout that names a variant, and nothing else. */
    @Test
    void a_gradual_rollout_grows_and_keeps_everybody_who_was_in() throws Exception {
        publishServing(UnleashJson.rollout("ml-model-version", 5, UnleashJson.variant("v2", 1000)));
        ModelFlags flags = open();
        List<String> before = served(flags, "v2");
        assertThat(before.size() / 100.0).isBetween(4.5, 5.5);
        assertThat(flags.route("user-1", Map.of()).served().reason()).isEqualTo(RoutingReason.ROLLOUT);

        server.patchFirstStrategy("[{\"op\":\"replace\",\"path\":\"/parameters/rollout\",\"value\":\"25\"}]");

        await("the rollout grows", () -> served(flags, "v2").size() > 2 * before.size());
        assertThat(served(flags, "v2")).containsAll(before);
    }

    @Test
    void weights_of_variants_and_the_kill_switch_change_over_the_admin_api() throws Exception {
        publish(FlagsDraft.serving("v1")
                .otherwise(FlagsDraft.shares("v2", 5, "v1", 95))
                .candidates("v2"));
        ModelFlags flags = open();
        List<String> before = served(flags, "v2");

        server.patchFirstStrategy("[{\"op\":\"replace\",\"path\":\"/variants/0/weight\",\"value\":500},"
                + "{\"op\":\"replace\",\"path\":\"/variants/1/weight\",\"value\":500}]");
        await("the share grows", () -> served(flags, "v2").size() > 4_000);
        assertThat(served(flags, "v2")).containsAll(before);

        server.send("POST", UnleashServer.SERVING + "/off", "");
        await("the kill arrives", () -> flags.route("user-1", Map.of()).served().reason() == RoutingReason.KILLED);
        assertThat(flags.route(before.get(0), Map.of()).served().version()).isEqualTo(DEFAULT);
        assertThat(flags.route(before.get(0), Map.of()).candidates()).isEmpty();

        server.send("POST", UnleashServer.SERVING + "/on", "");
        await("it is on again", () -> serves(flags, before.get(0), "v2"));
    }

    /** Why docs/flags.md says how to name the variants of two candidates. */
    @Test
    void the_server_lays_variants_out_by_their_names() throws Exception {
        publishServing(UnleashJson.rollout(
                "ml-model-version",
                100,
                UnleashJson.variant("v3", 100),
                UnleashJson.variant("v1", 800),
                UnleashJson.variant("v2", 100)));

        JsonNode variants = server.firstStrategy().path("variants");
        assertThat(variants.findValuesAsText("name")).containsExactly("v1", "v2", "v3");
    }

    @Test
    void segments_are_rules() throws Exception {
        JsonNode segment = server.send(
                "POST",
                "/api/admin/segments",
                "{\"name\":\"europe\",\"constraints\":[{\"contextName\":\"region\",\"operator\":\"IN\",\"values\":[\"eu\"]}]}");
        publish(FlagsDraft.serving("v1"));
        ModelFlags flags = open();
        ObjectNode strategy = UnleashJson.rollout("ml-model-version", 100, UnleashJson.variant("v3", 1000));
        strategy.putArray("segments").add(segment.path("id"));
        JsonNode added = server.send("POST", UnleashServer.SERVING + "/strategies", strategy.toString());
        server.send(
                "POST",
                UnleashServer.SERVING + "/strategies/set-sort-order",
                "[{\"id\":\"" + added.path("id").asText() + "\",\"sortOrder\":-1}]");

        await("the segment counts", () -> serves(flags, Map.of("region", "eu"), "v3", RoutingReason.RULE));
        assertServes(flags.route("user-1", Map.of("region", "us")), "v1", RoutingReason.DEFAULT);

        publish(FlagsDraft.serving("v1"));
        server.send("DELETE", "/api/admin/segments/" + segment.path("id").asText(), "");
    }

    @Test
    void a_flag_whose_parent_is_off_is_killed() throws Exception {
        Map<String, UnleashJson.Flag> flagsAndParent = new LinkedHashMap<>(UnleashJson.flags(FlagsDraft.serving("v2")));
        flagsAndParent.put("parent", new UnleashJson.Flag(true, List.of(UnleashJson.rollout("parent", 100))));
        server.publish(flagsAndParent);
        server.send(
                "POST",
                "/api/admin/projects/default/features/ml-model-version/dependencies",
                "{\"feature\":\"parent\",\"enabled\":true}");
        server.awaitHandedOut("\"dependencies\"");
        ModelFlags flags = open();
        assertServes(flags.route("user-1", Map.of()), "v2", RoutingReason.DEFAULT);

        server.send("POST", "/api/admin/projects/default/features/parent/environments/development/off", "");

        await("the parent counts", () -> serves(flags, Map.of(), "v1", RoutingReason.KILLED));
        server.send("DELETE", "/api/admin/projects/default/features/ml-model-version/dependencies", "");
    }

    @Test
    void a_server_that_stops_leaves_the_flags_in_force_and_is_noticed_when_it_is_back() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v2"));

        server.goDown();
        await("the loss is noticed", () -> flags.health().staleSince().isPresent());
        assertThat(flags.health().problem())
                .hasValueSatisfying(problem -> assertThat(problem)
                        .contains("Unleash at " + server.uri(), "connection refused", "stay in force"));
        assertServes(flags.route("user-1", Map.of()), "v2", RoutingReason.DEFAULT);

        server.comeUp();
        await("it is fresh again", () -> flags.health().staleSince().isEmpty());
        assertThat(flags.health().problem()).isEmpty();
        publish(FlagsDraft.serving("v3"));
        await("a change arrives", () -> serves(flags, "v3"));
    }

    @Test
    void counts_of_answers_arrive_where_they_are_wanted() throws Exception {
        publish(FlagsDraft.serving("v2").shadowMode("v4", true));
        try (ModelFlags flags = connect(UnleashServer.TOKEN, true)) {
            for (int i = 0; i < 7; i++) {
                flags.route("user-1", Map.of());
            }
        }

        await("the server has counted", () -> counted("ml-model-version", "v2") == 7);
        assertThat(counted("shadow-mode-v4", "disabled")).isEqualTo(7);
    }

    private static void publishServing(ObjectNode... strategies) throws Exception {
        Map<String, UnleashJson.Flag> flags = new LinkedHashMap<>(UnleashJson.flags(FlagsDraft.serving("v1")));
        flags.put("ml-model-version", new UnleashJson.Flag(true, List.of(strategies)));
        server.publish(flags);
    }

    private static List<String> served(ModelFlags flags, String version) {
        return IntStream.range(0, 10_000)
                .mapToObj(i -> "user-" + i)
                .filter(entity -> serves(flags, entity, version))
                .toList();
    }

    private static boolean serves(ModelFlags flags, String entity, String version) {
        return flags.route(entity, Map.of()).served().version().name().equals(version);
    }

    private static boolean serves(
            ModelFlags flags, Map<String, String> attributes, String version, RoutingReason reason) {
        Routing routing = flags.route("user-1", attributes);
        return routing.served().version().name().equals(version)
                && routing.served().reason() == reason;
    }

    private static int counted(String flag, String variant) {
        try {
            int count = 0;
            for (JsonNode row : server.send("GET", "/api/admin/client-metrics/features/" + flag + "/raw", "")
                    .path("data")) {
                count += row.path("variants").path(variant).asInt();
            }
            return count;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }
}
