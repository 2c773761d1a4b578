package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.broker.Await;
import dev.understudy.domain.WholeFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BackupFileTest {
    private static final String KEY = "flags.some.backup-file";

    @TempDir
    Path folder;

    private final CountDownLatch disk = new CountDownLatch(1);
    private final List<String> begun = new CopyOnWriteArrayList<>();

    private Path file() {
        return folder.resolve("kept.json");
    }

    /** A file on a disk that hangs until the latch is open. */
    private BackupFile hanging(Duration limit) {
        return new BackupFile(
                KEY,
                new Backup(file(), true),
                (path, text) -> {
                    begun.add(text);
                    try {
                        disk.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    WholeFile.write(path, text);
                },
                limit);
    }

    @Test
    void a_disk_that_hangs_holds_nobody_up_and_of_what_waits_only_the_last_is_written() {
        try (BackupFile backup = hanging(Duration.ofSeconds(30))) {
            backup.keep("first");
            Await.until("the write begins", Duration.ofSeconds(20), () -> !begun.isEmpty());
            backup.keep("second");
            backup.keep("third");
            assertThat(begun).containsExactly("first");

            disk.countDown();
        }

        assertThat(begun).containsExactly("first", "third");
        assertThat(file()).hasContent("third");
    }

    @Test
    void a_start_refuses_a_disk_that_hangs_and_closing_does_not_wait_for_it() {
        try (BackupFile backup = hanging(Duration.ofMillis(200))) {
            backup.keep("first");

            assertThatThrownBy(backup::requireKept)
                    .isInstanceOf(FlagsUnavailableException.class)
                    .hasMessage("the flags were not kept in " + file() + " within 200ms; set " + KEY
                            + " to a file that can be written");
        }
        assertThat(file()).doesNotExist();

        disk.countDown();
        Await.until("the disk is heard of again", Duration.ofSeconds(20), () -> Files.exists(file()));
    }

    @Test
    void what_is_kept_is_on_disk_once_it_is_required_and_its_owners_alone() throws Exception {
        try (BackupFile backup = new BackupFile(KEY, new Backup(file(), true))) {
            backup.keep("flags");
            backup.requireKept();

            assertThat(backup.forStart().orElseThrow().document()).isEqualTo("flags");
            if (Files.getFileStore(folder).supportsFileAttributeView("posix")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void a_failure_shows_until_a_write_succeeds_and_what_comes_after_the_end_is_left() throws Exception {
        Path missing = folder.resolve("missing");
        BackupFile backup = new BackupFile(KEY, new Backup(missing.resolve("kept.json"), true));
        backup.keep("lost");
        assertThatThrownBy(backup::requireKept).hasMessageContaining(KEY);
        assertThat(backup.problem()).isPresent();

        Files.createDirectory(missing);
        backup.keep("kept");
        backup.requireKept();
        assertThat(backup.problem()).isEmpty();

        backup.close();
        backup.keep("late");
        assertThat(missing.resolve("kept.json")).hasContent("kept");
    }
}
