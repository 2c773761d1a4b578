package dev.understudy.shadow;

import dev.understudy.domain.WholeFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The quarantine on disk, in lines that people can read. It is replaced as a whole, so that it is never half written. */
final class QuarantineFile {
    static final String NAME = "quarantine.tsv";

    private final Path file;

    QuarantineFile(Path file) {
        this.file = file;
    }

    /**
     * What was written last; nothing where there is no file.
     *
     * @throws IllegalStateException if it cannot be understood; the message says where
     */
    List<QuarantineEntry> read() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            List<String> lines = Files.readAllLines(file);
            List<QuarantineEntry> entries = new ArrayList<>();
            for (int i = 0; i < lines.size(); i++) {
                if (!lines.get(i).isBlank() && !lines.get(i).equals(QuarantineEntry.COLUMNS)) {
                    entries.add(entry(lines.get(i), i + 1));
                }
            }
            return entries;
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be read", e);
        }
    }

    private QuarantineEntry entry(String line, int number) {
        try {
            return QuarantineEntry.parse(line);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(
                    file + ", line " + number + ": " + e.getMessage()
                            + "; mend it, or remove the file to release all versions",
                    e);
        }
    }

    void write(Collection<QuarantineEntry> entries) {
        List<String> lines = new ArrayList<>(List.of(QuarantineEntry.COLUMNS));
        entries.forEach(entry -> lines.add(entry.line()));
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            WholeFile.write(file, String.join("\n", lines) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written; kafka.state-directory must be writable", e);
        }
    }
}
