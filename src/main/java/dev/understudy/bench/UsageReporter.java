package dev.understudy.bench;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;

/** Runs another main class in this JVM, and says on standard output every tenth of a second what the JVM has used. */
final class UsageReporter {
    /** Followed by CPU nanoseconds and allocated bytes. */
    static final String USAGE = "USAGE ";

    private static final Duration INTERVAL = Duration.ofMillis(100);

    private UsageReporter() {}

    /** Arguments: the main class, and what it gets. */
    public static void main(String[] arguments) throws ReflectiveOperationException {
        PrintStream out = System.out;
        Thread reporter = new Thread(
                () -> {
                    while (true) {
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
