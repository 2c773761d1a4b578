package dev.understudy.bench;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** Runs another main class in this JVM, and says on standard output every tenth of a second what the JVM has used. */
final class UsageReporter {
    /** Followed by CPU nanoseconds and allocated bytes. */
    static final String USAGE = "USAGE ";

    /** Followed by the bytes of the heap that were in use after a collection. */
    static final String HEAP = "HEAP ";

    /** System property: collect so often, and say what is left. Without it nothing is collected. */
    static final String COLLECT_EVERY_MILLIS = "understudy.bench.collect-every-millis";

    private static final Duration INTERVAL = Duration.ofMillis(100);

    private UsageReporter() {}

    /** Arguments: the main class, and what it gets. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        PrintStream out = System.out;
        Duration collectEvery = Duration.ofMillis(Long.getLong(COLLECT_EVERY_MILLIS, 0));
        Thread reporter = new Thread(
                () -> {
                    long collected = System.nanoTime();
                    while (true) {
                        if (!collectEvery.isZero() && System.nanoTime() - collected >= collectEvery.toNanos()) {
                            collected = System.nanoTime();
                            out.println(HEAP + heapAfterCollection());
                        }
                        Usage usage = used();
                        out.println(USAGE + usage.cpuNanos() + " " + usage.allocatedBytes());
                        LockSupport.parkNanos(INTERVAL.toNanos());
                    }
                },
                "usage-reporter");
        reporter.setDaemon(true);
        reporter.start();
        try {
            Class.forName(arguments[0]).getMethod("main", String[].class).invoke(null, (Object)
                    Arrays.copyOfRange(arguments, 1, arguments.length));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw e;
        }
    }

    @SuppressWarnings("SystemGc") // What is left after a collection is what is asked for.
    private static long heapAfterCollection() {
        System.gc();
        long bytes = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            if (pool.getType() == MemoryType.HEAP && pool.getCollectionUsage() != null) {
                bytes += pool.getCollectionUsage().getUsed();
            }
        }
        return bytes;
    }

    private static Usage used() {
        long cpu = 0;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            cpu = system.getProcessCpuTime();
        }
        long allocated = 0;
        if (ManagementFactory.getThreadMXBean() instanceof com.sun.management.ThreadMXBean threads) {
            for (long bytes : threads.getThreadAllocatedBytes(threads.getAllThreadIds())) {
                allocated += Math.max(0, bytes);
            }
        }
        return new Usage(cpu, allocated);
    }
}
