package dev.understudy.faults;

import dev.understudy.broker.Await;
import dev.understudy.process.ChildFailedException;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** {@code understudy run --stages <stage>} in a JVM of its own, started again whenever it ends, as a supervisor does. */
final class StageProcess implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofMinutes(3);
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final int HEAP_MEBIBYTES = 256;

    private final String stage;
    private final JvmCommand command;
    private final Path log;
    private final Thread thread;
    private final Object lock = new Object();
    private @Nullable ChildJvm child;
    private boolean closed;
    private boolean held;
    private int starts;
    private int ends;

    /**
     * Begins to start it.
     *
     * @param config of this process alone
     * @param log what it writes is added to this file
     */
    StageProcess(String stage, Path config, Path log, List<String> jvmArguments) {
        this.stage = stage;
        this.log = log;
        this.command = new JvmCommand(
                        List.of(),
                        "dev.understudy.cli.Main",
                        JvmCommand.ownClassPath(),
                        HEAP_MEBIBYTES,
                        jvmArguments,
                        List.of())
                .withArguments(
                        "run", "--stages", stage, "--until-input-ends", "--no-page", "--config", config.toString());
        this.thread = new Thread(this::supervise, "supervise-" + stage);
        thread.setDaemon(true);
        thread.start();
    }

    String stage() {
        return stage;
    }

    /** How often it has begun to run. */
    int starts() {
        synchronized (lock) {
            return starts;
        }
    }

    /** How often it has ended or could not start. */
    int ends() {
        synchronized (lock) {
            return ends;
        }
    }

    StageProcess awaitRunning() {
        Await.until(stage + " runs", START_LIMIT, () -> running() != null, this::lastWords);
        return this;
    }

    /** As {@code kill -9}; does nothing while it is not running. */
    void killForcibly() {
        ChildJvm running = running();
        if (running != null) {
            running.killForcibly();
        }
    }

    /** Kills it, and does not let it be started again until {@link #letStart}. */
    void killAndHold() {
        synchronized (lock) {
            held = true;
        }
        killForcibly();
        Await.until(stage + " is gone", START_LIMIT, () -> running() == null);
    }

    void letStart() {
        synchronized (lock) {
            held = false;
            lock.notifyAll();
        }
    }

    /** SIGSTOP: the process and all of its threads stand still, its connections stay open. */
    void pause() {
        signal("STOP");
    }

    /** SIGCONT. */
    void goOn() {
        signal("CONT");
    }

    private void signal(String signal) {
        ChildJvm running = running();
        if (running == null) {
            throw new AssertionError(stage + " does not run: " + lastWords());
        }
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(running.pid()))
                    .inheritIO()
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private @Nullable ChildJvm running() {
        synchronized (lock) {
            return child != null && child.isAlive() ? child : null;
        }
    }

    /** The end of what it wrote. */
    String lastWords() {
        try {
            List<String> lines = Files.exists(log) ? Files.readAllLines(log) : List.of();
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 30), lines.size()));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void supervise() {
        while (mayStart()) {
            try {
                ChildJvm started = ChildJvm.start(stage, command, "READY", START_LIMIT, this::remember, this::remember);
                if (!adopt(started)) {
                    started.close();
                    return;
                }
                remember("-- runs, pid " + started.pid());
                remember("-- ended with " + started.exited().get());
            } catch (ChildFailedException e) {
                remember("-- " + e.getMessage());
            } catch (ExecutionException e) {
                throw new IllegalStateException("waiting for the end of a process does not fail", e);
            } catch (InterruptedException e) {
                return; // only close() interrupts
            }
            synchronized (lock) {
                child = null;
                ends++;
            }
        }
    }

    /** Waits for the pause between two starts; false once closed. */
    private boolean mayStart() {
        synchronized (lock) {
            try {
                if (ends > 0 && !closed) {
                    TimeUnit.MILLISECONDS.timedWait(lock, PAUSE.toMillis());
                }
                while (held && !closed) {
                    lock.wait();
                }
            } catch (InterruptedException e) {
                return false;
            }
            return !closed;
        }
    }

    private boolean adopt(ChildJvm started) {
        synchronized (lock) {
            if (closed) {
                return false;
            }
            child = started;
            starts++;
            return true;
        }
    }

    private synchronized void remember(String line) {
        try {
            Files.writeString(
                    log,
                    line + System.lineSeparator(),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ends it in order. */
    @Override
    public void close() {
        ChildJvm running;
        synchronized (lock) {
            closed = true;
            running = child;
            lock.notifyAll();
        }
        thread.interrupt();
        if (running != null) {
            running.close();
        }
        try {
            thread.join(START_LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
