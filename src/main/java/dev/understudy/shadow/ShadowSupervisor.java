package dev.understudy.shadow;

import dev.understudy.process.ChildFailedException;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs SHADOW in a JVM of its own and starts it again when it dies: native code that hangs cannot be stopped from within,
 * and native code that crashes takes its process with it, which must not be the one that serves production.
 */
public final class ShadowSupervisor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ShadowSupervisor.class);

    private final JvmCommand command;
    private final Settings settings;
    private final Consumer<String> outputLines;
    private final Thread thread;
    private final CompletableFuture<@Nullable Void> firstStart = new CompletableFuture<>();
    private final Object lock = new Object();
    private @Nullable ChildJvm child;
    private boolean closed;
    private int restarts;
    private @Nullable String lastEnd;

    /**
     * How the child is started and started again.
     *
     * @param readyPrefix how the line begins with which the child says that it is ready
     * @param startLimit how long a start may take
     * @param firstPause before the first restart; each further one takes twice as long
     * @param longestPause the bound of that
     * @param healthyAfter a child that lived this long was healthy: the next pause is the first one again
     * @param closeLimit how long the child may take to end in order before it is killed
     */
    public record Settings(
            String readyPrefix,
            Duration startLimit,
            Duration firstPause,
            Duration longestPause,
            Duration healthyAfter,
            Duration closeLimit) {
        public Settings {
            requirePositive("start-limit", startLimit);
            requirePositive("first-pause", firstPause);
            requirePositive("healthy-after", healthyAfter);
            requirePositive("close-limit", closeLimit);
            if (longestPause.compareTo(firstPause) < 0) {
                throw new IllegalArgumentException("the longest pause of the shadow process must not be shorter than"
                        + " the first one of " + firstPause + ", was " + longestPause);
            }
        }

        /** One minute to start, pauses from half a second to half a minute, healthy after a minute. */
        public static Settings standard(String readyPrefix) {
            return new Settings(
                    readyPrefix,
                    Duration.ofMinutes(1),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(30),
                    Duration.ofMinutes(1),
                    Duration.ofSeconds(15));
        }

        /** The pause after so many failures in a row, of which there is at least one. */
        Duration pauseAfter(int failures) {
            Duration pause = firstPause;
            for (int i = 1; i < failures && pause.compareTo(longestPause) < 0; i++) {
                pause = pause.multipliedBy(2);
            }
            return pause.compareTo(longestPause) < 0 ? pause : longestPause;
        }

        private static void requirePositive(String name, Duration value) {
            if (value.isNegative() || value.isZero()) {
                throw new IllegalArgumentException(
                        "the " + name + " of the shadow process must be positive, was " + value);
            }
        }
    }

    /**
     * How the child is.
     *
     * @param running whether it is ready now
     * @param restarts how often it had to be started again
     * @param lastEnd how it ended the last time, for people
     */
    public record Health(boolean running, int restarts, Optional<String> lastEnd) {}

    /**
     * Prepares; {@link #start} starts.
     *
     * @param command ends itself when its standard input ends, see {@link dev.understudy.process.LifeLine}
     * @param outputLines gets what the child writes, error output too
     */
    public ShadowSupervisor(JvmCommand command, Settings settings, Consumer<String> outputLines) {
        this.command = command;
        this.settings = settings;
        this.outputLines = outputLines;
        this.thread = new Thread(
                () -> {
                    try {
                        supervise();
                    } finally {
                        firstStart.completeExceptionally(new IllegalStateException("closed before it was started"));
                    }
                },
                "shadow-supervisor");
        this.thread.setDaemon(true);
    }

    /**
     * Starts the child and waits until it is ready, or has died of something that another start may survive. A child that
     * refuses to start (exit code 1 or 2) is not started again.
     *
     * @throws ChildFailedException if it refused to start; the message carries what it said
     */
    public void start() {
        thread.start();
        try {
            firstStart.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ChildFailedException failed) {
                throw failed;
            }
            throw new IllegalStateException("the shadow process could not be started", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            close();
        }
    }

    public Health health() {
        synchronized (lock) {
            return new Health(child != null && child.isAlive(), restarts, Optional.ofNullable(lastEnd));
        }
    }

    /** Process id of the child while it runs. */
    public Optional<Long> pid() {
        synchronized (lock) {
            return Optional.ofNullable(child).filter(ChildJvm::isAlive).map(ChildJvm::pid);
        }
    }

    /** Ends the child in order, or by force after the close limit. */
    @Override
    public void close() {
        ChildJvm current;
        synchronized (lock) {
            closed = true;
            current = child;
        }
        thread.interrupt();
        if (current != null) {
            current.stop(settings.closeLimit());
        }
        try {
            thread.join(settings.closeLimit().toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void supervise() {
        int failures = 0;
        while (!isClosed()) {
            long startNanos = System.nanoTime();
            String end;
            try {
                ChildJvm started = ChildJvm.start(
                        "shadow", command, settings.readyPrefix(), settings.startLimit(), outputLines, outputLines);
                if (!adopt(started)) {
                    started.stop(settings.closeLimit());
                    return;
                }
                end = "exited with code " + started.exited().get();
            } catch (ChildFailedException e) {
                // A child that refuses says why, and will again. One that was killed by a candidate, or is slow, is
                // what this process is here to survive.
                boolean refused = e.exitCode().orElse(0) == 1 || e.exitCode().orElse(0) == 2;
                if (refused && firstStart.completeExceptionally(e)) {
                    return;
                }
                firstStart.complete(null);
                end = String.valueOf(e.getMessage());
            } catch (UncheckedIOException e) {
                if (firstStart.completeExceptionally(e)) {
                    return;
                }
                end = "could not be started: " + e.getMessage();
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting for the end of a process does not fail", e);
            } catch (InterruptedException e) {
                // Only close() interrupts; it ends the child itself.
                return;
            }
            long lived = System.nanoTime() - startNanos;
            failures = lived >= settings.healthyAfter().toNanos() ? 1 : failures + 1;
            if (!noteEnd(end) || !pause(settings.pauseAfter(failures))) {
                return;
            }
        }
    }

    private boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    /** False if it is too late: then the caller ends the child. */
    private boolean adopt(ChildJvm started) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            child = started;
        }
        firstStart.complete(null);
        LOG.info("stage=shadow pid={} ready", started.pid());
        return true;
    }

    private boolean noteEnd(String end) {
        synchronized (lock) {
            child = null;
            if (closed) {
                return false;
            }
            lastEnd = end;
            restarts++;
        }
        LOG.warn("stage=shadow process {}; it is started again", end);
        return true;
    }

    private static boolean pause(Duration pause) {
        try {
            TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }
}
