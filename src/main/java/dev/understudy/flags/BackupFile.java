package dev.understudy.flags;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.FileProblem;
import dev.understudy.domain.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The flags received last, on disk: whole, or as they were before. A thread of its own writes, so that a disk that hangs
 * holds up nobody who receives flags.
 */
public final class BackupFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BackupFile.class);
    private static final Duration LIMIT = Duration.ofSeconds(10);

    /** A document with the time at which it was kept. */
    public record Kept(String document, Instant at) {}

    /** Replaces a file. */
    interface Writer {
        void write(Path file, String text) throws IOException;
    }

    private final String key;
    private final Path path;
    private final boolean usedAtStart;
    private final Writer writer;
    private final Duration limit;
    private final AtomicReference<@Nullable String> latest = new AtomicReference<>();
    private final ThreadPoolExecutor thread;
    private volatile @Nullable String problem;

    /** @param key of the configuration, for messages */
    public BackupFile(String key, Backup backup) {
        this(key, backup, WholeFile::writePrivate, LIMIT);
    }

    /** @param limit how long those wait for the disk who have to */
    BackupFile(String key, Backup backup, Writer writer, Duration limit) {
        this.key = key;
        this.path = backup.file();
        this.usedAtStart = backup.usedAtStart();
        this.writer = writer;
        this.limit = limit;
        this.thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                task -> {
                    Thread made = new Thread(task, "flags-backup");
                    made.setDaemon(true);
                    return made;
                },
                new ThreadPoolExecutor.DiscardPolicy()); // what comes after the end
    }

    /**
     * Has a document kept in place of the one before, soon; of several that wait for the disk, only the last is. A failure
     * is logged once and shown by {@link #problem}.
     */
    public void keep(String document) {
        if (latest.getAndSet(document) == null) {
            thread.execute(this::writeLatest);
        }
    }

    private void writeLatest() {
        String document = latest.getAndSet(null);
        if (document == null) {
            return;
        }
        try {
            writer.write(path, document);
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

    /** Waits until all is written that was to be kept, and refuses a file that could not be written, or not in 10 s. */
    public void requireKept() throws FlagsUnavailableException {
        String wrong;
        try {
            thread.submit(() -> {}).get(limit.toNanos(), TimeUnit.NANOSECONDS);
            wrong = problem;
        } catch (TimeoutException e) {
            wrong = "the flags were not kept in " + path + " within " + DurationText.format(limit);
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing was done, and failed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FlagsUnavailableException("Waiting for " + path + " was interrupted", e);
        }
        if (wrong != null) {
            throw new FlagsUnavailableException(wrong + "; set " + key + " to a file that can be written");
        }
    }

    /** Writes what is still to be kept, unless the disk takes more than 10 s; what comes later is not kept. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("The last flags were not kept, file={} waited={}", path, DurationText.format(limit));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
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
