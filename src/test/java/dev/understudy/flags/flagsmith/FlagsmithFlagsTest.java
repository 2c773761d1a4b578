package dev.understudy.flags.flagsmith;

import static dev.understudy.flags.flagsmith.EnvironmentJson.CANDIDATES;
import static dev.understudy.flags.flagsmith.EnvironmentJson.SERVING;
import static dev.understudy.flags.flagsmith.EnvironmentJson.condition;
import static dev.understudy.flags.flagsmith.EnvironmentJson.option;
import static dev.understudy.flags.flagsmith.EnvironmentJson.split;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.Routing;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FlagsmithFlagsTest {
    private static final String KEY = "ser.0123-very-secret";
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(700);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final int ENTITIES = 100_000;
    private FlagsmithStub service;

    @BeforeEach
    void startService() throws IOException {
        service = new FlagsmithStub();
        service.put(EnvironmentJson.of(FlagsDraft.serving("v2")));
    }

    @AfterEach
    void stopService() {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "/etc/passwd", "../v2", "", "v 2"})
    void text_that_is_no_version_serves_the_default_and_is_counted(String answer) throws Exception {
        assertNoVersion(answer);
    }

    @ParameterizedTest
    @ValueSource(doubles = {2, 2.5})
    void a_number_is_no_version(double answer) throws Exception {
        assertNoVersion(answer == 2 ? (Object) 2 : answer);
    }

    @Test
    void neither_is_nothing_or_a_switch() throws Exception {
        assertNoVersion(null);
        assertNoVersion(true);
    }

    private void assertNoVersion(@Nullable Object answer) throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        environment.flag(SERVING, true, answer);
        environment.flag(CANDIDATES, true, "v3");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            Routing first = flags.route("user-1", Map.of());
            flags.route("user-1", Map.of());

            assertThat(first.served().version().name()).isEqualTo("v1");
            assertThat(first.served().reason()).isEqualTo(RoutingReason.FALLBACK);
            assertThat(names(first)).isEqualTo("v3");
            assertThat(flags.health().unusableAnswers()).isEqualTo(2);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains(SERVING));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "v2                | v2    | 0",
                "[\"v2\",\"v3\"]   | v2,v3 | 0",
                "` [\"v3\"] `      | v3    | 0",
                "[\"v2\",\"v2\"]   | v2    | 0",
                "``                | ``    | 0",
                "[]                | ``    | 0",
                "[v2               | ``    | 1",
                "[\"v2\",\"..\",3] | v2    | 2",
                "../v2             | ``    | 1",
            })
    void candidates_come_as_a_version_or_a_json_array(String answer, String expected, long unusable) throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        environment.flag(SERVING, true, "v1");
        environment.flag(CANDIDATES, true, answer);
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(names(flags.route("user-1", Map.of()))).isEqualTo(expected);
            assertThat(flags.health().unusableAnswers()).isEqualTo(unusable);
        }
    }

    @Test
    void a_flag_of_a_version_is_a_switch_that_may_have_a_value() throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        environment.flag(SERVING, true, "v1");
        environment.flag("shadow-mode-v2", true, null);
        environment.flag("shadow-mode-v3", true, "true");
        environment.flag("shadow-mode-v4", true, true);
        environment.flag("shadow-mode-v5", true, false);
        environment.flag("shadow-mode-v6", false, true);
        environment.flag("shadow-mode-v7", true, "perhaps");
        option(environment.flag("shadow-mode-v8", true, "false"), 1, "true", 100);
        environment.flag("shadow-mode-..", true, null);
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("shadow-mode-.."));
            assertThat(names(flags.route("user-1", Map.of()))).isEqualTo("v2,v3,v4,v8");
            assertThat(flags.health().unusableAnswers()).isEqualTo(1);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("shadow-mode-v7", "must be a boolean flag"));
        }
    }

    @Test
    void off_in_the_environment_kills_also_those_for_whom_it_is_on_elsewhere() throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        environment.flag(SERVING, false, "v2");
        environment.flag(CANDIDATES, true, "v3");
        environment.override(environment.segment("eu", condition("EQUAL", "region", "eu")), SERVING, true, "v2");
        environment.target("user-1", SERVING, true, "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            for (String entity : List.of("user-1", "user-2")) {
                Routing routing = flags.route(entity, Map.of("region", "eu"));
                assertThat(routing.served().version().name()).isEqualTo("v1");
                assertThat(routing.served().reason()).isEqualTo(RoutingReason.KILLED);
                assertThat(routing.candidates()).isEmpty();
            }
            assertThat(flags.health().unusableAnswers()).isZero();
        }
    }

    @Test
    void off_for_a_segment_or_an_entity_kills_there_alone() throws Exception {
        EnvironmentJson environment =
                EnvironmentJson.of(FlagsDraft.serving("v2").candidates("v3"));
        environment.override(environment.segment("eu", condition("EQUAL", "region", "eu")), SERVING, false, "v2");
        environment.target("user-1", SERVING, false, "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of())).isEqualTo(RoutingReason.KILLED);
            assertThat(reason(flags, "user-2", Map.of("region", "eu"))).isEqualTo(RoutingReason.KILLED);
            assertThat(flags.route("user-1", Map.of()).candidates()).isEmpty();
            assertThat(reason(flags, "user-2", Map.of())).isEqualTo(RoutingReason.DEFAULT);
        }
    }

    @Test
    void a_project_that_hides_flags_that_are_off_kills_all_the_same() throws Exception {
        EnvironmentJson environment =
                EnvironmentJson.of(FlagsDraft.serving("v2").killed());
        ((ObjectNode) environment.document().get("project")).put("hide_disabled_flags", true);
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of())).isEqualTo(RoutingReason.KILLED);
        }
    }

    @Test
    void growing_a_split_segment_gives_the_share_asked_for_and_keeps_everybody_who_was_in() throws Exception {
        service.put(splitSegment("5"));
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of())).isEqualTo(RoutingReason.ROLLOUT);
            BitSet before = servedByV2(flags);
            assertShare(before, 5);
            for (int percent : List.of(25, 50, 100)) {
                AtomicInteger changes = new AtomicInteger();
                flags.onChange(changes::incrementAndGet);
                service.put(splitSegment(Integer.toString(percent)));
                until("the change arrives", () -> changes.get() == 1);
                BitSet now = servedByV2(flags);
                assertShare(now, percent);
                before.andNot(now);
                assertThat(before.cardinality()).isZero();
                before = now;
            }
        }
    }

    @Test
    void a_rule_that_takes_a_percentage_in_is_a_rule_and_the_rest_is_not() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1"));
        environment.override(
                environment.segment("10 % of eu", condition("EQUAL", "region", "eu"), split("10")),
                SERVING,
                true,
                "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            BitSet in = new BitSet();
            for (int i = 0; i < ENTITIES; i++) {
                Routing routing = flags.route("user-" + i, Map.of("region", "eu"));
                in.set(i, routing.served().reason() == RoutingReason.RULE);
                assertThat(routing.served().version().name()).isEqualTo(in.get(i) ? "v2" : "v1");
            }
            assertShare(in, 10);
        }
    }

    @Test
    void the_segment_of_the_first_priority_wins_and_a_split_counts_as_a_rollout() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1"));
        ObjectNode first = environment.segment("everybody", split("100"));
        ObjectNode second = environment.segment("eu", condition("EQUAL", "region", "eu"));
        environment.override(second, SERVING, true, "v3");
        environment.override(first, SERVING, true, "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            Routing routing = flags.route("user-1", Map.of("region", "eu"));
            assertThat(routing.served().version().name()).isEqualTo("v2");
            assertThat(routing.served().reason()).isEqualTo(RoutingReason.ROLLOUT);
        }
    }

    @Test
    void an_option_of_no_share_divides_nobody() throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        option(environment.flag(SERVING, true, "v1"), 1, "v2", 0);
        environment.flag(CANDIDATES, true, "[]");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of())).isEqualTo(RoutingReason.DEFAULT);
        }
    }

    @Test
    void the_identifier_and_the_environment_can_be_asked_for_and_attributes_do_not_pass_for_them() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1"));
        environment.override(
                environment.segment(
                        "two in production",
                        condition("IN", "$.identity.identifier", "user-1,user-2"),
                        condition("EQUAL", "$.environment.name", "Production")),
                SERVING,
                true,
                "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(served(flags, "user-2")).isEqualTo("v2");
            assertThat(served(flags, "user-3")).isEqualTo("v1");
            assertThat(flags.route("user-3", Map.of("$.identity.identifier", "user-1"))
                            .served()
                            .version()
                            .name())
                    .isEqualTo("v1");
        }
    }

    @Test
    void semantic_versions_can_be_compared() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1"));
        environment.override(
                environment.segment("new apps", condition("GREATER_THAN_INCLUSIVE", "app", "1.10.0:semver")),
                SERVING,
                true,
                "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of("app", "1.11.0"))).isEqualTo(RoutingReason.RULE);
            assertThat(reason(flags, "user-1", Map.of("app", "1.9.0"))).isEqualTo(RoutingReason.DEFAULT);
        }
    }

    @Test
    void attributes_of_one_question_do_not_count_in_the_next() throws Exception {
        EnvironmentJson environment =
                EnvironmentJson.of(FlagsDraft.serving("v1").rule("region", "eu", new FlagsDraft.Fixed("v3")));
        environment.target("user-1", CANDIDATES, true, "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of("region", "eu"))).isEqualTo(RoutingReason.RULE);
            assertThat(reason(flags, "user-1", Map.of("plan", "x"))).isEqualTo(RoutingReason.DEFAULT);
        }
    }

    @Test
    void naming_an_entity_in_one_flag_does_not_move_it_in_another() throws Exception {
        EnvironmentJson before = splitSegment("50");
        EnvironmentJson after = splitSegment("50");
        for (int i = 0; i < 200; i++) {
            after.target("user-" + i, CANDIDATES, true, "v9");
        }
        service.put(before);
        try (FlagsmithFlags flags = open()) {
            String sides = sidesOf200(flags);

            service.put(after);

            until(
                    "the change arrives",
                    () -> names(flags.route("user-0", Map.of())).equals("v9"));
            assertThat(sidesOf200(flags)).isEqualTo(sides).contains("v1", "v2");
        }
    }

    private static String sidesOf200(FlagsmithFlags flags) {
        StringBuilder sides = new StringBuilder();
        for (int i = 0; i < 200; i++) {
            sides.append(served(flags, "user-" + i));
        }
        return sides.toString();
    }

    @Test
    void an_entity_that_is_no_longer_named_is_forgotten() throws Exception {
        service.put(EnvironmentJson.of(FlagsDraft.serving("v1").target("v2", "user-1")));
        try (FlagsmithFlags flags = open()) {
            assertThat(served(flags, "user-1")).isEqualTo("v2");

            EnvironmentJson without = EnvironmentJson.of(FlagsDraft.serving("v1"));
            without.document().remove("identity_overrides");
            service.put(without);

            until("the change arrives", () -> served(flags, "user-1").equals("v1"));
        }
    }

    @Test
    void entities_of_every_page_are_known_and_the_key_goes_nowhere_else() throws Exception {
        EnvironmentJson first = EnvironmentJson.of(FlagsDraft.serving("v1").target("v2", "user-1"));
        EnvironmentJson second = EnvironmentJson.of(FlagsDraft.serving("v1").target("v2", "user-2"));
        second.document().retain("identity_overrides");
        EnvironmentJson third = EnvironmentJson.of(FlagsDraft.serving("v1").target("v3", "user-3"));
        third.target("user-1", CANDIDATES, true, "v9");
        service.putPages(first.toString(), second.toString(), third.toString());
        try (FlagsmithFlags flags = open()) {
            assertThat(List.of(served(flags, "user-1"), served(flags, "user-2"), served(flags, "user-3")))
                    .containsExactly("v2", "v2", "v3");
            assertThat(names(flags.route("user-1", Map.of())))
                    .as("of one entity on two pages")
                    .isEqualTo("v9");
        }
        assertThat(service.received().subList(0, 3).stream().map(FlagsmithStub.Received::line))
                .containsExactly(
                        "GET /api/v1/environment-document/",
                        "GET /api/v1/environment-document/?page_id=identity_override:1:1",
                        "GET /api/v1/environment-document/?page_id=identity_override:1:2");
    }

    @Test
    void a_segment_that_the_sdk_would_get_wrong_falls_back_is_counted_and_can_be_killed() throws Exception {
        EnvironmentJson environment = newerSegment(true);
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            long before = flags.health().unusableAnswers();

            Routing routing = flags.route("user-1", Map.of());

            assertThat(routing.served().version().name()).isEqualTo("v1");
            assertThat(routing.served().reason()).isEqualTo(RoutingReason.FALLBACK);
            assertThat(names(routing)).as("of the other flag").isEqualTo("v3");
            assertThat(flags.health().unusableAnswers()).isEqualTo(before + 1);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains(SERVING, "newer", "STARTS_WITH"));
            assertThat(flags.health().staleSince()).isEmpty();
            assertThat(reason(flags, "named", Map.of()))
                    .as("no segment counts for who is named")
                    .isEqualTo(RoutingReason.TARGET);

            service.put(newerSegment(false));

            until("the kill arrives", () -> reason(flags, "user-1", Map.of()) == RoutingReason.KILLED);
        }
    }

    private static EnvironmentJson newerSegment(boolean on) {
        FlagsDraft draft = FlagsDraft.serving("v2").candidates("v3");
        EnvironmentJson environment = EnvironmentJson.of(on ? draft : draft.killed());
        environment.override(
                environment.segment("newer", condition("STARTS_WITH", "region", "e")), SERVING, true, "v2");
        environment.target("named", SERVING, true, "v2");
        return environment;
    }

    @Test
    void a_condition_at_which_the_sdk_fails_falls_back_and_is_counted() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v2"));
        environment.override(
                environment.segment("recursive", condition("REGEX", "text", "(a|b)*c")), SERVING, true, "v2");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of("text", "ab".repeat(100_000))))
                    .isEqualTo(RoutingReason.FALLBACK);

            assertThat(flags.health().unusableAnswers()).isEqualTo(2);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("StackOverflowError"));
        }
    }

    @Test
    void a_share_without_ids_would_be_drawn_anew_with_every_document_and_falls_back() throws Exception {
        EnvironmentJson environment = new EnvironmentJson();
        ObjectNode state = option(environment.flag(SERVING, true, "v1"), 1, "v2", 50);
        state.remove(List.of("django_id", "featurestate_uuid"));
        environment.flag(CANDIDATES, true, "[]");
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            assertThat(reason(flags, "user-1", Map.of())).isEqualTo(RoutingReason.FALLBACK);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("no ids to divide by"));
        }
    }

    @Test
    void a_rollout_that_the_server_drew_anew_is_told() throws Exception {
        FlagsDraft draft = FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 30, "v1", 70));
        service.put(EnvironmentJson.of(draft));
        try (FlagsmithFlags flags = open()) {
            String before = sidesOf200(flags);
            EnvironmentJson redrawn = EnvironmentJson.of(draft);
            ((ObjectNode) redrawn.document().at("/feature_states/0")).put("django_id", 77);

            service.put(redrawn);

            until("it is told", () -> flags.health().problem().isPresent());
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains(SERVING, "entities have changed sides"));
            assertThat(sidesOf200(flags)).as("they have").isNotEqualTo(before);
        }
    }

    @Test
    void listeners_hear_of_what_concerns_our_flags_alone() throws Exception {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1"));
        service.put(environment);
        try (FlagsmithFlags flags = open()) {
            AtomicInteger changes = new AtomicInteger();
            flags.onChange(changes::incrementAndGet);
            environment.document().put("updated_at", "2026-11-22T11:00:00.000000+00:00");
            environment.flag("of-somebody-else", true, "x");
            environment.segment("of nobody", condition("STARTS_WITH", "region", "e"));
            int asked = service.received().size();

            service.put(environment);

            until("it is looked at", () -> service.received().size() > asked + 1);
            assertThat(changes).hasValue(0);
            service.put(EnvironmentJson.of(FlagsDraft.serving("v2")));
            until("a change that concerns us is heard", () -> changes.get() == 1);
        }
    }

    @Test
    void a_flag_that_is_deleted_falls_back_and_is_named() throws Exception {
        try (FlagsmithFlags flags = open()) {
            service.put(EnvironmentJson.of(FlagsDraft.serving("v2")).without(SERVING));

            until("the deletion arrives", () -> reason(flags, "user-1", Map.of()) == RoutingReason.FALLBACK);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("'ml-model-version' does not exist", "v1"));
        }
    }

    @Test
    void nobody_at_the_address_refuses_within_the_time() {
        service.goDown();
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open(SHORT).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Flagsmith at " + service.uri())
                .hasMessageContaining("within 700ms")
                .hasMessageContaining("network error")
                .hasMessageContaining("flags.flagsmith.base-uri")
                .hasMessageNotContaining(KEY);
        assertThat(Duration.ofNanos(System.nanoTime() - begin))
                .isBetween(Duration.ofMillis(500), Duration.ofSeconds(15));
    }

    @Test
    void a_service_that_never_answers_refuses_within_the_time() {
        service.fallSilent();
        assertNoAnswer();
    }

    @Test
    void a_service_that_never_ends_its_answer_refuses_within_the_time() {
        service.drip();
        assertNoAnswer();
    }

    private void assertNoAnswer() {
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open(SHORT).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("sent no flags within 700ms")
                .hasMessageContaining("no complete answer");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(10));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_key_that_is_refused_is_named_as_the_cause_and_not_shown(int status) {
        service.answerWith(status);
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open().close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Flagsmith at " + service.uri())
                .hasMessageContaining("HTTP " + status)
                .hasMessageContaining("the key was refused")
                .hasMessageContaining("flags.flagsmith.environment-key-file")
                .hasMessageNotContaining(KEY);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).as("at once").isLessThan(Duration.ofSeconds(15));
    }

    @ParameterizedTest
    @ValueSource(ints = {302, 404})
    void an_address_that_is_not_flagsmith_says_so(int status) {
        service.answerWith(status);

        assertThatThrownBy(() -> open().close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("HTTP " + status)
                .hasMessageContaining("is the API of a Flagsmith");
        assertThat(service.received()).as("the key is not carried elsewhere").hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<html>Sign in</html>",
                "[]",
                "{}",
                "{\"feature_states\": [",
                "{\"feature_states\": 7}",
                "null",
                ""
            })
    void an_answer_that_is_no_document_is_refused(String answer) {
        service.putPages(answer);

        assertThatThrownBy(() -> open(SHORT).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("no environment document of Flagsmith")
                .hasMessageNotContaining("Sign in");
    }

    @Test
    void a_flag_in_a_form_that_the_sdk_cannot_read_is_refused() {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v2"));
        ((ObjectNode) environment.document().at("/feature_states/0")).put("enabled", "perhaps");
        service.put(environment);

        assertThatThrownBy(() -> open(SHORT).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("cannot read the environment document")
                .hasMessageNotContaining("perhaps");
    }

    @Test
    void an_environment_without_the_flags_is_refused_by_their_names() {
        EnvironmentJson environment = new EnvironmentJson();
        environment.flag("another", true, "x");
        service.put(environment);

        assertThatThrownBy(() -> open(SHORT).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Flagsmith at " + service.uri())
                .hasMessageContaining("has no flag ml-model-version, shadow-candidates in")
                .hasMessageContaining("create them")
                .hasMessageContaining("shadow-mode-<version>");
    }

    @Test
    void the_missing_one_of_two_flags_is_named_by_the_configured_key() {
        EnvironmentJson environment = new EnvironmentJson();
        environment.flag("fraud-version", true, "v1");
        service.put(environment);

        assertThatThrownBy(() -> FlagsmithFlags.open(
                                settings(SHORT),
                                new FlagKeys("fraud-version", "fraud-candidates", "fraud-shadow-"),
                                new ModelVersion("v1"),
                                Clock.systemUTC())
                        .close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("has no flag fraud-candidates in")
                .hasMessageContaining("fraud-shadow-<version>");
    }

    @Test
    void a_flag_that_is_created_and_a_service_that_comes_back_while_starting_make_it_ready() throws Exception {
        service.answerWith(503);
        CompletableFuture<FlagsmithFlags> opening = CompletableFuture.supplyAsync(() -> {
            try {
                return open();
            } catch (FlagsUnavailableException e) {
                throw new IllegalStateException(e);
            }
        });
        until("it is asked", () -> !service.received().isEmpty());
        service.put(EnvironmentJson.of(FlagsDraft.serving("v3")).without(SERVING));
        service.answerWith(200);
        int asked = service.received().size();
        until("it is asked again", () -> service.received().size() > asked + 1);
        assertThat(opening).isNotDone();

        service.put(EnvironmentJson.of(FlagsDraft.serving("v3")));

        try (FlagsmithFlags flags = opening.join()) {
            assertThat(served(flags, "user-1")).isEqualTo("v3");
        }
    }

    @Test
    void polls_that_fail_are_stale_keep_the_answers_and_recover() throws Exception {
        Instant begin = Instant.now();
        try (FlagsmithFlags flags = open()) {
            assertThat(flags.health().staleSince()).isEmpty();

            service.goDown();

            until("the loss is noticed", () -> flags.health().staleSince().isPresent());
            FlagHealth stale = flags.health();
            assertThat(stale.staleSince())
                    .hasValueSatisfying(since -> assertThat(since).isBetween(begin, Instant.now()));
            assertThat(stale.problem())
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .contains("Flagsmith at " + service.uri(), "network error", "stay in force")
                            .doesNotContain(KEY));
            assertThat(served(flags, "user-1")).isEqualTo("v2");

            service.put(EnvironmentJson.of(FlagsDraft.serving("v3")));
            service.comeBack();

            until(
                    "what changed meanwhile arrives",
                    () -> served(flags, "user-1").equals("v3"));
            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
            assertThat(flags.health().problem()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 413, 429, 500, 503})
    void a_service_that_refuses_is_asked_once_a_poll_and_recovers(int status) throws Exception {
        try (FlagsmithFlags flags = open()) {
            service.answerWith(status);
            until("it is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("HTTP " + status));
            Optional<Instant> since = flags.health().staleSince();
            int asked = service.received().size();
            until("it is asked again", () -> service.received().size() > asked + 3);
            assertThat(flags.health().staleSince()).as("since when").isEqualTo(since);

            service.answerWith(200);

            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
        }
    }

    @Test
    void a_service_that_falls_silent_is_stale_and_keeps_the_answers() throws Exception {
        try (FlagsmithFlags flags = open()) {
            service.fallSilent();

            until("it is noticed", () -> flags.health().staleSince().isPresent());

            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("no complete answer within 1s"));
            assertThat(served(flags, "user-1")).isEqualTo("v2");
        }
    }

    @Test
    void a_document_that_cannot_be_used_keeps_the_answers_and_recovers() throws Exception {
        try (FlagsmithFlags flags = open()) {
            service.putPages("<html>");
            until("it is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(served(flags, "user-1")).isEqualTo("v2");

            service.put(EnvironmentJson.of(FlagsDraft.serving("v2")));

            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
        }
    }

    @Test
    void nothing_leaves_the_process_but_the_request_for_the_flags() throws Exception {
        service.put(splitSegment("50"));
        try (FlagsmithFlags flags = open()) {
            for (int i = 0; i < 10_000; i++) {
                flags.route("entity-" + i, Map.of("region", "attribute-value"));
            }
        }

        List<FlagsmithStub.Received> received = service.received();
        assertThat(received).isNotEmpty();
        assertThat(received).allSatisfy(request -> {
            assertThat(request.line()).isEqualTo("GET /api/v1/environment-document/");
            assertThat(request.body()).isEmpty();
            assertThat(request.headers().get("X-environment-key")).containsExactly(KEY);
            assertThat(request.toString()).doesNotContain("entity-", "attribute-value");
        });
    }

    @Test
    void closing_ends_the_thread_that_polls_also_in_the_middle_of_a_question() throws Exception {
        FlagsmithFlags flags = open();
        service.fallSilent();
        int asked = service.received().size();
        until("a question is under way", () -> service.received().size() > asked + 1);
        assertThat(pollers()).isPositive();
        long begin = System.nanoTime();

        flags.close();

        until("the thread ends", () -> pollers() == 0);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    private static long pollers() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("flags-flagsmith"))
                .count();
    }

    @Test
    void settings_name_the_key_and_hide_the_secret() {
        URI uri = URI.create("http://user:hidden-word@flagsmith");
        assertThat(settings(BOUND).toString()).doesNotContain(KEY).contains("not shown");
        assertThatThrownBy(() -> FlagsmithSettings.of("ser.secret\nx"))
                .hasMessageContaining("flags.flagsmith.environment-key-file")
                .hasMessageNotContaining("ser.secret");
        assertThatThrownBy(() -> FlagsmithSettings.of("AbCdEf"))
                .hasMessageContaining("server-side key")
                .hasMessageNotContaining("AbCdEf");
        assertThatThrownBy(() -> new FlagsmithSettings(KEY, Optional.of(uri), POLL, BOUND, Optional.empty()))
                .hasMessageContaining("flags.flagsmith.base-uri")
                .hasMessageNotContaining("hidden-word");
        assertThatThrownBy(() -> new FlagsmithSettings(
                        KEY, Optional.of(URI.create("flagsmith:80")), POLL, BOUND, Optional.empty()))
                .hasMessageContaining("http://flagsmith:8000/api/v1/, was flagsmith:80");
        assertThatThrownBy(() -> new FlagsmithSettings(KEY, Optional.empty(), Duration.ZERO, BOUND, Optional.empty()))
                .hasMessage("flags.flagsmith.poll-interval must be positive, was PT0S");
        assertThatThrownBy(() -> new FlagsmithSettings(KEY, Optional.empty(), POLL, Duration.ZERO, Optional.empty()))
                .hasMessage("flags.startup-timeout must be positive, was PT0S");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://f.example.com/api/v1", "https://f.example.com/api/v1/"})
    void the_base_uri_may_end_with_a_slash_or_not(String uri) {
        assertThat(new FlagsmithSettings(KEY, Optional.of(URI.create(uri)), POLL, BOUND, Optional.empty())
                        .documentUri())
                .isEqualTo(URI.create("https://f.example.com/api/v1/environment-document/"));
        assertThat(FlagsmithSettings.of(KEY).documentUri())
                .isEqualTo(URI.create("https://edge.api.flagsmith.com/api/v1/environment-document/"));
    }

    private static EnvironmentJson splitSegment(String percent) {
        EnvironmentJson environment = EnvironmentJson.of(FlagsDraft.serving("v1"));
        environment.override(environment.segment("rollout", split(percent)), SERVING, true, "v2");
        return environment;
    }

    private FlagsmithFlags open() throws FlagsUnavailableException {
        return open(BOUND);
    }

    private FlagsmithFlags open(Duration timeout) throws FlagsUnavailableException {
        return FlagsmithFlags.open(settings(timeout), FlagKeys.standard(), new ModelVersion("v1"), Clock.systemUTC());
    }

    private FlagsmithSettings settings(Duration timeout) {
        return new FlagsmithSettings(KEY, Optional.of(service.uri()), POLL, timeout, Optional.empty());
    }

    private static BitSet servedByV2(FlagsmithFlags flags) {
        BitSet served = new BitSet(ENTITIES);
        for (int i = 0; i < ENTITIES; i++) {
            served.set(i, served(flags, "user-" + i).equals("v2"));
        }
        return served;
    }

    private static void assertShare(BitSet served, int percent) {
        assertThat(100.0 * served.cardinality() / ENTITIES)
                .as("share in percent")
                .isBetween(percent - 0.3, percent + 0.3);
    }

    private static String names(Routing routing) {
        return routing.candidates().stream().map(ModelVersion::name).collect(Collectors.joining(","));
    }

    private static RoutingReason reason(FlagsmithFlags flags, String entityId, Map<String, String> attributes) {
        return flags.route(entityId, attributes).served().reason();
    }

    private static String served(FlagsmithFlags flags, String entityId) {
        return flags.route(entityId, Map.of()).served().version().name();
    }

    private static void until(String what, BooleanSupplier condition) {
        Await.until(what, BOUND, condition);
    }
}
