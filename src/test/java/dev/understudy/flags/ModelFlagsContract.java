package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every source of flags must do alike. */
public abstract class ModelFlagsContract {
    protected static final ModelVersion DEFAULT = new ModelVersion("v1");
    private final List<ModelFlags> opened = new ArrayList<>();

    /** Makes these the flags of the source; instances that are open will notice. */
    protected abstract void publish(FlagsDraft flags) throws Exception;

    /** Another instance on the same source. */
    protected abstract ModelFlags connect() throws Exception;

    protected final ModelFlags open(FlagsDraft flags) throws Exception {
        publish(flags);
        return open();
    }

    protected final ModelFlags open() throws Exception {
        ModelFlags instance = connect();
        opened.add(instance);
        return instance;
    }

    @AfterEach
    final void closeInstances() {
        opened.forEach(ModelFlags::close);
    }

    protected static void await(String what, BooleanSupplier condition) {
        Await.until(what, Duration.ofSeconds(30), condition);
    }

    protected static List<String> names(Routing routing) {
        return routing.candidates().stream().map(ModelVersion::name).toList();
    }

    protected static void assertServes(Routing routing, String version, RoutingReason reason) {
        assertThat(routing.served().version().name()).isEqualTo(version);
        assertThat(routing.served().reason()).isEqualTo(reason);
    }

    @Test
    void a_fixed_answer_is_the_default_reason() throws Exception {
        Routing routing = open(FlagsDraft.serving("v2")).route("user-1", Map.of());

        assertServes(routing, "v2", RoutingReason.DEFAULT);
        assertThat(routing.served().variation()).isEqualTo("v2");
        assertThat(routing.served().flagKey()).isEqualTo("ml-model-version");
        assertThat(routing.candidates()).isEmpty();
    }

    @Test
    void a_target_wins_over_a_rule_and_a_rule_over_the_rest() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1")
                .target("v2", "user-42", "user-43")
                .rule("region", "eu", new FlagsDraft.Fixed("v3")));

        assertServes(flags.route("user-42", Map.of("region", "eu")), "v2", RoutingReason.TARGET);
        assertServes(flags.route("user-43", Map.of()), "v2", RoutingReason.TARGET);
        assertServes(flags.route("user-44", Map.of("region", "eu", "plan", "x")), "v3", RoutingReason.RULE);
        assertServes(flags.route("user-44", Map.of("region", "us")), "v1", RoutingReason.DEFAULT);
        assertServes(flags.route("user-44", Map.of()), "v1", RoutingReason.DEFAULT);
    }

    @Test
    void killed_serves_the_default_to_everybody_and_shadows_nothing() throws Exception {
        FlagsDraft alive = FlagsDraft.serving("v2")
                .target("v3", "user-42")
                .rule("region", "eu", new FlagsDraft.Fixed("v3"))
                .candidates("v3")
                .shadowMode("v4", true);
        ModelFlags flags = open(alive);
        assertThat(names(flags.route("user-42", Map.of("region", "eu")))).containsExactly("v3", "v4");

        publish(alive.killed());

        await("the kill arrives", () -> flags.route("user-1", Map.of()).served().reason() == RoutingReason.KILLED);
        for (String entity : List.of("user-1", "user-42")) {
            Routing routing = flags.route(entity, Map.of("region", "eu"));
            assertServes(routing, "v1", RoutingReason.KILLED);
            assertThat(routing.candidates()).isEmpty();
        }
        assertThat(flags.health().unusableAnswers()).isZero();
    }

    @Test
    void a_change_is_visible_and_the_listener_hears_of_it() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1"));
        assertServes(flags.route("user-1", Map.of()), "v1", RoutingReason.DEFAULT);
        AtomicReference<String> heard = new AtomicReference<>("");
        flags.onChange(() ->
                heard.set(flags.route("user-1", Map.of()).served().version().name()));

        publish(FlagsDraft.serving("v2"));

        await("the listener, when called, sees the new answer", () -> "v2".equals(heard.get()));
        assertServes(flags.route("user-1", Map.of()), "v2", RoutingReason.DEFAULT);
    }

    @Test
    void a_listener_that_fails_does_not_stop_later_changes() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1"));
        flags.onChange(() -> {
            throw new IllegalStateException("on purpose");
        });

        publish(FlagsDraft.serving("v2"));
        await("the first change arrives", () -> serves(flags, "v2"));
        publish(FlagsDraft.serving("v3"));

        await("the second change arrives", () -> serves(flags, "v3"));
        assertThat(flags.health().staleSince()).isEmpty();
    }

    @Test
    void candidates_keep_the_order_of_their_flag() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").candidates("v3", "v2"));

        assertThat(names(flags.route("user-1", Map.of()))).containsExactly("v3", "v2");
    }

    @Test
    void a_candidates_flag_that_is_off_names_none() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").candidates("v3", "v2").candidatesOff());

        assertThat(flags.route("user-1", Map.of()).candidates()).isEmpty();
        assertThat(flags.health().unusableAnswers()).isZero();
    }

    @Test
    void the_flag_of_a_version_decides_alone_about_it() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1")
                .candidates("v2", "v3")
                .shadowMode("v2", false)
                .shadowMode("v4", true));

        assertThat(names(flags.route("user-1", Map.of()))).containsExactly("v3", "v4");
    }

    @Test
    void an_entity_without_id_gets_the_default_and_is_counted() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v2"));

        assertServes(flags.route("", Map.of()), "v1", RoutingReason.FALLBACK);
        assertServes(flags.route("", Map.of()), "v1", RoutingReason.FALLBACK);

        // The serving and the candidates flag each, also where the answer was remembered.
        assertThat(flags.health().unusableAnswers()).isEqualTo(4);
        assertThat(flags.health().problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("the entity id is empty"));
    }

    @Test
    void attributes_named_like_the_contexts_own_do_not_break_stickiness() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").target("v2", "user-42"));
        Map<String, String> odd =
                Map.of("key", "other", "kind", "device", "anonymous", "true", "_meta", "x", "name", "n", "", "empty");

        assertServes(flags.route("user-42", odd), "v2", RoutingReason.TARGET);
        assertServes(flags.route("other", odd), "v1", RoutingReason.DEFAULT);
    }

    @Test
    void a_callers_map_may_change_after_the_call() throws Exception {
        ModelFlags flags = open(FlagsDraft.serving("v1").rule("region", "eu", new FlagsDraft.Fixed("v3")));
        Map<String, String> attributes = new HashMap<>(Map.of("region", "us"));
        assertServes(flags.route("user-1", attributes), "v1", RoutingReason.DEFAULT);

        attributes.put("region", "eu");

        assertServes(flags.route("user-1", attributes), "v3", RoutingReason.RULE);
        assertServes(flags.route("user-1", Map.of("region", "us")), "v1", RoutingReason.DEFAULT);
    }

    @Test
    void a_source_that_is_well_says_so() throws Exception {
        FlagHealth health = open(FlagsDraft.serving("v1")).health();

        assertThat(health.staleSince()).isEmpty();
        assertThat(health.problem()).isEmpty();
        assertThat(health.unusableAnswers()).isZero();
        assertThat(health.source()).isNotBlank();
    }

    protected static boolean serves(ModelFlags flags, String version) {
        return flags.route("user-1", Map.of()).served().version().name().equals(version);
    }
}
