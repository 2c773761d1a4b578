package dev.understudy.process;

import dev.understudy.domain.DurationText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * A child JVM that says when it is ready (one line on standard output), explains itself on standard error, and lives no
 * longer than its parent if it holds a {@link LifeLine}.
 */
public final class ChildJvm implements AutoCloseable {
    /** How much of standard error is kept to explain a failure. */
    private static final int REMEMBERED_LINES = 200;

    private static final Duration LAST_WORDS = Duration.ofSeconds(2);

    private final String name;
    private final Process process;
    private final CompletableFuture<String> ready = new CompletableFuture<>();
    private final Deque<String> lastErrors = new ArrayDeque<>();
    private final Thread errorReader;

    private ChildJvm(
            String name,
            Process process,
            String readyPrefix,
            Consumer<String> outputLines,
            Consumer<String> errorLines) {
        this.name = name;
        this.process = process;
        this.errorReader = reader(name + "-stderr", process.getErrorStream(), line -> {
            remember(line);
            errorLines.accept(line);
        });
        Thread outputReader = reader(name + "-stdout", process.getInputStream(), line -> {
            if (line.startsWith(readyPrefix)) {
                ready.complete(line);
            } else {
                outputLines.accept(line);
            }
        });
        errorReader.start();
        outputReader.start();
    }

    /** As {@link #start(String, JvmCommand, String, Duration, Consumer, Consumer)}, forwarding no output. */
    public static ChildJvm start(String name, JvmCommand command, String readyPrefix, Duration startLimit) {
        return start(name, command, readyPrefix, startLimit, line -> {}, line -> {});
    }

    /**
     * Starts the child and waits until it prints a line that begins with {@code readyPrefix}.
     *
     * @param name what the child is called in messages and thread names
     * @param outputLines gets every other line of standard output, on a thread of its own
     * @param errorLines gets every line of standard error, on a thread of its own
     * @throws ChildFailedException when the child exits first, or is not ready within {@code startLimit}; it is dead
     *     then
     */
    public static ChildJvm start(
            String name,
            JvmCommand command,
            String readyPrefix,
            Duration startLimit,
            Consumer<String> outputLines,
            Consumer<String> errorLines) {
        Process process;
        try {
            process = new ProcessBuilder(command.words()).start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + name, e);
        }
        ChildJvm child = new ChildJvm(name, process, readyPrefix, outputLines, errorLines);
        child.awaitReady(startLimit);
        return child;
    }

    /** The line with which the child said that it is ready. */
    public String readyLine() {
        return ready.join();
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Completes with the exit code when the child has ended, however it ended. */
    public CompletableFuture<Integer> exited() {
        return process.onExit().thenApply(Process::exitValue);
    }

    /** The last lines that the child wrote to standard error, at most 200. */
    public String standardError() {
        synchronized (lastErrors) {
            return String.join("\n", lastErrors);
        }
    }

    /** Ends the child as {@code kill -9} does, and waits until it is gone. */
    public void killForcibly() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Cuts the life line, lets the child end in order for {@code grace}, then kills it. Does nothing if it is dead. */
    public void stop(Duration grace) {
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // The pipe of a dead child cannot be closed twice; what counts is that it ends, which is awaited below.
        }
        try {
            if (!process.waitFor(grace.toMillis(), TimeUnit.MILLISECONDS)) {
                killForcibly();
            }
        } catch (InterruptedException e) {
            killForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /** Stops the child with a grace of 15 seconds. */
    @Override
    public void close() {
        stop(Duration.ofSeconds(15));
    }

    private void awaitReady(Duration limit) {
        CompletableFuture<Process> exit = process.onExit();
        try {
            CompletableFuture.anyOf(ready, exit).get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            killForcibly();
            throw new ChildFailedException(
                    name + " was not ready within " + DurationText.format(limit), OptionalInt.empty(), lastWords());
        } catch (InterruptedException e) {
            killForcibly();
            Thread.currentThread().interrupt();
            throw new ChildFailedException(
                    "interrupted while " + name + " was starting", OptionalInt.empty(), lastWords());
        } catch (ExecutionException e) {
            throw new IllegalStateException("waiting for " + name + " failed", e.getCause());
        }
        if (!ready.isDone()) {
            int code = process.exitValue();
            throw new ChildFailedException(
                    name + " exited with code " + code + " before it was ready", OptionalInt.of(code), lastWords());
        }
    }

    /** Standard error of a dead child; waits until it is read, but not for a grandchild that holds it open. */
    private String lastWords() {
        try {
            errorReader.join(LAST_WORDS.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return standardError();
    }

    private void remember(String line) {
        synchronized (lastErrors) {
            if (lastErrors.size() == REMEMBERED_LINES) {
                lastErrors.removeFirst();
            }
            lastErrors.addLast(line);
        }
    }

    private static Thread reader(String name, InputStream stream, Consumer<String> lines) {
        Thread thread = new Thread(
                () -> {
                    try (BufferedReader reader =
                            new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                            lines.accept(line);
                        }
                    } catch (IOException e) {
                        // The stream of a killed child may break instead of ending; either way there is no more.
                    }
                },
                name);
        thread.setDaemon(true);
        return thread;
    }
}
