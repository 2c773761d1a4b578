package dev.understudy.flags.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.broker.Await;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.Routing;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileFlagsTest {
    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final String GOOD = "flags:\n  ml-model-version: v2\n";

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "flags:\n  ml-model-ver",
                "flags:\n  ml-model-version:\n    variations: [v1, v2]\n    rollout: {v2: 5, v1: 90}\n",
                "flags:\n  ml-model-version:\n    variations: [v1, v2]\n    rolout: {v2: 5, v1: 95}\n",
                "flags:\n  ml-model-version:\n    variations: [v1, v2]\n    serve: v3\n",
                "flags:\n  ml-model-version: v1\n  ml-model-version: v2\n",
                "flags:\n  ml-model-version: ../../etc\n",
            })
    void a_wrong_edit_keeps_the_last_good_says_what_and_where_and_recovers(String wrong) throws Exception {
        Files.writeString(file(), GOOD);
        try (FileFlags flags = open()) {
            Files.writeString(file(), wrong);

            until("the wrong edit is reported", () -> flags.health().problem().isPresent());
            FlagHealth health = flags.health();
            assertThat(health.problem().orElseThrow())
                    .contains("Flag file " + file())
                    .containsPattern("line \\d+, column \\d+")
                    .contains("The last good flags stay in force");
            assertThat(health.staleSince()).contains(NOW);
            assertThat(served(flags)).isEqualTo("v2");

            Files.writeString(file(), GOOD.replace("v2", "v3"));
            until("the good edit counts", () -> served(flags).equals("v3"));
            until("the trouble is over", () -> flags.health().problem().isEmpty());
            assertThat(flags.health().staleSince()).isEmpty();
        }
    }

    @Test
    void taking_a_wrong_edit_back_ends_the_trouble() throws Exception {
        Files.writeString(file(), GOOD);
        try (FileFlags flags = open()) {
            Files.writeString(file(), "flags: [");
            until("the wrong edit is reported", () -> flags.health().problem().isPresent());

            Files.writeString(file(), GOOD);

            until("the trouble is over", () -> flags.health().problem().isEmpty());
        }
    }

    @Test
    void a_file_that_goes_away_keeps_the_last_good_and_its_return_is_noticed() throws Exception {
        Files.writeString(file(), GOOD);
        try (FileFlags flags = open()) {
            Files.delete(file());
            until("the loss is reported", () -> flags.health().problem().isPresent());
            assertThat(flags.health().problem().orElseThrow()).contains("does not exist", "flags.file");
            assertThat(served(flags)).isEqualTo("v2");

            Files.writeString(file(), GOOD.replace("v2", "v3"));

            until("the new file counts", () -> served(flags).equals("v3"));
        }
    }

    @Test
    void a_change_of_the_same_length_and_time_is_noticed() throws Exception {
        Files.writeString(file(), GOOD);
        FileTime time = FileTime.from(NOW);
        Files.setLastModifiedTime(file(), time);
        try (FileFlags flags = open()) {
            Files.writeString(file(), GOOD.replace("v2", "v3"));
            Files.setLastModifiedTime(file(), time);

            until("the change counts", () -> served(flags).equals("v3"));
        }
    }

    @Test
    void a_swapped_config_map_is_noticed() throws Exception {
        // As Kubernetes mounts it: flags.yaml -> ..data/flags.yaml, ..data -> a folder that is replaced.
        Path first = Files.createDirectory(folder.resolve("..2026_01"));
        Files.writeString(first.resolve("flags.yaml"), GOOD);
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_01"));
        Files.createSymbolicLink(file(), Path.of("..data", "flags.yaml"));
        try (FileFlags flags = open()) {
            assertThat(served(flags)).isEqualTo("v2");
            Path second = Files.createDirectory(folder.resolve("..2026_02"));
            Files.writeString(second.resolve("flags.yaml"), GOOD.replace("v2", "v3"));
            Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2026_02"));

            Files.move(
                    folder.resolve("..data_tmp"),
                    folder.resolve("..data"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);

            until("the swap counts", () -> served(flags).equals("v3"));
        }
    }

    @Test
    void json_is_read_where_the_name_says_so() throws Exception {
        Path json = folder.resolve("flags.json");
        Files.writeString(json, "\uFEFF{\n\t\"flags\": {\"ml-model-version\": \"v3\"}\n}");
        try (FileFlags flags = open(json)) {
            assertThat(served(flags)).isEqualTo("v3");
        }
    }

    @Test
    void start_refuses_what_is_not_there_or_not_right() throws Exception {
        assertThatThrownBy(this::open)
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Flag file " + file() + " does not exist; create it or correct flags.file");
        Files.writeString(file(), "flags:\n  ml-model-version:\n    variations: [v1, v2]\n    serve: v9\n");
        assertThatThrownBy(this::open)
                .isInstanceOf(FlagsUnavailableException.class)
                .hasMessageContaining("Flag file " + file() + ", line 4, column 5 (flags.ml-model-version.serve)")
                .hasMessageContaining("they are [v1, v2]");
        Files.write(file(), new byte[] {'f', (byte) 0xC3, (byte) 0x28});
        assertThatThrownBy(this::open).hasMessageContaining("is not UTF-8");
        Files.write(file(), new byte[Sighting.LIMIT_BYTES + 1]);
        assertThatThrownBy(this::open).hasMessageContaining("longer than 1 MiB");
        assertThatThrownBy(() -> open(folder)).hasMessageContaining("cannot be read");
    }

    @Test
    void start_waits_for_a_file_that_is_being_written() throws Exception {
        Files.writeString(file(), "flags:\n  ml-model-version: v");
        CompletableFuture<FileFlags> opening = CompletableFuture.supplyAsync(() -> {
            try {
                return open(file(), Duration.ofSeconds(2));
            } catch (FlagsUnavailableException e) {
                throw new IllegalStateException(e);
            }
        });
        Files.writeString(file(), GOOD);

        try (FileFlags flags = opening.join()) {
            assertThat(served(flags)).isEqualTo("v2");
        }
    }

    @Test
    void renames_never_yield_an_answer_that_no_file_meant() throws Exception {
        hammer(Duration.ofMillis(20), 40, text -> {
            Path next = folder.resolve("next");
            Files.writeString(next, text);
            Files.move(next, file(), StandardCopyOption.ATOMIC_MOVE);
        });
    }

    @Test
    void slow_writes_in_place_never_yield_an_answer_that_no_file_meant() throws Exception {
        // Every beginning from "ml-model-version: v1" on would be a valid file with another meaning.
        hammer(Duration.ofSeconds(1), 4, text -> {
            try (OutputStream out = Files.newOutputStream(file())) {
                for (byte one : text.getBytes(StandardCharsets.UTF_8)) {
                    out.write(one);
                    out.flush();
                    LockSupport.parkNanos(2_000_000); // a slow writer, many polls long
                }
            }
        });
    }

    @Test
    void settings_name_their_keys() {
        assertThatThrownBy(() -> new FileFlagSettings(file(), Duration.ZERO, Duration.ZERO))
                .hasMessage("the poll interval of a flag file must be positive, was PT0S");
        assertThatThrownBy(() -> new FileFlagSettings(file(), Duration.ofSeconds(1), Duration.ofSeconds(-1)))
                .hasMessage("the settling time of a flag file must not be negative, was PT-1S");
    }

    private interface Writer {
        void write(String text) throws IOException;
    }

    private void hammer(Duration settle, int rounds, Writer writer) throws Exception {
        List<String> meant = List.of("v10 [v20, v30]", "v11 [v21]");
        List<String> texts = List.of(
                "flags:\n  ml-model-version: v10\n  shadow-candidates: [v20, v30]\n",
                "flags:\n  ml-model-version: v11\n  shadow-candidates: v21\n");
        Files.writeString(file(), texts.get(0));
        ExecutorService threads = Executors.newFixedThreadPool(2);
        AtomicBoolean over = new AtomicBoolean();
        try (FileFlags flags = open(file(), settle)) {
            List<Future<Long>> askers = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                askers.add(threads.submit(() -> {
                    long asked = 0;
                    for (; !over.get(); asked++) {
                        String answer = answer(flags, "user-" + asked % 100_000);
                        if (!meant.contains(answer)) {
                            throw new AssertionError("nobody meant " + answer);
                        }
                    }
                    return asked;
                }));
            }
            for (int i = 1; i <= rounds; i++) {
                int round = i;
                writer.write(texts.get(round % 2));
                until("the edit counts", () -> answer(flags, "user-1").equals(meant.get(round % 2)));
            }
            over.set(true);
            for (Future<Long> asker : askers) {
                assertThat(asker.get()).isPositive();
            }
            assertThat(flags.health().unusableAnswers()).isZero();
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private Path file() {
        return folder.resolve("flags.yaml");
    }

    private FileFlags open() throws FlagsUnavailableException {
        return open(file());
    }

    private FileFlags open(Path path) throws FlagsUnavailableException {
        return open(path, Duration.ofMillis(100));
    }

    private static FileFlags open(Path path, Duration settle) throws FlagsUnavailableException {
        return FileFlags.open(
                new FileFlagSettings(path, Duration.ofMillis(5), settle),
                FlagKeys.standard(),
                new ModelVersion("v1"),
                Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static String answer(FileFlags flags, String entity) {
        Routing routing = flags.route(entity, Map.of());
        return routing.served().version() + " " + routing.candidates();
    }

    private static String served(FileFlags flags) {
        return flags.route("user-1", Map.of()).served().version().name();
    }

    private static void until(String what, BooleanSupplier condition) {
        Await.until(what, BOUND, condition);
    }
}
