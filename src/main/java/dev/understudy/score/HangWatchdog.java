package dev.understudy.score;

import dev.understudy.domain.ModelVersion;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends the process when a model call hangs. Native code that hangs cannot be stopped from within, and behind it
 * requests would wait for ever without anybody knowing; a supervisor starts the process again.
 */
public final class HangWatchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HangWatchdog.class);
    /** Looks this often within the limit, so a call may exceed it by a quarter before it is noticed. */
    private static final int LOOKS_PER_LIMIT = 4;

    private final Duration limit;
    private final Runnable halt;
    private final Set<Call> calls = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closed;

    /** A call in flight. A thread has one at most, so that no two are equal. */
    private record Call(ModelVersion version, int rows, String thread, long startNanos) {}

    /**
     * @param limit how long a call may take: {@code score.hang-limit}
     * @param halt ends the process without running shutdown hooks, which might wait for the call
     */
    public HangWatchdog(Duration limit, Runnable halt) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("score.hang-limit must be positive, was " + limit);
        }
        this.limit = limit;
        this.halt = halt;
        this.thread = new Thread(this::watch, "hang-watchdog");
        this.thread.setDaemon(true);
        this.thread.start();
    }

    /** Makes the call on this thread, under watch. */
    <T> T watch(ModelVersion version, int rows, Supplier<T> modelCall) {
        Call call = new Call(version, rows, Thread.currentThread().getName(), System.nanoTime());
        calls.add(call);
        try {
            return modelCall.get();
        } finally {
            calls.remove(call);
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void watch() {
        while (!closed) {
            try {
                TimeUnit.NANOSECONDS.sleep(Math.max(1, limit.toNanos() / LOOKS_PER_LIMIT));
            } catch (InterruptedException e) {
                // Only close() interrupts; the loop's head looks.
                continue;
            }
            for (Call call : calls) {
                long nanos = System.nanoTime() - call.startNanos();
                if (nanos > limit.toNanos()) {
                    LOG.error(
                            "stage=score model={} rows={} thread={} model call hangs since {}, limit"
                                    + " score.hang-limit={}: halting the process for its supervisor to restart",
                            call.version(),
                            call.rows(),
                            call.thread(),
                            Duration.ofNanos(nanos),
                            limit);
                    halt.run();
                    return;
                }
            }
        }
    }
}
