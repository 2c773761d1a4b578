package dev.understudy.flags.unleash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.broker.TestKafka;
import dev.understudy.cli.Main;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.plan.ApiCall;
import dev.understudy.flags.plan.FlagChange;
import dev.understudy.flags.plan.FlagPlan;
import dev.understudy.flags.plan.FlagPlanException;
import dev.understudy.flags.plan.FlagWriteException;
import dev.understudy.flags.plan.ShareCheck;
import dev.understudy.flags.plan.ShareProbe;
import dev.understudy.flags.plan.WriteToken;
import dev.understudy.process.JvmCommand;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Changes of the serving flag, made on a real Unleash server. */
class UnleashPlanIT {
    private static final String KEY = "ml-model-version";
    private static final ModelVersion V1 = new ModelVersion("v1");
    private static final Duration BOUND = Duration.ofSeconds(60);

    @RegisterExtension
    static final TestKafka kafka = new TestKafka();

    private static UnleashServer server;

    @TempDir
    Path folder;

    @BeforeAll
    static void startServer() throws Exception {
        server = UnleashServer.start();
    }

    @AfterAll
    static void stopServer() throws Exception {
        if (server != null) {
            server.close();
        }
    }

    private static UnleashFlagWriter writer() {
        return writer(UnleashServer.ADMIN_TOKEN);
    }

    private static UnleashFlagWriter writer(String token) {
        return new UnleashFlagWriter(
                new UnleashAdmin(server.uri(), "default", "development"),
                Optional.of(new WriteToken(token)),
                V1,
                Duration.ofMillis(200));
    }

    private static FlagChange to(String candidate, int percent) {
        return new FlagChange.Share(KEY, new ModelVersion(candidate), V1, percent);
    }

    private static void publishServing(ObjectNode... strategies) throws Exception {
        Map<String, UnleashJson.Flag> flags = new LinkedHashMap<>(UnleashJson.flags(FlagsDraft.serving("v1")));
        flags.put(KEY, new UnleashJson.Flag(true, List.of(strategies)));
        server.publish(flags);
    }

    private static ModelFlags open() throws Exception {
        return UnleashFlags.open(
                new UnleashSettings(
                        server.uri(),
                        UnleashServer.TOKEN,
                        "understudy-test",
                        Duration.ofMillis(200),
                        Duration.ofSeconds(20),
                        Optional.empty(),
                        false),
                FlagKeys.standard(),
                V1);
    }

    /** Plans and makes it, and returns once clients divide as planned; nobody may have moved needlessly. */
    private static void assertMade(FlagChange change, String now, String then) throws Exception {
        UnleashFlagWriter writer = writer();
        try (ModelFlags flags = open()) {
            ShareProbe before = ShareProbe.of(flags);
            FlagPlan plan = writer.plan(change);
            assertThat(plan.now().orElseThrow()).hasToString(now);
            assertThat(plan.then().orElseThrow()).hasToString(then);
            assertThat(plan.moved()).isEmpty();

            writer.apply(plan);

            ShareProbe after = ShareProbe.await(
                    flags, BOUND, seen -> ShareCheck.of(plan, before, seen).isRight());
            assertThat(ShareCheck.of(plan, before, after).problems()).isEmpty();
        }
        assertThat(writer.plan(change).steps()).as("nothing is left to do").isEmpty();
    }

    private static void assertRefused(FlagChange change, String... why) {
        assertThatThrownBy(() -> writer().plan(change))
                .isInstanceOf(FlagPlanException.class)
                .message()
                .contains(why);
    }

    @Test
    void a_gradual_rollout_with_one_variant_grows_and_shrinks() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)));
        assertMade(to("v2", 25), "v1 95 %, v2 5 %", "v1 75 %, v2 25 %");
        assertMade(to("v2", 100), "v1 75 %, v2 25 %", "v2 100 %");
        assertMade(to("v2", 0), "v2 100 %", "v1 100 %");
    }

    @Test
    void a_gradual_rollout_before_the_one_for_all_others_grows() throws Exception {
        publishServing(
                UnleashJson.where(
                        UnleashJson.rollout(KEY, 100, UnleashJson.variant("v3", 1000)), "region", List.of("eu")),
                UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)),
                UnleashJson.rollout(KEY, 100, UnleashJson.variant("v1", 1000)));
        assertMade(to("v2", 25), "v1 95 %, v2 5 %", "v1 75 %, v2 25 %");
    }

    @Test
    void a_flag_that_serves_production_gets_a_variant_and_one_without_strategies_for_all_a_strategy() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 100, UnleashJson.variant("v1", 1000)));
        assertMade(to("v2", 5), "v1 100 %", "v1 95 %, v2 5 %");

        publishServing(UnleashJson.where(
                UnleashJson.rollout(KEY, 100, UnleashJson.variant("v3", 1000)), "region", List.of("eu")));
        assertMade(to("v2", 5), "v1 100 %", "v1 95 %, v2 5 %");
    }

    @Test
    void two_candidates_grow_by_turns_and_leave_each_other_alone() throws Exception {
        publishServing(UnleashJson.rollout(
                KEY,
                100,
                UnleashJson.variant("a", 50, "string", "v2"),
                UnleashJson.variant("b", 825, "string", "v1"),
                UnleashJson.variant("c", 125, "string", "v3")));
        assertMade(to("v2", 25), "v1 82.5 %, v2 5 %, v3 12.5 %", "v1 62.5 %, v2 25 %, v3 12.5 %");
        assertMade(to("v3", 50), "v1 62.5 %, v2 25 %, v3 12.5 %", "v1 25 %, v2 25 %, v3 50 %");
        assertRefused(to("v2", 60), "110 % together");
    }

    @Test
    void names_in_which_one_candidate_pushes_the_other_are_noticed() throws Exception {
        publishServing(UnleashJson.rollout(
                KEY,
                100,
                UnleashJson.variant("v1", 800),
                UnleashJson.variant("v2", 100),
                UnleashJson.variant("v3", 100)));
        assertThat(writer().plan(to("v3", 25)).moved()).containsExactly(new ModelVersion("v2"));
    }

    @Test
    void the_switch_goes_off_once_and_shares_are_refused_then() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 25, UnleashJson.variant("v2", 1000)));
        try (ModelFlags flags = open()) {
            writer().apply(writer().plan(new FlagChange.Kill(KEY)));
            assertThat(ShareProbe.await(flags, BOUND, ShareProbe::isKilled).isKilled())
                    .isTrue();
        }
        writer().apply(writer().plan(new FlagChange.Kill(KEY)));
        assertRefused(to("v2", 50), "is off in Unleash at", "switch it on, there");
    }

    @Test
    void layouts_that_it_does_not_know_are_refused() throws Exception {
        publishServing(
                UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)),
                UnleashJson.rollout(KEY, 10, UnleashJson.variant("v3", 1000)));
        assertRefused(to("v2", 25), "shares depend on each other", "By hand");
        publishServing(UnleashJson.rollout(KEY, 5, UnleashJson.variant("v3", 1000)));
        assertRefused(to("v2", 25), "is of v3, not of v2");
        publishServing(UnleashJson.rollout(KEY, 5));
        assertRefused(to("v2", 25), "without variants");
        publishServing(UnleashJson.rollout(
                KEY, 100, UnleashJson.variant("a", 950, "csv", "v1"), UnleashJson.variant("b", 50)));
        assertRefused(to("v2", 25), "payload of its variant 'a' is no text");
    }

    /** The patch itself says what it expects, also to those who copy it. */
    @Test
    void a_patch_of_what_others_changed_meanwhile_changes_nothing() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)));
        FlagPlan old = writer().plan(to("v2", 25));
        writer().apply(writer().plan(to("v2", 50)));

        assertThatThrownBy(() -> writer().apply(old))
                .isInstanceOf(FlagWriteException.class)
                .hasMessageContaining("changed by others meanwhile");
        assertThat(shell(((ApiCall) old.steps().get(0)).curl()).exit()).isNotZero();
        assertThat(writer().plan(to("v2", 50)).steps()).isEmpty();
    }

    @Test
    void the_command_that_is_shown_makes_the_change() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)));
        Ran patched = shell(((ApiCall) writer().plan(to("v2", 25)).steps().get(0)).curl());
        assertThat(patched.exit()).as(patched.text()).isZero();
        assertThat(writer().plan(to("v2", 25)).steps()).isEmpty();

        Ran killed =
                shell(((ApiCall) writer().plan(new FlagChange.Kill(KEY)).steps().get(0)).curl());
        assertThat(killed.exit()).as(killed.text()).isZero();
        assertRefused(to("v2", 50), "is off");
    }

    @Test
    void a_token_that_may_not_is_refused_and_not_shown() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)));
        for (String token : List.of("*:*.unknown-to-the-server", UnleashServer.TOKEN)) {
            assertThatThrownBy(() -> writer(token).plan(to("v2", 25)))
                    .isInstanceOf(FlagPlanException.class)
                    .hasMessageContaining(WriteToken.VARIABLE)
                    .hasMessageNotContaining(token);
        }
    }

    /** As it is used: a process of its own, the token in its environment. */
    @Test
    void the_command_line_steps_up_and_kills() throws Exception {
        publishServing(UnleashJson.rollout(KEY, 5, UnleashJson.variant("v2", 1000)));
        Path token = Files.writeString(folder.resolve("token"), UnleashServer.TOKEN);
        Path config = Files.writeString(folder.resolve("understudy.yaml"), """
                kafka: {bootstrap-servers: '%s', topic-prefix: '%s.', partitions: 2}
                registry: {urls: ['%s']}
                flags: {source: unleash, unleash: {url: '%s', token-file: '%s', poll-interval: 1s}}
                """.formatted(
                kafka.bootstrapServers(), kafka.uniqueName("unleash-plan"), kafka.registryUrl(), server.uri(), token));
        assertThat(understudy(config, "topics", "create").exit()).isZero();

        Ran refused = understudy(config, "flags", "plan", "--candidate", "v2", "--stage", "25", "--apply");
        assertThat(refused.exit()).isEqualTo(1);
        assertThat(refused.text()).contains("Refused, nothing was changed: not READY: no decision on candidate v2");

        Ran stepped = understudy(config, "flags", "plan", "--candidate", "v2", "--stage", "25", "--force", "--apply");
        assertThat(stepped.exit()).as(stepped.text()).isZero();
        assertThat(stepped.text())
                .contains("now:       v1 95 %, v2 5 %", "then:      v1 75 %, v2 25 %")
                .contains("Epoch 1: fraud/v1/v2 at 25 %", "25 % ± 1.23 is expected", "that v2 served stay with it")
                .doesNotContain(UnleashServer.ADMIN_TOKEN);

        Ran killed = understudy(config, "flags", "plan", "--candidate", "v2", "--stage", "kill", "--apply");
        assertThat(killed.exit()).as(killed.text()).isZero();
        assertThat(killed.text())
                .contains("Measured: everybody gets the default version", "Epoch 1 of fraud/v1/v2, 25 %, has ended.")
                .doesNotContain(UnleashServer.ADMIN_TOKEN);
        Files.writeString(Path.of("target/unleash/plan.txt"), stepped.text() + killed.text());
    }

    private record Ran(int exit, String text) {}

    private static Ran understudy(Path config, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(JvmCommand.of(Main.class, 256)
                .withArguments(Stream.concat(Stream.of(arguments), Stream.of("-c", config.toString()))
                        .toArray(String[]::new))
                .words());
        return run(new ProcessBuilder(words));
    }

    private static Ran shell(String command) throws Exception {
        return run(new ProcessBuilder("sh", "-c", command));
    }

    private static Ran run(ProcessBuilder builder) throws Exception {
        builder.environment().put(WriteToken.VARIABLE, UnleashServer.ADMIN_TOKEN);
        Process process = builder.redirectErrorStream(true).start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return new Ran(process.waitFor(), text);
    }
}
