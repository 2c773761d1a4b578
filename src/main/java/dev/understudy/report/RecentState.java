package dev.understudy.report;

import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How the process was at most a second ago: to look costs a walk through Kafka's metrics and a look at the disk, and probes
 * that ask for no token must not be able to make it work.
 */
public final class RecentState implements Supplier<ProcessState> {
    private static final long FRESH_NANOS = Duration.ofSeconds(1).toNanos();

    private final Supplier<ProcessState> looking;
    private final LongSupplier nanoTime;
    private @Nullable ProcessState seen;
    private long at;

    /**
     * @param looking asked at most once a second
     * @param nanoTime usually {@link System#nanoTime}
     */
    public RecentState(Supplier<ProcessState> looking, LongSupplier nanoTime) {
        this.looking = looking;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized ProcessState get() {
        long now = nanoTime.getAsLong();
        ProcessState last = seen;
        if (last != null && now - at < FRESH_NANOS) {
            return last;
        }
        ProcessState fresh = looking.get();
        seen = fresh;
        at = now;
        return fresh;
    }
}
