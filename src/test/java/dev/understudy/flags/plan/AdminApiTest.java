package dev.understudy.flags.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.domain.ModelVersion;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdminApiTest {
    private static final String SECRET = "open-sesame";

    private final AdminApi api = new AdminApi("Stub", "Api-Key ", Optional.of(new WriteToken(SECRET)));
    private AdminStub stub;

    @BeforeEach
    void start() throws IOException {
        stub = new AdminStub();
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private URI flag() {
        return URI.create(stub.uri() + "/flag");
    }

    private FlagPlan kill(FlagStep... steps) {
        return FlagPlan.of(new FlagChange.Kill("flag"), "stub", Optional.empty(), steps);
    }

    /** Plans the same ever again. */
    private static FlagWriter planning(FlagPlan plan) {
        return new FlagWriter() {
            @Override
            public FlagPlan plan(FlagChange change) {
                return plan;
            }

            @Override
            public void apply(FlagPlan ignored) {
                throw new UnsupportedOperationException();
            }

            @Override
            public Duration propagation() {
                return Duration.ZERO;
            }
        };
    }

    private void assertFails(ThrowingCallable call, String... what) {
        assertThatThrownBy(call).satisfies(e -> {
            assertThat(e).message().contains(what);
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                assertThat(cause.toString()).doesNotContain(SECRET);
            }
        });
    }

    @Test
    void a_call_carries_the_token_in_its_header_alone() throws Exception {
        stub.answer("PUT /flag", "");
        ApiCall call = api.call("PUT", flag(), "application/json", "{\"on\":\"it's\"}");

        api.make(kill(call), planning(kill()));

        assertThat(stub.changes())
                .containsExactly(new AdminStub.Received(
                        "PUT /flag", "Api-Key " + SECRET, "application/json", "{\"on\":\"it's\"}"));
        assertThat(call.text() + call.json() + call + new WriteToken(SECRET)).doesNotContain(SECRET);
    }

    /** The command is what people copy at night. */
    @Test
    void the_command_that_is_shown_makes_the_call() throws Exception {
        stub.answer("PUT /flag", "");
        ApiCall call = api.call("PUT", flag(), "application/json", "{\"on\":\"it's 100 %\"}");
        ProcessBuilder shell = new ProcessBuilder("sh", "-c", call.curl());
        shell.environment().put(WriteToken.VARIABLE, SECRET);

        Process process = shell.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(said).isZero();
        assertThat(stub.changes())
                .containsExactly(new AdminStub.Received(
                        "PUT /flag", "Api-Key " + SECRET, "application/json", "{\"on\":\"it's 100 %\"}"));
    }

    @ParameterizedTest
    @CsvSource({
        "401, is not one of Stub",
        "403, may not do this",
        "409, was answered 409",
        "302, was answered 302",
        "500, was answered 500"
    })
    void a_refusal_names_the_call_and_the_remedy_and_never_the_token(int status, String what) {
        stub.answer("POST /flag", "");
        stub.answerWith(status);

        assertFails(
                () -> api.make(kill(api.call("POST", flag(), "", "")), planning(kill())),
                "POST " + flag() + " was answered " + status,
                what,
                "(token)");
    }

    @Test
    void a_server_that_is_not_there_has_not_made_the_change() {
        URI there = flag();
        stub.goDown();

        assertFails(
                () -> api.make(kill(api.call("POST", there, "", "")), planning(kill())),
                "POST " + there + " could not be made: nobody takes connections there");
        assertFails(() -> api.get(there), "GET " + there + " could not be made");
    }

    @Test
    @Timeout(30)
    void an_answer_that_begins_and_never_ends_is_given_up() {
        AdminApi hasty = new AdminApi("Stub", "Api-Key ", Optional.of(new WriteToken(SECRET)), Duration.ofMillis(300));
        stub.answer("POST /flag", "{}");
        stub.stall();

        assertFails(
                () -> hasty.make(kill(hasty.call("POST", flag(), "", "")), planning(kill())),
                "POST " + flag() + " was not answered to the end within 300ms; whether it was made is not known");
        assertThat(stub.received()).hasSize(1);
    }

    @Test
    void what_is_no_json_is_said_to_be_another_api() {
        stub.answer("GET /flag", "<html>" + SECRET);

        assertFails(() -> api.get(flag()), "is it the API of Stub?");
    }

    @Test
    void a_flag_that_others_changed_meanwhile_is_left_alone() {
        FlagChange.Share change = new FlagChange.Share("flag", new ModelVersion("v2"), new ModelVersion("v1"), 5);
        FlagPlan plan = FlagPlan.of(
                change, "stub", Shares.all("v1"), Shares.all("v1"), List.of(api.call("POST", flag(), "", "")));
        FlagPlan other = FlagPlan.of(change, "stub", Shares.all("v3"), Shares.all("v3"), List.of());

        assertFails(() -> api.make(plan, planning(other)), "nothing was changed", "changed by others meanwhile");
        assertThat(stub.received()).isEmpty();
    }

    @Test
    void a_token_that_cannot_be_a_header_is_refused_and_not_shown() {
        assertThatThrownBy(() -> new WriteToken("open sesame"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UNDERSTUDY_FLAGS_WRITE_TOKEN")
                .hasMessageNotContaining("sesame");
    }
}
