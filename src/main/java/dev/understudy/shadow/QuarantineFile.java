package dev.understudy.shadow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** The quarantine on disk, in lines that people can read. It is replaced as a whole, so that it is never half written. */
final class QuarantineFile {
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
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (FileChannel channel = FileChannel.open(
                    fresh, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(String.join("\n", lines) + "\n");
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true); // or a loss of power could leave half of it under its final name
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " cannot be written; kafka.state-directory must be writable", e);
        }
    }
}
