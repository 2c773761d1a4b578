package dev.understudy.domain;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WholeFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("file.txt");
    }

    private void assumePosix() throws IOException {
        assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"), "owners and modes are POSIX's");
    }

    private String mode() throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    private void assertNothingBeside() {
        assertThat(folder).isDirectoryNotContaining("glob:**.new");
    }

    @Test
    void owner_group_and_permissions_stay_those_of_the_old_file() throws Exception {
        assumePosix();
        Files.writeString(file, "old");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        try {
            Files.setAttribute(file, "unix:uid", 12_345);
            Files.setAttribute(file, "unix:gid", 23_456);
        } catch (FileSystemException e) {
            assumeTrue(false, "only root may give a file away");
        }

        WholeFile.write(file, "new");

        assertThat(file).hasContent("new");
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(12_345);
        assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(23_456);
        assertThat(mode()).isEqualTo("rw-r-----");
    }

    @Test
    void a_private_file_is_its_owners_alone_from_the_start_and_as_it_was_set_afterwards() throws Exception {
        assumePosix();

        WholeFile.writePrivate(file, "first");
        assertThat(mode()).isEqualTo("rw-------");

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        WholeFile.writePrivate(file, "second");
        assertThat(mode()).isEqualTo("rw-r-----");
        assertThat(file).hasContent("second");
    }

    @Test
    void what_a_killed_process_left_beside_it_is_not_in_the_way() throws Exception {
        Files.writeString(folder.resolve("file.txt.new"), "a half that is longer than the whole");

        WholeFile.write(file, "whole");

        assertThat(file).hasContent("whole");
        assertNothingBeside();
    }

    @Test
    void a_failure_leaves_the_old_file_and_nothing_beside_it() throws Exception {
        Files.createDirectory(file);
        Files.createFile(file.resolve("in-the-way"));

        assertThatThrownBy(() -> WholeFile.write(file, "new")).isInstanceOf(IOException.class);

        assertThat(file).isDirectoryContaining("glob:**in-the-way");
        assertNothingBeside();
    }
}
