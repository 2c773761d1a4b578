package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LaunchDarklyFlagsTest {
    private static final String KEY = "sdk-0123-very-secret";
    private static final Duration BOUND = Duration.ofSeconds(30);
    private FlagStreamStub service;

    @BeforeEach
    void startService() throws IOException {
        service = new FlagStreamStub();
        service.put(FlagJson.of(FlagsDraft.serving("v2"), 1));
    }

    @AfterEach
    void stopService() throws IOException {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"..\"",
                "\"/etc/passwd\"",
                "\"\"",
                "2",
                "2.5",
                "null",
                "true",
                "[\"v2\"]",
                "{\"a\":1}",
                "\"v 2\""
            })
    void an_answer_that_is_no_version_serves_the_default_and_is_counted(String answer) throws Exception {
        service.put(Map.of(
                "ml-model-version", FlagJson.constant("ml-model-version", 1, answer),
                "shadow-candidates", FlagJson.constant("shadow-candidates", 1, "\"v3\"")));
        try (LaunchDarklyFlags flags = open()) {
            Routing first = flags.route("user-1", Map.of());
            flags.route("user-1", Map.of());

            assertThat(first.served().version().name()).isEqualTo("v1");
            assertThat(first.served().reason()).isEqualTo(RoutingReason.FALLBACK);
            assertThat(first.candidates()).containsExactly(new ModelVersion("v3"));
            assertThat(flags.health().unusableAnswers()).isEqualTo(2);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("ml-model-version"));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"v2\"                     | v2      | 0",
                "\"[\\\"v2\\\",\\\"v3\\\"]\"| v2,v3   | 0",
                "\" [\\\"v3\\\"] \"         | v3      | 0",
                "[\"v2\",\"v3\",\"v2\"]     | v2,v3   | 0",
                "\"\"                       | ``      | 0",
                "\"[]\"                     | ``      | 0",
                "[]                         | ``      | 0",
                "\"[v2\"                    | ``      | 1",
                "[\"v2\",\"..\",3]          | v2      | 2",
                "\"../v2\"                  | ``      | 1",
                "7                          | ``      | 1",
                "{\"v\":1}                  | ``      | 1",
            })
    void candidates_come_as_a_version_or_a_json_array(String answer, String expected, long unusable) throws Exception {
        service.patch("shadow-candidates", FlagJson.constant("shadow-candidates", 2, answer));
        try (LaunchDarklyFlags flags = open()) {
            Routing routing = flags.route("user-1", Map.of());

            assertThat(String.join(
                            ",",
                            routing.candidates().stream()
                                    .map(ModelVersion::name)
                                    .toList()))
                    .isEqualTo(expected);
            assertThat(flags.health().unusableAnswers()).isEqualTo(unusable);
        }
    }

    @Test
    void a_flag_of_a_version_that_is_no_boolean_is_counted_and_does_not_shadow() throws Exception {
        service.patch("shadow-mode-v3", FlagJson.constant("shadow-mode-v3", 1, "\"true\""));
        service.patch("shadow-mode-..", FlagJson.constant("shadow-mode-..", 1, "true"));
        try (LaunchDarklyFlags flags = open()) {
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("shadow-mode-.."));
            assertThat(flags.route("user-1", Map.of()).candidates()).isEmpty();
            assertThat(flags.health().unusableAnswers()).isEqualTo(1);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("shadow-mode-v3", "must be a boolean flag"));
        }
    }

    @Test
    void a_flag_that_contradicts_itself_serves_the_default_and_is_counted() throws Exception {
        service.patch(
                "ml-model-version",
                "{\"key\":\"ml-model-version\",\"version\":2,\"on\":true,\"variations\":[\"v1\",\"v2\"],"
                        + "\"fallthrough\":{\"variation\":9}}");
        try (LaunchDarklyFlags flags = open()) {
            assertFallsBack(flags, Map.of(), "contradicts itself");
        }
    }

    @Test
    void a_rollout_by_what_requests_lack_does_not_silently_give_everybody_the_first_variation() throws Exception {
        service.patch("ml-model-version", rollout(2, "\"contextKind\":\"device\""));
        try (LaunchDarklyFlags flags = open()) {
            assertFallsBack(flags, Map.of(), "context kind 'device'");

            service.patch("ml-model-version", rollout(3, "\"contextKind\":\"user\",\"bucketBy\":\"account\""));
            until(
                    "by account",
                    () -> flags.route("user-2", Map.of("account", "a1"))
                                    .served()
                                    .reason()
                            == RoutingReason.ROLLOUT);
            assertFallsBack(flags, Map.of(), "attribute 'account'");
            assertThat(flags.route("user-3", Map.of("account", "a1")).served().version())
                    .as("the account is the sticky unit")
                    .isEqualTo(flags.route("user-4", Map.of("account", "a1"))
                            .served()
                            .version());
        }
    }

    @Test
    void a_prerequisite_that_is_not_met_kills() throws Exception {
        service.patch("gate", FlagJson.constant("gate", 1, "true"));
        service.patch(
                "ml-model-version",
                "{\"key\":\"ml-model-version\",\"version\":2,\"on\":true,\"variations\":[\"v1\",\"v2\"],\"offVariation\":1,"
                        + "\"prerequisites\":[{\"key\":\"gate\",\"variation\":0}],\"fallthrough\":{\"variation\":1}}");
        try (LaunchDarklyFlags flags = open()) {
            assertThat(flags.route("user-1", Map.of()).served().reason()).isEqualTo(RoutingReason.DEFAULT);

            service.patch("gate", FlagJson.constant("gate", 2, "true").replace("\"on\":true", "\"on\":false"));

            until("the other flag's change counts", () -> reason(flags) == RoutingReason.KILLED);
            assertThat(flags.route("user-1", Map.of()).served().version().name())
                    .isEqualTo("v1");
        }
    }

    @Test
    void a_segment_that_changes_changes_the_answers_remembered() throws Exception {
        service.patch(
                "ml-model-version",
                "{\"key\":\"ml-model-version\",\"version\":2,\"on\":true,\"variations\":[\"v1\",\"v2\"],\"rules\":[{\"id\":\"r\","
                        + "\"variation\":1,\"clauses\":[{\"op\":\"segmentMatch\",\"attribute\":\"\",\"values\":[\"s\"]}]}],"
                        + "\"fallthrough\":{\"variation\":0}}");
        try (LaunchDarklyFlags flags = open()) {
            assertThat(reason(flags)).isEqualTo(RoutingReason.DEFAULT);

            service.putSegment("s", "{\"key\":\"s\",\"version\":1,\"included\":[\"user-1\"],\"salt\":\"s\"}");

            until("the segment counts", () -> reason(flags) == RoutingReason.RULE);
        }
    }

    @Test
    void patches_and_deletions_arrive_and_an_older_version_does_not() throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            service.patch("ml-model-version", FlagJson.constant("ml-model-version", 5, "\"v3\""));
            until("the patch arrives", () -> served(flags).equals("v3"));

            service.patch("ml-model-version", FlagJson.constant("ml-model-version", 4, "\"v7\""));
            service.patch("shadow-mode-v9", FlagJson.constant("shadow-mode-v9", 1, "true"));
            until(
                    "what was sent after it arrives",
                    () -> !flags.route("user-1", Map.of()).candidates().isEmpty());
            assertThat(served(flags)).isEqualTo("v3");

            service.delete("shadow-mode-v9", 2);
            until(
                    "the deletion arrives",
                    () -> flags.route("user-1", Map.of()).candidates().isEmpty());
            service.delete("ml-model-version", 6);
            until("the deletion arrives", () -> reason(flags) == RoutingReason.FALLBACK);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("'ml-model-version' does not exist", "v1"));
        }
    }

    @Test
    void nobody_at_the_address_refuses_within_the_time() throws Exception {
        service.goDown();
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("LaunchDarkly at " + service.uri())
                .hasMessageContaining("within 700ms")
                .hasMessageContaining("network error")
                .hasMessageContaining("flags.launchdarkly.base-uri")
                .hasMessageNotContaining(KEY);
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    @Test
    void a_service_that_never_answers_refuses_within_the_time() {
        service.fallSilent();
        long begin = System.nanoTime();

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("sent no flags within 700ms")
                .hasMessageContaining("no answer");
        assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(15));
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_key_that_is_refused_is_named_as_the_cause_and_not_shown(int status) {
        service.answerWith(status);

        assertThatThrownBy(() -> open().close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("LaunchDarkly at " + service.uri())
                .hasMessageContaining("HTTP " + status)
                .hasMessageContaining("the key was refused")
                .hasMessageContaining("flags.launchdarkly.sdk-key-file")
                .hasMessageNotContaining(KEY);
    }

    @Test
    void an_address_that_is_not_launchdarkly_says_so() {
        service.answerWith(404);

        assertThatThrownBy(() -> open().close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("HTTP 404")
                .hasMessageContaining("is LaunchDarkly or a relay proxy");
    }

    @Test
    void an_environment_without_the_flags_is_refused_by_their_names() {
        service.put(Map.of("another", FlagJson.constant("another", 1, "true")));

        assertThatThrownBy(() -> open(Duration.ofMillis(700)).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("LaunchDarkly at " + service.uri())
                .hasMessageContaining("has no flag ml-model-version, shadow-candidates")
                .hasMessageContaining("create them as string flags")
                .hasMessageContaining("shadow-mode-<version>");
    }

    @Test
    void the_missing_one_of_two_flags_is_named_by_the_configured_key() {
        service.put(Map.of("fraud-version", FlagJson.constant("fraud-version", 1, "\"v1\"")));

        assertThatThrownBy(() -> LaunchDarklyFlags.open(
                                settings(Duration.ofMillis(700), false),
                                new FlagKeys("fraud-version", "fraud-candidates", "fraud-shadow-"),
                                new ModelVersion("v1"))
                        .close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("has no flag fraud-candidates in")
                .hasMessageContaining("fraud-shadow-<version>");
    }

    @Test
    void flags_of_versions_may_stand_in_for_the_candidates_flag() throws Exception {
        service.put(Map.of(
                "ml-model-version", FlagJson.constant("ml-model-version", 1, "\"v1\""),
                "shadow-mode-v2", FlagJson.constant("shadow-mode-v2", 1, "true")));
        try (LaunchDarklyFlags flags = open()) {
            assertThat(flags.route("user-1", Map.of()).candidates()).containsExactly(new ModelVersion("v2"));
            assertThat(flags.health().unusableAnswers()).isZero();
        }
    }

    @Test
    void a_flag_that_is_created_while_starting_makes_it_ready() throws Exception {
        service.put(Map.of("shadow-candidates", FlagJson.constant("shadow-candidates", 1, "\"v2\"")));
        CompletableFuture<LaunchDarklyFlags> opening = CompletableFuture.supplyAsync(() -> {
            try {
                return open();
            } catch (FlagsUnavailableException e) {
                throw new IllegalStateException(e);
            }
        });
        until("the client is connected", () -> !service.received().isEmpty());
        assertThat(opening).isNotDone();

        service.patch("ml-model-version", FlagJson.constant("ml-model-version", 1, "\"v3\""));

        try (LaunchDarklyFlags flags = opening.join()) {
            assertThat(served(flags)).isEqualTo("v3");
        }
    }

    @Test
    void a_lost_connection_is_stale_keeps_the_answers_and_recovers() throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            assertThat(flags.health().staleSince()).isEmpty();

            service.goDown();

            until("the loss is noticed", () -> flags.health().staleSince().isPresent());
            FlagHealth stale = flags.health();
            assertThat(stale.problem())
                    .hasValueSatisfying(problem -> assertThat(problem)
                            .contains("LaunchDarkly at " + service.uri(), "stay in force")
                            .doesNotContain(KEY));
            assertThat(served(flags)).isEqualTo("v2");

            service.put(FlagJson.of(FlagsDraft.serving("v3"), 9));
            service.comeBack();

            until("what changed meanwhile arrives", () -> served(flags).equals("v3"));
            until("it is fresh again", () -> flags.health().staleSince().isEmpty());
            assertThat(flags.health().problem()).isEmpty();
        }
    }

    @Test
    void an_event_that_is_no_launchdarkly_event_keeps_the_answers_and_recovers() throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            int connections = service.received().size();

            service.garble();

            until("the client connects again", () -> service.received().size() > connections);
            until("it is fresh", () -> flags.health().staleSince().isEmpty());
            assertThat(served(flags)).isEqualTo("v2");
        }
    }

    @Test
    void nothing_leaves_the_process_but_the_request_for_the_flags() throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            for (int i = 0; i < 10_000; i++) {
                flags.route("entity-" + i, Map.of("region", "attribute-value"));
            }
        }

        List<FlagStreamStub.Received> received = service.received();
        assertThat(received).isNotEmpty();
        assertThat(received).allSatisfy(request -> {
            assertThat(request.line()).isEqualTo("GET /all HTTP/1.1");
            assertThat(request.body()).isEmpty();
            assertThat(request.headers().get("authorization")).isEqualTo(KEY);
            assertThat(request.toString()).doesNotContain("entity-", "attribute-value");
        });
    }

    @Test
    void events_where_they_are_wanted_carry_entities_and_no_attributes() throws Exception {
        try (LaunchDarklyFlags flags =
                LaunchDarklyFlags.open(settings(BOUND, true), FlagKeys.standard(), new ModelVersion("v1"))) {
            flags.route("entity-1", Map.of("region", "attribute-value"));
        }
        until(
                "the events arrive",
                () -> service.received().stream()
                        .anyMatch(request -> request.line().startsWith("POST /bulk")));

        String events = String.join(
                "\n",
                service.received().stream().map(FlagStreamStub.Received::body).toList());
        assertThat(events).contains("entity-1", "ml-model-version").doesNotContain("attribute-value");
    }

    @Test
    void settings_name_the_key_and_hide_the_secret() {
        URI uri = URI.create("http://user:hidden-word@relay");
        assertThat(settings(BOUND, false).toString()).doesNotContain(KEY).contains("not shown");
        assertThatThrownBy(() -> LaunchDarklySettings.of("sdk-secret\nx"))
                .hasMessageContaining("flags.launchdarkly.sdk-key-file")
                .hasMessageNotContaining("sdk-secret");
        assertThatThrownBy(() -> LaunchDarklySettings.of("")).hasMessageContaining("flags.launchdarkly.sdk-key-file");
        assertThatThrownBy(() -> new LaunchDarklySettings(KEY, Optional.of(uri), BOUND, Optional.empty(), false))
                .hasMessageContaining("flags.launchdarkly.base-uri")
                .hasMessageNotContaining("hidden-word");
        assertThatThrownBy(() -> new LaunchDarklySettings(
                        KEY, Optional.of(URI.create("relay:80")), BOUND, Optional.empty(), false))
                .hasMessageContaining("http://relay:8030, was relay:80");
        assertThatThrownBy(
                        () -> new LaunchDarklySettings(KEY, Optional.empty(), Duration.ZERO, Optional.empty(), false))
                .hasMessage("flags.startup-timeout must be positive, was PT0S");
    }

    private LaunchDarklyFlags open() throws FlagsUnavailableException {
        return open(BOUND);
    }

    private LaunchDarklyFlags open(Duration timeout) throws FlagsUnavailableException {
        return LaunchDarklyFlags.open(settings(timeout, false), FlagKeys.standard(), new ModelVersion("v1"));
    }

    private LaunchDarklySettings settings(Duration timeout, boolean sendEvents) {
        return new LaunchDarklySettings(KEY, Optional.of(service.uri()), timeout, Optional.empty(), sendEvents);
    }

    private static void assertFallsBack(LaunchDarklyFlags flags, Map<String, String> attributes, String why) {
        long before = flags.health().unusableAnswers();
        Routing routing = flags.route("user-1", attributes);
        assertThat(routing.served().version().name()).isEqualTo("v1");
        assertThat(routing.served().reason()).isEqualTo(RoutingReason.FALLBACK);
        assertThat(flags.health().unusableAnswers()).isEqualTo(before + 1);
        assertThat(flags.health().problem())
                .hasValueSatisfying(problem -> assertThat(problem).contains("ml-model-version", why));
    }

    private static String rollout(int version, String by) {
        return "{\"key\":\"ml-model-version\",\"version\":" + version
                + ",\"on\":true,\"salt\":\"s\",\"variations\":[\"v2\",\"v1\"],\"fallthrough\":{\"rollout\":{" + by
                + ",\"variations\":[{\"variation\":0,\"weight\":50000},{\"variation\":1,\"weight\":50000}]}}}";
    }

    private static RoutingReason reason(LaunchDarklyFlags flags) {
        return flags.route("user-1", Map.of()).served().reason();
    }

    private static String served(LaunchDarklyFlags flags) {
        return flags.route("user-1", Map.of()).served().version().name();
    }

    private static void until(String what, BooleanSupplier condition) {
        Await.until(what, BOUND, condition);
    }
}
