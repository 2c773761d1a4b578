package dev.understudy.flags.launchdarkly;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.FlagsUnavailableException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A stream that is cut while the service goes on, and what the service may say to the next one. */
class StreamLossTest {
    private static final String KEY = "sdk-0123-very-secret";
    private static final Duration BOUND = Duration.ofSeconds(30);
    private FlagStreamStub service;

    @BeforeEach
    void startService() throws IOException {
        service = new FlagStreamStub();
        service.put(FlagJson.of(FlagsDraft.serving("v2").shadowMode("v4", true), 1));
    }

    @AfterEach
    void stopService() throws IOException {
        service.close();
    }

    @Test
    void a_connection_that_was_cut_is_made_again_and_brings_what_changed_and_what_went() throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            int connections = service.received().size();
            service.dropConnections();
            service.put(FlagJson.of(FlagsDraft.serving("v3"), 2));

            until("the client connects again", () -> service.received().size() > connections);
            until("what changed arrives", () -> served(flags).equals("v3"));
            assertThat(flags.route("user-1", Map.of()).candidates())
                    .as("the flag that went was of a candidate")
                    .isEmpty();
            until("it is fresh", () -> flags.health().staleSince().isEmpty());

            service.patch("ml-model-version", FlagJson.constant("ml-model-version", 3, "\"v2\""));
            until("the new connection streams", () -> served(flags).equals("v2"));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void a_service_that_does_not_want_to_stream_for_a_while_is_stale_and_tried_again(int status) throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            service.answerWith(status);
            service.dropConnections();
            until("it is noticed", () -> problem(flags).contains("HTTP " + status));
            assertThat(flags.health().staleSince()).isPresent();
            assertThat(served(flags)).isEqualTo("v2");

            service.answerWith(200);

            until("it is fresh", () -> flags.health().staleSince().isEmpty());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void a_key_that_is_refused_while_running_keeps_the_answers_and_says_that_nobody_tries_again(int status)
            throws Exception {
        try (LaunchDarklyFlags flags = open()) {
            service.answerWith(status);
            service.dropConnections();

            until("it is noticed", () -> problem(flags).contains("HTTP " + status));
            assertThat(flags.health().staleSince()).isPresent();
            assertThat(problem(flags))
                    .contains("stay in force", "flags.launchdarkly.sdk-key-file", "restart")
                    .doesNotContain(KEY);
            assertThat(served(flags)).isEqualTo("v2");
        }
    }

    private LaunchDarklyFlags open() throws FlagsUnavailableException {
        return LaunchDarklyFlags.open(
                new LaunchDarklySettings(KEY, Optional.of(service.uri()), BOUND, Optional.empty(), false),
                FlagKeys.standard(),
                new ModelVersion("v1"));
    }

    private static String problem(LaunchDarklyFlags flags) {
        return flags.health().problem().orElse("");
    }

    private static String served(LaunchDarklyFlags flags) {
        return flags.route("user-1", Map.of()).served().version().name();
    }

    private static void until(String what, BooleanSupplier condition) {
        Await.until(what, BOUND, condition);
    }
}
