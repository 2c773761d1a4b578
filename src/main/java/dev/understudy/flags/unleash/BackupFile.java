package dev.understudy.flags.unleash;

import dev.understudy.domain.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/** The document received last, on disk: whole, or as it was before. */
final class BackupFile {
    /** A document with the time at which it was kept. */
    record Kept(String document, Instant at) {}

    private final Path path;

    BackupFile(Path path) {
        this.path = path.toAbsolutePath();
    }

    Path path() {
        return path;
    }

    void keep(String document) throws IOException {
        WholeFile.write(path, document);
    }

    /** What was kept; empty where nothing was yet. */
    Optional<Kept> kept() throws IOException {
        try {
            return Optional.of(new Kept(
                    Files.readString(path), Files.getLastModifiedTime(path).toInstant()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }
}
