package dev.understudy.flags.unleash;

import static dev.understudy.flags.unleash.UnleashJson.rollout;
import static dev.understudy.flags.unleash.UnleashJson.variant;
import static dev.understudy.flags.unleash.UnleashJson.where;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import dev.understudy.flags.Backup;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.Routing;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnleashFlagsTest {
    private static final String TOKEN = "*:development.0123-very-secret";
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);
    private UnleashStub server;

    @TempDir
    Path folder;

    @BeforeEach
    void startServer() throws IOException {
        server = new UnleashStub();
        server.put(UnleashJson.flags(FlagsDraft.serving("v2")));
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"..", "/etc/passwd", "", "v 2", "[\"v2\"]", "{\"version\":\"v2\"}", "v2/../v1"})
    void a_payload_that_is_no_version_serves_the_default_and_is_counted(String payload) throws Exception {
        serve(rollout("g", 100, variant("v2", 1000, "string", payload)));
        try (UnleashFlags flags = open()) {
            Routing first = flags.route("user-1", Map.of());
            flags.route("user-1", Map.of());

            assertServes(first, "v1", RoutingReason.FALLBACK);
            assertThat(first.candidates()).containsExactly(new ModelVersion("v9"));
            assertThat(flags.health().unusableAnswers()).isEqualTo(2);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("ml-model-version"));
        }
    }

    @Test
    void the_payload_wins_over_the_name_and_the_name_is_enough() throws Exception {
        serve(
                where(rollout("g", 100, variant("slow", 1000, "string", "v3")), "region", List.of("eu")),
                where(rollout("g", 100, variant("quick", 1000, "number", "2.5")), "region", List.of("us")),
                rollout("g", 100, variant("v4", 1000)));
        try (UnleashFlags flags = open()) {
            assertServes(flags.route("user-1", Map.of("region", "eu")), "v3", RoutingReason.RULE);
            assertServes(flags.route("user-1", Map.of("region", "us")), "2.5", RoutingReason.RULE);
            Routing other = flags.route("user-1", Map.of());
            assertServes(other, "v4", RoutingReason.DEFAULT);
            assertThat(other.served().variation()).isEqualTo("v4");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "string | v2                 | v2    | 0",
                "json   | [\"v2\",\"v3\"]    | v2,v3 | 0",
                "string | ` [\"v3\"] `       | v3    | 0",
                "csv    | v2, v3,v2          | v2,v3 | 0",
                "csv    | ``                 | ``    | 0",
                "string | ``                 | ``    | 0",
                "json   | []                 | ``    | 0",
                "json   | [v2                | ``    | 1",
                "json   | [\"v2\",\"..\",3]  | v2    | 2",
                "csv    | v2,../v3           | v2    | 1",
                "string | v2, v3             | ``    | 1",
            })
    void candidates_come_as_a_version_a_json_array_or_a_list(
            String type, String payload, String expected, long unusable) throws Exception {
        put("shadow-candidates", rollout("g", 100, variant("v7", 1000, type, payload)));
        try (UnleashFlags flags = open()) {
            Routing routing = flags.route("user-1", Map.of());

            assertThat(String.join(",", names(routing))).isEqualTo(expected);
            assertThat(flags.health().unusableAnswers()).isEqualTo(unusable);
        }
    }

    @Test
    void a_strategy_without_variants_serves_the_default_and_says_what_to_do() throws Exception {
        serve(rollout("g", 100));
        try (UnleashFlags flags = open()) {
            assertFallsBack(flags, Map.of(), "has a strategy without variants");
        }
    }

    @Test
    void where_no_strategy_matches_the_default_serves_and_shadows_go_on() throws Exception {
        serve(where(rollout("g", 100, variant("v3", 1000)), "region", List.of("eu")));
        try (UnleashFlags flags = open()) {
            Routing routing = flags.route("user-1", Map.of());

            assertServes(routing, "v1", RoutingReason.DEFAULT);
            assertThat(names(routing)).containsExactly("v9");
            assertThat(flags.health().unusableAnswers()).isZero();
            assertThat(flags.health().problem()).isEmpty();
        }
    }

    @Test
    void a_share_decides_also_for_those_whom_a_later_strategy_serves() throws Exception {
        serve(
                where(rollout("g", 100, variant("v4", 1000)), "region", List.of("eu")),
                rollout("g", 30, variant("v3", 1000)),
                rollout("g", 100, variant("v2", 1000)));
        try (UnleashFlags flags = open()) {
            Map<String, Long> served = IntStream.range(0, 1_000)
                    .mapToObj(i -> flags.route("user-" + i, Map.of()).served())
                    .peek(decision -> assertThat(decision.reason()).isEqualTo(RoutingReason.ROLLOUT))
                    .collect(
                            Collectors.groupingBy(decision -> decision.version().name(), Collectors.counting()));

            assertThat(served).containsOnlyKeys("v2", "v3");
            assertThat(served.get("v3")).isBetween(250L, 350L);
            assertServes(flags.route("user-1", Map.of("region", "eu")), "v4", RoutingReason.RULE);
        }
    }

    @Test
    void the_old_strategy_of_user_ids_is_a_target() throws Exception {
        ObjectNode named = UnleashJson.rollout("g", 100, variant("v3", 1000)).put("name", "userWithId");
        named.putObject("parameters").put("userIds", "user-41, user-42");
        serve(named, rollout("g", 100, variant("v2", 1000)));
        try (UnleashFlags flags = open()) {
            assertServes(flags.route("user-42", Map.of()), "v3", RoutingReason.TARGET);
            assertServes(flags.route("user-43", Map.of()), "v2", RoutingReason.DEFAULT);
        }
    }

    @Test
    void variants_of_the_flag_itself_as_older_servers_have_them_are_served() throws Exception {
        serve(rollout("g", 100));
        change(
                "/features/0",
                flag -> flag.putArray("variants").add(variant("v2", 500)).add(variant("v3", 500)));
        try (UnleashFlags flags = open()) {
            Routing routing = flags.route("user-1", Map.of());
            assertThat(routing.served().reason()).isEqualTo(RoutingReason.ROLLOUT);
            assertThat(routing.served().version().name()).isIn("v2", "v3");
            assertThat(names(routing)).containsExactly("v9");
        }
    }

    @Test
    void a_prerequisite_that_is_not_met_kills() throws Exception {
        Map<String, UnleashJson.Flag> flagsAndGate = UnleashJson.flags(FlagsDraft.serving("v2"));
        for (boolean on : List.of(true, false)) {
            flagsAndGate.put("gate", new UnleashJson.Flag(on, List.of(rollout("gate", 100))));
            server.put(flagsAndGate);
            change(
                    "/features/0",
                    flag -> flag.putArray("dependencies")
                            .addObject()
                            .put("feature", "gate")
                            .put("enabled", true));
            try (UnleashFlags flags = open()) {
                assertServes(
                        flags.route("user-1", Map.of()),
                        on ? "v2" : "v1",
                        on ? RoutingReason.DEFAULT : RoutingReason.KILLED);
            }
        }
    }

    @Test
    void a_rollout_at_random_is_not_used() throws Exception {
        serve(stickyBy("random", rollout("g", 50, variant("v2", 1000))), rollout("g", 100, variant("v3", 1000)));
        try (UnleashFlags flags = open()) {
            assertFallsBack(flags, Map.of(), "divides at random");
        }
        serve(stickyBy("random", rollout("g", 100, variant("v2", 500), variant("v3", 500))));
        try (UnleashFlags flags = open()) {
            assertFallsBack(flags, Map.of(), "divides at random");
        }
        serve(stickyBy("random", rollout("g", 100, variant("v2", 1000))));
        try (UnleashFlags flags = open()) {
            assertServes(flags.route("user-1", Map.of()), "v2", RoutingReason.DEFAULT);
        }
    }

    @Test
    void a_rollout_by_what_the_request_lacks_is_not_used_and_nobody_else_is_disturbed() throws Exception {
        serve(
                where(
                        stickyBy("account", rollout("g", 50, variant("v2", 500), variant("v3", 500))),
                        "region",
                        List.of("eu")),
                rollout("g", 100, variant("v4", 1000)));
        try (UnleashFlags flags = open()) {
            assertFallsBack(flags, Map.of("region", "eu"), "divides by 'account', which the request lacks");
            assertFallsBack(flags, Map.of("region", "eu", "account", ""), "divides by 'account'");
            assertServes(flags.route("user-1", Map.of("region", "us")), "v4", RoutingReason.DEFAULT);
            for (int i = 0; i < 50; i++) {
                Map<String, String> attributes = Map.of("region", "eu", "account", "a" + i);
                assertThat(flags.route("user-1", attributes).served())
                        .as("the account is the sticky unit")
                        .isEqualTo(flags.route("user-2", attributes).served());
            }
        }
    }

    @Test
    void a_share_by_session_looks_at_the_attribute_of_that_name() throws Exception {
        serve(stickyBy("sessionId", rollout("g", 100, variant("v2", 500), variant("v3", 500))));
        try (UnleashFlags flags = open()) {
            assertFallsBack(flags, Map.of(), "divides by 'sessionId'");
            assertThat(IntStream.range(0, 100)
                            .mapToObj(i -> flags.route("user-1", Map.of("sessionId", "s" + i))
                                    .served()
                                    .version()
                                    .name())
                            .distinct())
                    .containsExactlyInAnyOrder("v2", "v3");
        }
    }

    @Test
    void a_strategy_that_the_sdk_does_not_know_is_passed_over_and_named() throws Exception {
        serve(rollout("g", 100, variant("v3", 1000)).put("name", "our-own"), rollout("g", 100, variant("v2", 1000)));
        try (UnleashFlags flags = open()) {
            assertServes(flags.route("user-1", Map.of()), "v2", RoutingReason.DEFAULT);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("ml-model-version", "'our-own'"));
        }
    }

    @Test
    void a_flag_without_strategies_is_on_for_everybody() throws Exception {
        put("shadow-mode-v3");
        try (UnleashFlags flags = open()) {
            assertThat(names(flags.route("user-1", Map.of()))).containsExactly("v3");
        }
    }

    @Test
    void a_condition_on_the_time_is_asked_again_and_again() throws Exception {
        String soon =
                Instant.now().plusSeconds(2).truncatedTo(ChronoUnit.SECONDS).toString();
        serve(constrained("currentTime", "DATE_AFTER", soon), rollout("g", 100, variant("v2", 1000)));
        try (UnleashFlags flags = open()) {
            assertServes(flags.route("user-1", Map.of()), "v2", RoutingReason.DEFAULT);

            until("the time has come", () -> served(flags).equals("v3"));
        }
    }

    @ParameterizedTest
    @CsvSource({"DATE_AFTER,tomorrow", "NUM_GT,many", "SEMVER_GT,latest", "DATE_BEFORE,2026-11-26T23:20:31.278123456Z"})
    void a_constraint_that_the_engine_cannot_read_is_not_taken_for_a_flag_that_does_not_match(
            String operator, String value) throws Exception {
        serve(constrained("age", operator, value), rollout("g", 100, variant("v2", 1000)));
        try (UnleashFlags flags = open()) {
            assertFallsBack(flags, Map.of("age", "7"), "cannot read one of its constraints");

            change("/features/0", flag -> flag.put("enabled", false));

            until("the kill switch works all the same", () -> reason(flags) == RoutingReason.KILLED);
        }
    }

    @Test
    void a_document_that_the_engine_does_not_take_keeps_the_answers() throws Exception {
        try (UnleashFlags flags = open()) {
            server.put(
                    "{\"features\":[{\"name\":\"ml-model-version\",\"enabled\":true,\"strategies\":[{\"name\":7}]}]}");

            until("it is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("engine does not take the flags"));
            assertThat(served(flags)).isEqualTo("v2");
        }
    }

    @Test
    void a_change_of_another_flag_is_none_and_one_of_a_payload_is() throws Exception {
        Map<String, UnleashJson.Flag> all = UnleashJson.flags(FlagsDraft.serving("v2"));
        try (UnleashFlags flags = open()) {
            AtomicInteger heard = new AtomicInteger();
            flags.onChange(heard::incrementAndGet);

            all.put("another", new UnleashJson.Flag(true, List.of(rollout("another", 100))));
            server.put(all);
            untilPolledTwice();
            assertThat(heard).hasValue(0);

            all.put(
                    "ml-model-version",
                    new UnleashJson.Flag(
                            true, List.of(rollout("ml-model-version", 100, variant("v2", 1000, "string", "v3")))));
            server.put(all);
            until("the payload counts", () -> served(flags).equals("v3"));
            assertThat(heard).hasValue(1);
        }
    }

    @Test
    void a_flag_that_is_deleted_serves_the_default_and_is_named() throws Exception {
        try (UnleashFlags flags = open()) {
            server.put(Map.of());

            until("the deletion arrives", () -> reason(flags) == RoutingReason.FALLBACK);
            assertThat(served(flags)).isEqualTo("v1");
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("'ml-model-version' does not exist", "v1"));
        }
    }

    @Test
    void nobody_at_the_address_refuses_within_the_time() {
        server.goDown();
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Unleash at " + server.uri())
                .hasMessageContaining("within 700ms")
                .hasMessageContaining("connection refused")
                .hasMessageContaining("flags.unleash.url")
                .hasMessageNotContaining(TOKEN);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void a_server_that_never_answers_refuses_within_the_time() {
        server.feel(UnleashStub.Mood.SILENT);
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("sent no flags within 700ms")
                .hasMessageContaining("no answer");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_token_that_is_refused_is_named_as_the_cause_at_once_and_not_shown(int status) {
        server.answerWith(status);
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open().close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Unleash at " + server.uri())
                .hasMessageContaining("HTTP " + status)
                .hasMessageContaining("the token was refused")
                .hasMessageContaining("flags.unleash.token-file")
                .hasMessageNotContaining(TOKEN);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(BOUND.dividedBy(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"<html>Welcome</html>", "{\"toggles\":[]}", "[]", ""})
    void an_address_that_is_not_unleash_says_so(String answer) {
        server.put(answer);

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("sent no flags within 700ms (the answer is no")
                .hasMessageContaining("flags.unleash.url");
    }

    @Test
    void an_environment_without_the_flags_is_refused_by_their_names() {
        server.put(Map.of("another", new UnleashJson.Flag(true, List.of(rollout("another", 100)))));

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Unleash at " + server.uri())
                .hasMessageContaining("has no flag ml-model-version, shadow-candidates in")
                .hasMessageContaining("shadow-mode-<version>");
    }

    @Test
    void the_missing_one_of_two_flags_is_named_by_the_configured_key() {
        server.put(Map.of(
                "fraud-version", new UnleashJson.Flag(true, List.of(rollout("g", 100, variant("v1", 1000))))));

        assertThatThrownBy(() -> UnleashFlags.open(
                                settings(Duration.ofMillis(700), Optional.empty(), false),
                                new FlagKeys("fraud-version", "fraud-candidates", "fraud-shadow-"),
                                new ModelVersion("v1"))
                        .close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("has no flag fraud-candidates in")
                .hasMessageContaining("fraud-shadow-<version>");
    }

    @Test
    void a_flag_that_is_created_while_starting_makes_it_ready() throws Exception {
        server.put(Map.of());
        CompletableFuture<UnleashFlags> opening = CompletableFuture.supplyAsync(() -> {
            try {
                return open();
            } catch (FlagsUnavailableException e) {
                throw new IllegalStateException(e);
            }
        });
        until("the client has looked", () -> !server.received().isEmpty());
        assertThat(opening).isNotDone();

        server.put(UnleashJson.flags(FlagsDraft.serving("v3")));

        try (UnleashFlags flags = opening.join()) {
            assertThat(served(flags)).isEqualTo("v3");
        }
    }

    @Test
    void a_lost_server_is_stale_keeps_the_answers_and_recovers() throws Exception {
        try (UnleashFlags flags = open()) {
            Instant before = Instant.now();
            assertThat(flags.health().staleSince()).isEmpty();

            server.goDown();

            until("the loss is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(flags.health().staleSince())
                    .as("stale since it was last fresh")
                    .hasValueSatisfying(since -> assertThat(since).isBefore(before.plusSeconds(10)));
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .contains("Unleash at " + server.uri(), "connection refused", "stay in force")
                            .doesNotContain(TOKEN));
            assertThat(served(flags)).isEqualTo("v2");

            server.put(UnleashJson.flags(FlagsDraft.serving("v3")));
            server.comeBack();

            until("what changed meanwhile arrives", () -> served(flags).equals("v3"));
            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
            assertThat(flags.health().problem()).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 429, 500, 503})
    void a_server_that_refuses_is_stale_and_asked_again_soon(int status) throws Exception {
        try (UnleashFlags flags = open()) {
            server.answerWith(status);
            until("it is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("HTTP " + status));
            assertThat(served(flags)).isEqualTo("v2");

            server.answerWith(200);

            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
        }
    }

    @Test
    void a_document_that_was_cut_short_is_fetched_again() throws Exception {
        try (UnleashFlags flags = open()) {
            server.feel(UnleashStub.Mood.CUT_SHORT);
            server.put(UnleashJson.flags(FlagsDraft.serving("v3")));
            until("it is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(served(flags)).isEqualTo("v2");

            server.feel(UnleashStub.Mood.WELL);

            until(
                    "it arrives whole, although its ETag was seen before",
                    () -> served(flags).equals("v3"));
            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
        }
    }

    @Test
    void a_document_that_is_none_keeps_the_answers_and_stays_wrong_until_a_good_one() throws Exception {
        try (UnleashFlags flags = open()) {
            server.put("{\"features\":{}}");
            until("it is noticed", () -> flags.health().staleSince().isPresent());
            untilPolledTwice();
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("the answer is not Unleash's"));
            assertThat(served(flags)).isEqualTo("v2");

            server.put(UnleashJson.flags(FlagsDraft.serving("v3")));

            until("the good one arrives", () -> served(flags).equals("v3"));
            assertThat(flags.health().staleSince()).isEmpty();
        }
    }

    @Test
    void a_server_that_falls_silent_is_stale() throws Exception {
        try (UnleashFlags flags = open()) {
            server.feel(UnleashStub.Mood.SILENT);
            server.put(UnleashJson.flags(FlagsDraft.serving("v3")));

            until("the silence is noticed", () -> flags.health().staleSince().isPresent());
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("no answer"));
            assertThat(served(flags)).isEqualTo("v2");
        }
    }

    @Test
    void closing_one_client_leaves_another_alone() throws Exception {
        try (UnleashFlags kept = open()) {
            open().close();

            server.put(UnleashJson.flags(FlagsDraft.serving("v3")));

            until("the change arrives", () -> served(kept).equals("v3"));
        }
    }

    @Test
    void nothing_leaves_the_process_but_the_request_for_the_flags() throws Exception {
        server.put(UnleashJson.flags(FlagsDraft.serving("v1").otherwise(FlagsDraft.shares("v2", 50, "v1", 50))));
        try (UnleashFlags flags = open()) {
            for (int i = 0; i < 10_000; i++) {
                flags.route("entity-" + i, Map.of("region", "attribute-value"));
            }
        }

        assertThat(server.received()).isNotEmpty().allSatisfy(request -> {
            assertThat(request.line()).isEqualTo("GET /api/client/features");
            assertThat(request.body()).isEmpty();
            assertThat(request.headers()).containsEntry("Authorization", TOKEN);
            assertThat(request.toString()).doesNotContain("entity-", "attribute-value");
        });
    }

    @Test
    void counts_where_they_are_wanted_carry_neither_entities_nor_attributes() throws Exception {
        try (UnleashFlags flags = open(settings(BOUND, Optional.empty(), true))) {
            for (int i = 0; i < 3; i++) {
                flags.route("entity-1", Map.of("region", "attribute-value"));
            }
        }

        List<String> bodies = server.received().stream()
                .filter(request -> request.line().equals("POST /api/client/metrics"))
                .map(UnleashStub.Received::body)
                .toList();
        assertThat(bodies).isNotEmpty();
        assertThat(String.join("\n", bodies))
                .contains("\"ml-model-version\":{\"yes\":3,\"no\":0,\"variants\":{\"v2\":3}}")
                .doesNotContain("entity-", "attribute-value");
    }

    @Test
    void the_log_says_once_that_the_server_is_lost_and_never_the_token() throws Exception {
        try (LogLines log = new LogLines();
                UnleashFlags flags = open()) {
            server.goDown();
            until("it is noticed", () -> flags.health().staleSince().isPresent());
            server.comeBack();
            server.answerWith(401);
            untilPolledTwice();
            untilPolledTwice();

            assertThat(log.lines()).filteredOn(line -> !line.startsWith("INFO")).hasSize(1);
            assertThat(log.lines()).noneMatch(line -> line.contains(TOKEN));
        }
    }

    @Test
    void a_start_without_the_server_continues_with_the_flags_kept() throws Exception {
        Path file = folder.resolve("flags.json");
        UnleashSettings keeping = settings(Duration.ofMillis(700), Optional.of(file), false);
        open(keeping).close();
        Instant kept = Files.getLastModifiedTime(file).toInstant();
        server.goDown();

        try (UnleashFlags flags = open(keeping)) {
            assertThat(served(flags)).isEqualTo("v2");
            assertThat(flags.health().staleSince()).hasValue(kept);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("connection refused", "stay in force"));

            server.put(UnleashJson.flags(FlagsDraft.serving("v3")));
            server.comeBack();

            until("the server is asked again", () -> served(flags).equals("v3"));
            until("it is fresh", () -> flags.health().staleSince().isEmpty());
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void a_start_with_flags_kept_and_a_silent_server_is_stale_at_once() throws Exception {
        UnleashSettings keeping = settings(Duration.ofMillis(300), Optional.of(folder.resolve("flags.json")), false);
        open(keeping).close();
        server.feel(UnleashStub.Mood.SILENT);

        try (UnleashFlags flags = open(keeping)) {
            assertThat(served(flags)).isEqualTo("v2");
            assertThat(flags.health().staleSince()).isPresent();
        }
    }

    @Test
    void a_server_that_refuses_the_token_is_believed_more_than_the_flags_kept() throws Exception {
        UnleashSettings keeping = settings(Duration.ofMillis(700), Optional.of(folder.resolve("flags.json")), false);
        open(keeping).close();

        server.answerWith(401);
        assertThatThrownBy(() -> open(keeping).close()).hasMessageContaining("the token was refused");

        server.answerWith(200);
        server.put(Map.of());
        assertThatThrownBy(() -> open(keeping).close()).hasMessageContaining("has no flag");
    }

    @Test
    void a_backup_file_that_is_of_no_use_is_refused_at_start() throws Exception {
        UnleashSettings nowhere =
                settings(BOUND, Optional.of(folder.resolve("missing").resolve("flags.json")), false);
        assertThatThrownBy(() -> open(nowhere).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("flags.unleash.backup-file")
                .hasMessageContaining("missing");

        server.goDown();
        UnleashSettings none = settings(Duration.ofMillis(300), Optional.of(folder.resolve("none.json")), false);
        assertThatThrownBy(() -> open(none).close()).hasMessageContaining("connection refused");
        Path broken = Files.writeString(folder.resolve("broken.json"), "{");
        assertThatThrownBy(() -> open(settings(Duration.ofMillis(300), Optional.of(broken), false))
                        .close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("broken.json cannot be used: the answer is no JSON");
    }

    @Test
    void settings_name_the_key_and_hide_the_secret() {
        URI uri = URI.create("http://unleash:4242");
        assertThat(UnleashSettings.of(uri, TOKEN).toString())
                .doesNotContain(TOKEN)
                .contains("not shown");
        assertThat(List.of("http://u:4242", "http://u:4242/", "http://u:4242/api", "http://u:4242/api/"))
                .allSatisfy(text -> assertThat(
                                UnleashSettings.of(URI.create(text), TOKEN).api())
                        .isEqualTo(URI.create("http://u:4242/api")));
        assertThatThrownBy(() -> UnleashSettings.of(uri, "secret-word\nx"))
                .hasMessageContaining("flags.unleash.token-file")
                .hasMessageNotContaining("secret-word");
        assertThatThrownBy(() -> UnleashSettings.of(uri, "")).hasMessageContaining("flags.unleash.token-file");
        assertThatThrownBy(() -> UnleashSettings.of(URI.create("http://user:hidden-word@unleash"), TOKEN))
                .hasMessageContaining("flags.unleash.url")
                .hasMessageNotContaining("hidden-word");
        assertThatThrownBy(() -> UnleashSettings.of(URI.create("unleash:80"), TOKEN))
                .hasMessageContaining("http://unleash:4242, was unleash:80");
        assertThatThrownBy(() -> new UnleashSettings(uri, TOKEN, "under study", POLL, BOUND, Optional.empty(), false))
                .hasMessageContaining("flags.unleash.app-name");
        assertThatThrownBy(() -> new UnleashSettings(uri, TOKEN, "a", Duration.ZERO, BOUND, Optional.empty(), false))
                .hasMessage("flags.unleash.poll-interval must be positive, was PT0S");
        assertThatThrownBy(() -> new UnleashSettings(uri, TOKEN, "a", POLL, Duration.ZERO, Optional.empty(), false))
                .hasMessage("flags.startup-timeout must be positive, was PT0S");
    }

    private void serve(ObjectNode... strategies) {
        Map<String, UnleashJson.Flag> flags =
                new LinkedHashMap<>(UnleashJson.flags(FlagsDraft.serving("v2").candidates("v9")));
        flags.put("ml-model-version", new UnleashJson.Flag(true, List.of(strategies)));
        server.put(flags);
    }

    private void put(String key, ObjectNode... strategies) {
        Map<String, UnleashJson.Flag> flags = new LinkedHashMap<>(UnleashJson.flags(FlagsDraft.serving("v2")));
        flags.put(key, new UnleashJson.Flag(true, List.of(strategies)));
        server.put(flags);
    }

    private static ObjectNode constrained(String attribute, String operator, String value) {
        ObjectNode strategy = rollout("g", 100, variant("v3", 1000));
        strategy.withArray("constraints")
                .addObject()
                .put("contextName", attribute)
                .put("operator", operator)
                .put("value", value);
        return strategy;
    }

    private void change(String place, Consumer<ObjectNode> change) throws IOException {
        JsonNode document = new ObjectMapper().readTree(server.document());
        change.accept((ObjectNode) document.at(place));
        server.put(document.toString());
    }

    private static ObjectNode stickyBy(String what, ObjectNode strategy) {
        ((ObjectNode) strategy.get("parameters")).put("stickiness", what);
        return strategy;
    }

    private UnleashFlags open() throws FlagsUnavailableException {
        return open(BOUND);
    }

    private UnleashFlags open(Duration timeout) throws FlagsUnavailableException {
        return open(settings(timeout, Optional.empty(), false));
    }

    private static UnleashFlags open(UnleashSettings settings) throws FlagsUnavailableException {
        return UnleashFlags.open(settings, FlagKeys.standard(), new ModelVersion("v1"));
    }

    private UnleashSettings settings(Duration timeout, Optional<Path> backupFile, boolean sendEvents) {
        return new UnleashSettings(
                server.uri(),
                TOKEN,
                "understudy-test",
                POLL,
                timeout,
                backupFile.map(file -> new Backup(file, true)),
                sendEvents);
    }

    private static void assertFallsBack(UnleashFlags flags, Map<String, String> attributes, String why) {
        long before = flags.health().unusableAnswers();
        assertServes(flags.route("user-1", attributes), "v1", RoutingReason.FALLBACK);
        assertThat(flags.health().unusableAnswers()).isEqualTo(before + 1);
        assertThat(flags.health().problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("ml-model-version", why));
    }

    private static void assertServes(Routing routing, String version, RoutingReason reason) {
        assertThat(routing.served().version().name()).isEqualTo(version);
        assertThat(routing.served().reason()).isEqualTo(reason);
    }

    private static List<String> names(Routing routing) {
        return routing.candidates().stream().map(ModelVersion::name).toList();
    }

    private static RoutingReason reason(UnleashFlags flags) {
        return flags.route("user-1", Map.of()).served().reason();
    }

    private static String served(UnleashFlags flags) {
        return flags.route("user-1", Map.of()).served().version().name();
    }

    /** Two looks that began after this: the first may have been answered before. */
    private void untilPolledTwice() {
        int before = server.received().size();
        until("the client has looked twice", () -> server.received().size() >= before + 2);
    }

    private static void until(String what, BooleanSupplier condition) {
        Await.until(what, BOUND, condition);
    }
}
