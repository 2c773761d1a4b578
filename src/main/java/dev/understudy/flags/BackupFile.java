package dev.understudy.flags;

import dev.understudy.domain.FileProblem;
import dev.understudy.domain.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The flags received last, on disk: whole, or as they were before. One thread keeps them; any may ask for problems. */
public final class BackupFile {
    private static final Logger LOG = LoggerFactory.getLogger(BackupFile.class);

    /** A document with the time at which it was kept. */
    public record Kept(String document, Instant at) {}

    private final String key;
    private final Path path;
    private final boolean usedAtStart;
    private volatile @Nullable String problem;

    /** @param key of the configuration, for messages */
    public BackupFile(String key, Backup backup) {
        this.key = key;
        this.path = backup.file();
        this.usedAtStart = backup.usedAtStart();
    }

    /** Keeps a document in place of the one before. A failure is logged once and shown by {@link #problem}. */
    public void keep(String document) {
        try {
            WholeFile.writePrivate(path, document);
            problem = null;
        } catch (IOException e) {
            if (problem == null) {
                LOG.warn("Flags could not be kept, file={} problem={}", path, FileProblem.of(e));
            }
            problem = "the flags cannot be kept in " + path + " (" + FileProblem.of(e) + ")";
        }
    }

    /** Why the flags received last are not kept, for people. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Refuses a file that could not be written. */
    public void requireKept() throws FlagsUnavailableException {
        String wrong = problem;
        if (wrong != null) {
            throw new FlagsUnavailableException(wrong + "; set " + key + " to a file that can be written");
        }
    }

    /**
     * What a start that cannot reach the source goes on with; empty where it may not, or nothing was kept yet.
     *
     * @throws FlagsUnavailableException if the file cannot be read
     */
    public Optional<Kept> forStart() throws FlagsUnavailableException {
        if (!usedAtStart) {
            return Optional.empty();
        }
        try {
            return Optional.of(new Kept(
                    Files.readString(path), Files.getLastModifiedTime(path).toInstant()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new FlagsUnavailableException(key + ": " + path + " cannot be read: " + FileProblem.of(path, e), e);
        }
    }

    /** The refusal of a document that was kept and is of no use; {@code why} says what is wrong with it. */
    public FlagsUnavailableException unusable(String why, Throwable cause) {
        return new FlagsUnavailableException(key + ": " + path + " cannot be used: " + why, cause);
    }

    /** Ends the message about a source that could not be reached: that there are no flags to go on with, either. */
    public String nothingToGoOnWith() {
        return usedAtStart ? "; " + key + ": " + path + " holds no flags to go on with" : "";
    }
}
