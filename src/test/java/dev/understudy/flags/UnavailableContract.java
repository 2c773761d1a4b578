package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.understudy.app.ConfiguredFlags;
import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingReason;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a start does that cannot reach its source, as {@code flags.on-unavailable} says; the same for every source. */
public abstract class UnavailableContract {
    protected static final Duration BOUND = Duration.ofSeconds(30);

    /** For starts that are to succeed, and for those that are not to. */
    protected static final Duration AMPLE = Duration.ofSeconds(20);

    protected static final Duration SHORT = Duration.ofMillis(700);

    private static final FlagsDraft V2 = FlagsDraft.serving("v2").candidates("v3");

    @TempDir
    protected Path folder;

    /** What the section {@code flags} of the configuration says of the source, without its braces. */
    protected abstract String configuration() throws Exception;

    protected abstract void publish(FlagsDraft flags) throws Exception;

    /** From now on there is nothing to be reached. */
    protected abstract void goDown() throws Exception;

    protected abstract void comeBack() throws Exception;

    /** From now on what is reached cannot be used, until somebody puts it right. */
    protected abstract void refuse() throws Exception;

    /** What the message says of that. */
    protected abstract String refusal();

    /** Ends {@link #refuse}. */
    protected abstract void accept() throws Exception;

    protected final ModelFlags open(String onUnavailable, Duration timeout) throws Exception {
        return ConfiguredFlags.open(
                folder,
                "{on-unavailable: " + onUnavailable + ", startup-timeout: " + timeout.toMillis() + "ms, "
                        + configuration() + "}");
    }

    @Test
    void fail_ends_the_start() throws Exception {
        goDown();

        assertUnreached("fail");
    }

    /** The message of a start that failed because nobody was reached. */
    protected final String assertUnreached(String onUnavailable) {
        FlagsUnavailableException refused = catchThrowableOfType(
                FlagsUnavailableException.class,
                () -> open(onUnavailable, SHORT).close());
        assertThat(refused).isNotNull();
        assertThat(refused.unreached()).isPresent();
        return String.valueOf(refused.getMessage());
    }

    @Test
    void default_serves_the_default_version_until_the_source_is_reached() throws Exception {
        goDown();
        try (ModelFlags flags = open("default", SHORT)) {
            AtomicInteger heard = new AtomicInteger();
            flags.onChange(heard::incrementAndGet);
            assertDefaultServes(flags);
            assertThat(flags.health().staleSince()).isPresent();
            assertThat(flags.health().problem())
                    .hasValueSatisfying(
                            problem -> assertThat(problem).contains("the default version v1 serves everybody"));
            assertThat(flags.health().unusableAnswers()).isEqualTo(1);

            comeBack();
            publish(V2);

            until("the source answers", () -> served(flags).equals("v2"));
            assertThat(flags.route("user-1", Map.of()).candidates()).containsExactly(new ModelVersion("v3"));
            until("the listener hears of it", () -> heard.get() > 0);
            until("the flags are fresh", () -> flags.health().staleSince().isEmpty());
            assertThat(flags.health().problem()).isEmpty();

            int before = heard.get();
            publish(FlagsDraft.serving("v3"));
            until("a later change arrives", () -> served(flags).equals("v3"));
            until("the listener hears of it", () -> heard.get() > before);
        }
    }

    @Test
    void default_goes_on_trying_a_source_that_comes_back_and_refuses() throws Exception {
        goDown();
        try (ModelFlags flags = open("default", SHORT)) {
            refuse();
            comeBack();
            until(
                    "the refusal is told",
                    () -> flags.health().problem().orElseThrow().contains(refusal()));
            assertDefaultServes(flags);

            accept();
            publish(V2);

            until("the source answers", () -> served(flags).equals("v2"));
        }
    }

    @Test
    void closing_ends_the_attempts() throws Exception {
        goDown();

        open("default", SHORT).close();

        until(
                "the thread ends",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(thread -> thread.getName().equals("flags-awaited")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "default"})
    void a_source_that_answers_and_refuses_ends_the_start(String onUnavailable) throws Exception {
        publish(V2);
        refuse();

        assertRefused(onUnavailable, refusal());
    }

    protected final void assertRefused(String onUnavailable, String why) {
        assertThatThrownBy(() -> open(onUnavailable, Duration.ofSeconds(2)).close())
                .isInstanceOfSatisfying(
                        FlagsUnavailableException.class,
                        refused -> assertThat(refused.unreached()).isEmpty())
                .hasMessageContaining(why);
    }

    private static void assertDefaultServes(ModelFlags flags) {
        Routing routing = flags.route("user-1", Map.of());
        assertThat(routing.served().version()).isEqualTo(new ModelVersion("v1"));
        assertThat(routing.served().reason()).isEqualTo(RoutingReason.FALLBACK);
        assertThat(routing.candidates()).isEmpty();
    }

    protected static String served(ModelFlags flags) {
        return flags.route("user-1", Map.of()).served().version().name();
    }

    protected static void until(String what, BooleanSupplier condition) {
        Await.until(what, BOUND, condition);
    }
}
