package dev.understudy.cli;

import dev.understudy.process.ChildJvm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Kills the children of a process that use more memory than they may, with the signal that the kernel gives a process
 * over the limit of its control group, which a test cannot rely on being allowed to make. It looks every 10 ms, so that
 * a child is over the limit for a while; the kernel kills at the limit.
 */
final class MemoryLimit implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 10;

    private final ProcessHandle parent;
    private final long limit;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    private final Future<?> looks;
    private final Set<Long> killed = new HashSet<>();
    private long mostUsed;

    private MemoryLimit(ProcessHandle parent, long limit) {
        this.parent = parent;
        this.limit = limit;
        looks = watch.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Watches until it is closed; the limit is in bytes of resident memory. */
    static MemoryLimit ofChildren(ChildJvm parent, long limit) {
        return new MemoryLimit(ProcessHandle.of(parent.pid()).orElseThrow(), limit);
    }

    private synchronized void look() {
        // Of a parent that is gone, children() gives those of whatever process has its id now.
        if (parent.isAlive()) {
            parent.children().forEach(this::look);
        }
    }

    private void look(ProcessHandle child) {
        long used = residentBytes(child.pid());
        mostUsed = Math.max(mostUsed, used);
        if (used > limit && child.destroyForcibly()) {
            killed.add(child.pid());
        }
    }

    /** How many processes were killed. */
    synchronized int killed() {
        return killed.size();
    }

    /** The largest memory of one child that was seen, in bytes. */
    synchronized long mostUsed() {
        return mostUsed;
    }

    /** 0 of a process that is gone. */
    private static long residentBytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .sum();
        } catch (IOException gone) {
            return 0;
        }
    }

    /** Fails if a look failed, after which there were no more. */
    @Override
    public void close() {
        watch.shutdownNow();
        if (looks.isDone()) {
            try {
                looks.get();
            } catch (ExecutionException | InterruptedException e) {
                throw new AssertionError("memory was not bounded to the end", e);
            }
        }
    }
}
