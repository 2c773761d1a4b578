package dev.understudy.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Kills the children of a process that use more memory than they may, with the signal and at the moment that the kernel
 * does it to a process over the limit of its control group, which a test cannot rely on being allowed to make.
 */
final class MemoryLimit implements AutoCloseable {
    private static final long LOOK_EVERY_MILLIS = 10;

    private final long parent;
    private final long limit;
    private final ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor();
    private final Set<Long> killed = new HashSet<>();
    private long mostUsed;

    private MemoryLimit(long parent, long limit) {
        this.parent = parent;
        this.limit = limit;
    }

    /** Watches until it is closed; the limit is in bytes of resident memory. */
    static MemoryLimit ofChildren(long parent, long limit) {
        MemoryLimit made = new MemoryLimit(parent, limit);
        var unused = made.watch.scheduleWithFixedDelay(made::look, 0, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
        return made;
    }

    private synchronized void look() {
        ProcessHandle.of(parent)
                .ifPresent(process -> process.children().forEach(child -> {
                    long used = residentBytes(child.pid());
                    mostUsed = Math.max(mostUsed, used);
                    if (used > limit && child.destroyForcibly()) {
                        killed.add(child.pid());
                    }
                }));
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

    @Override
    public void close() {
        watch.shutdownNow();
    }
}
