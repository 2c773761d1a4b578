package dev.understudy.bench;

import java.util.concurrent.TimeUnit;

/**
 * When each request of an open loop is to be sent: evenly, whatever became of those before it.
 *
 * @param startNanos of the first request, as {@link System#nanoTime} counts
 * @param ratePerSecond requests a second
 */
record SendSchedule(long startNanos, int ratePerSecond) {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    SendSchedule {
        if (ratePerSecond < 1) {
            throw new IllegalArgumentException("a rate must be at least 1 a second, was " + ratePerSecond);
        }
    }

    /** When the request with this sequence number, counted from 0, is to be sent.. */
    long intendedNanos(long sequence) {
        return startNanos + sequence / ratePerSecond * SECOND + sequence % ratePerSecond * SECOND / ratePerSecond;
    }
}
