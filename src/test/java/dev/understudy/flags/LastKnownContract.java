package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same for sources whose flags are kept in a file.
 *
 * @param <S> the server that a test starts without
 */
public abstract class LastKnownContract<S extends FlagServer> extends UnavailableContract {
    private static final FlagsDraft HALF = FlagsDraft.serving("v1")
            .otherwise(FlagsDraft.shares("v2", 50, "v1", 50))
            .candidates("v3");

    protected final S server;

    /**
     * For a server that a test starts without.
     *
     * @param server closed after the test
     */
    protected LastKnownContract(S server) {
        this.server = server;
    }

    @AfterEach
    final void closeServer() throws IOException {
        server.close();
    }

    @Override
    protected final void goDown() throws IOException {
        server.goDown();
    }

    @Override
    protected final void comeBack() throws IOException {
        server.comeBack();
    }

    @Override
    protected final void refuse() {
        server.answerWith(401);
    }

    @Override
    protected final String refusal() {
        return "HTTP 401";
    }

    @Override
    protected final void accept() {
        server.answerWith(200);
    }

    /** The backup file that {@link #configuration} names. */
    protected final Path kept() {
        return folder.resolve("kept.json");
    }

    private Map<String, Routing> routings(ModelFlags flags) {
        return Map.of("user-1", flags.route("user-1", Map.of()), "user-2", flags.route("user-2", Map.of()));
    }

    @Test
    void last_known_goes_on_with_the_flags_kept_until_the_source_is_reached() throws Exception {
        publish(HALF);
        Map<String, Routing> before;
        try (ModelFlags flags = open("last-known", AMPLE)) {
            before = routings(flags);
        }
        Instant at = Files.getLastModifiedTime(kept()).toInstant();
        goDown();

        try (ModelFlags flags = open("last-known", SHORT)) {
            assertThat(routings(flags)).isEqualTo(before);
            assertThat(flags.health().staleSince()).hasValue(at);
            assertThat(flags.health().problem())
                    .hasValueSatisfying(problem -> assertThat(problem).contains("stay in force"));

            publish(FlagsDraft.serving("v3"));
            comeBack();

            until("the source is asked again", () -> served(flags).equals("v3"));
            until("it is fresh", () -> flags.health().staleSince().isEmpty());
        }
        goDown();
        try (ModelFlags flags = open("last-known", SHORT)) {
            assertThat(served(flags)).as("what changed was kept, too").isEqualTo("v3");
        }
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "default"})
    void other_settings_keep_the_flags_and_do_not_start_from_them(String onUnavailable) throws Exception {
        publish(FlagsDraft.serving("v2"));
        open(onUnavailable, AMPLE).close();
        assertThat(kept()).isNotEmptyFile();
        goDown();

        if (onUnavailable.equals("fail")) {
            assertThat(assertUnreached("fail")).doesNotContain("backup-file");
        } else {
            try (ModelFlags flags = open("default", SHORT)) {
                assertThat(served(flags)).isEqualTo("v1");
            }
        }
    }

    @Test
    void last_known_refuses_where_nothing_was_kept() throws Exception {
        goDown();

        assertThat(assertUnreached("last-known")).contains("backup-file: " + kept() + " holds no flags to go on with");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "{}", "[]", "{\"flags\":7}"})
    void last_known_refuses_a_file_that_is_of_no_use(String content) throws Exception {
        Files.writeString(kept(), content);
        goDown();

        assertThatThrownBy(() -> open("last-known", SHORT).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("backup-file: " + kept());
    }

    @Test
    void a_file_that_cannot_be_written_is_refused_at_the_start() throws Exception {
        publish(FlagsDraft.serving("v2"));
        Files.createDirectory(kept());
        Files.createFile(kept().resolve("in-the-way"));

        assertThatThrownBy(() -> open("fail", AMPLE).close())
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("backup-file to a file that can be written");
    }

    @Test
    void a_source_that_answers_and_refuses_is_believed_more_than_the_flags_kept() throws Exception {
        publish(FlagsDraft.serving("v2"));
        open("last-known", AMPLE).close();

        refuse();

        assertRefused("last-known", refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"last-known", "default"})
    void a_source_that_answers_and_lacks_the_flags_ends_the_start(String onUnavailable) throws Exception {
        publish(FlagsDraft.serving("v2"));
        open(onUnavailable, AMPLE).close();

        publishNothing();

        assertRefused(onUnavailable, "has no flag ml-model-version, shadow-candidates");
    }

    /** The source has none of the flags. */
    protected abstract void publishNothing() throws Exception;
}
