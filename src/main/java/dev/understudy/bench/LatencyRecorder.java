package dev.understudy.bench;

import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Latencies of an open loop, from the time at which a request was to be sent to the time at which its prediction could be
 * read. A sender or a reader that stalls therefore makes every request late that was due meanwhile, instead of hiding them
 * (coordinated omission). Every request is accounted for: answered, answered again, or missing.
 *
 * <p>Used by one thread at a time. What is due when follows from the sequence number, so nothing is kept per record but a
 * bit.
 */
final class LatencyRecorder {
    private static final int SIGNIFICANT_DIGITS = 3;
    private static final double NANOS_PER_MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final SendSchedule schedule;
    private final int warmUp;
    private final int requests;
    private final Histogram latencies = new Histogram(SIGNIFICANT_DIGITS);
    private final BitSet answered;
    private int distinct;
    private long repeats;

    /**
     * A recorder that has seen nothing.
     *
     * @param warmUp requests at the beginning that are awaited but not measured
     * @param requests that are measured
     */
    LatencyRecorder(SendSchedule schedule, int warmUp, int requests) {
        this.schedule = schedule;
        this.warmUp = warmUp;
        this.requests = requests;
        this.answered = new BitSet(warmUp + requests);
    }

    /**
     * A prediction can be read. Those that answer requests from before or after the schedule are not looked at.
     *
     * @param readableNanos as {@link System#nanoTime} counts
     */
    void answered(long sequence, long readableNanos) {
        if (sequence < 0 || sequence >= warmUp + requests) {
            return;
        }
        int index = (int) sequence;
        if (answered.get(index)) {
            repeats++;
            return;
        }
        answered.set(index);
        distinct++;
        if (index >= warmUp) {
            latencies.recordValue(readableNanos - schedule.intendedNanos(sequence));
        }
    }

    /** Every request, the first ones included, was answered. */
    boolean isComplete() {
        return distinct == warmUp + requests;
    }

    /** What was seen so far; of requests that are missing no latency is known, so the percentiles leave them out. */
    LatencyFigures figures() {
        return new LatencyFigures(
                requests,
                repeats,
                (long) warmUp + requests - distinct,
                millis(50),
                millis(99),
                millis(99.9),
                latencies.getMaxValue() / NANOS_PER_MILLI);
    }

    private double millis(double percentile) {
        return latencies.getValueAtPercentile(percentile) / NANOS_PER_MILLI;
    }
}
