package dev.understudy.model;

import dev.understudy.domain.ModelVersion;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches calls into native code, and acts on those that take too long: native code that hangs cannot be stopped from
 * within. Used by all stream threads at once.
 */
public final class CallWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallWatch.class);

    /** Looks this often within the shortest limit, so a call may exceed it by a quarter before it is noticed. */
    private static final int LOOKS_PER_LIMIT = 4;

    private final List<Limit> limits;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closed;

    /**
     * What is done about a call that has taken so long.
     *
     * @param key of the configuration
     * @param action is done once for a call, on the watch's own thread, while the call is still being made
     */
    public record Limit(String key, Duration after, Consumer<Call> action) {
        public Limit {
            if (after.isNegative() || after.isZero()) {
                throw new IllegalArgumentException(key + " must be positive, was " + after);
            }
        }
    }

    /** A call in flight. */
    public static final class Call {
        private final ModelVersion version;
        private final int rows;
        private final Runnable end;
        private final Thread caller = Thread.currentThread();
        private final long startNanos;
        private int limitsPassed;
        private boolean over;

        private Call(ModelVersion version, int rows, long startNanos, Runnable end) {
            this.version = version;
            this.rows = rows;
            this.startNanos = startNanos;
            this.end = end;
        }

        public ModelVersion version() {
            return version;
        }

        /** Rows of the call; 0 while a version is being loaded. */
        public int rows() {
            return rows;
        }

        /** Name of the thread that makes it. */
        public String thread() {
            return caller.getName();
        }

        public Duration age() {
            return Duration.ofNanos(System.nanoTime() - startNanos);
        }

        /** Asks the call to end, which it may or may not. */
        public void end() {
            end.run();
        }
    }

    /**
     * Begins to watch.
     *
     * @param thread name of the watch's own thread
     * @param limits the shorter ones first
     */
    public CallWatch(String thread, List<Limit> limits) {
        this.limits = List.copyOf(limits);
        this.thread = new Thread(() -> watch(limits.get(0).after().toNanos() / LOOKS_PER_LIMIT), thread);
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** As {@link #watch(ModelVersion, int, long, Runnable, Supplier)}, of a call that begins now and cannot be asked to end. */
    public <T> T watch(ModelVersion version, int rows, Supplier<T> work) {
        return watch(version, rows, System.nanoTime(), () -> {}, work);
    }

    /**
     * Makes the call on this thread, under watch.
     *
     * @param startNanos from when on its time counts, by {@link System#nanoTime}
     * @param end asks it to end; run on another thread, and never after this method has returned
     */
    public <T> T watch(ModelVersion version, int rows, long startNanos, Runnable end, Supplier<T> work) {
        Call call = new Call(version, rows, startNanos, end);
        calls.add(call);
        try {
            return work.get();
        } finally {
            calls.remove(call);
            synchronized (call) {
                call.over = true;
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void watch(long everyNanos) {
        while (!closed) {
            try {
                TimeUnit.NANOSECONDS.sleep(Math.max(1, everyNanos));
            } catch (InterruptedException e) {
                // Only close() interrupts; the loop's head looks.
                continue;
            }
            calls.forEach(this::look);
        }
    }

    private void look(Call call) {
        synchronized (call) {
            while (!call.over
                    && call.limitsPassed < limits.size()
                    && call.age().compareTo(limits.get(call.limitsPassed).after()) > 0) {
                Limit passed = limits.get(call.limitsPassed++);
                try {
                    passed.action().accept(call);
                } catch (RuntimeException e) {
                    // Later limits and other calls are watched all the same.
                    LOG.error("What {} asks to do about a call of {} failed", passed.key(), call.version(), e);
                }
            }
        }
    }
}
