package dev.understudy.bench;

import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A child JVM whose use of the machine is known, and which can be held still. */
final class MeasuredJvm implements AutoCloseable {
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration REPORT_LIMIT = Duration.ofSeconds(20);

    private final ChildJvm child;
    private final Reports reports;

    /** The latest report, waited for by whoever wants a newer one. */
    private static final class Reports implements Consumer<String> {
        private long count;
        private @Nullable Usage latest;
        private @Nullable Long heap;

        @Override
        public synchronized void accept(String line) {
            if (line.startsWith(UsageReporter.USAGE)) {
                String[] words = line.split(" ", 3);
                latest = new Usage(Long.parseLong(words[1]), Long.parseLong(words[2]));
                count++;
                notifyAll();
            } else if (line.startsWith(UsageReporter.HEAP)) {
                heap = Long.parseLong(line.substring(UsageReporter.HEAP.length()));
            }
        }

        synchronized OptionalLong heap() {
            return heap == null ? OptionalLong.empty() : OptionalLong.of(heap);
        }

        /** The next but one: that alone was surely begun after the call. */
        synchronized Usage next(String name) {
            long wanted = count + 2;
            long end = System.nanoTime() + REPORT_LIMIT.toNanos();
            while (count < wanted || latest == null) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    throw new IllegalStateException(name + " did not say within " + REPORT_LIMIT + " what it has used");
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IllegalStateException("interrupted while measuring " + name, e);
                }
            }
            return latest;
        }
    }

    private final String name;

    private MeasuredJvm(String name, ChildJvm child, Reports reports) {
        this.name = name;
        this.child = child;
        this.reports = reports;
    }

    /** Starts the command and waits until it prints a line that begins with {@code ready}. */
    static MeasuredJvm start(String name, JvmCommand command, String ready, Consumer<String> errors) {
        Reports reports = new Reports();
        JvmCommand reporting = JvmCommand.of(UsageReporter.class, command.heapMebibytes())
                .withPrefix(command.prefix())
                .withClassPath(command.classPath())
                .withJvmArguments(command.jvmArguments().toArray(String[]::new))
                .withArguments(command.mainClass())
                .withArguments(command.arguments().toArray(String[]::new));
        return new MeasuredJvm(name, ChildJvm.start(name, reporting, ready, START_LIMIT, reports, errors), reports);
    }

    /** What it has used so far; it must not be paused. */
    Usage usage() {
        return reports.next(name);
    }

    /** Bytes of the heap in use after the latest collection, where it was told to collect. */
    OptionalLong heapAfterCollection() {
        return reports.heap();
    }

    /** Bytes of memory that the system counts for it; empty where that is not said as Linux does. */
    OptionalLong residentBytes() {
        Path status = Path.of("/proc/" + child.pid() + "/status");
        try (Stream<String> lines = Files.lines(status)) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** Holds the process still, so that work piles up for it. */
    void pause() {
        signal("STOP");
    }

    void resume() {
        signal("CONT");
    }

    void requireAlive() {
        if (!child.isAlive()) {
            throw new IllegalStateException(name + " ended while it was measured: " + child.standardError());
        }
    }

    private void signal(String signal) {
        try {
            int code = new ProcessBuilder("kill", "-" + signal, Long.toString(child.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (code != 0) {
                throw new IllegalStateException("kill -" + signal + " of " + name + " exited with " + code);
            }
        } catch (IOException e) {
            throw new IllegalStateException("the command 'kill' is needed to hold " + name + " still", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring " + name, e);
        }
    }

    @Override
    public void close() {
        child.close();
    }
}
