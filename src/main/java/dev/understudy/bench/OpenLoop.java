package dev.understudy.bench;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A load generator on the calling thread and a reader of predictions on another, in one process, so that one clock says when
 * a request was due and when its prediction could be read.
 */
final class OpenLoop implements AutoCloseable {
    /** How long answers are waited for after the last request. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Enough that an exactly-once commit interval of a second does not limit the throughput of 50,000 a second. */
    private static final int MOST_UNANSWERED = 50_000;

    private static final Duration BREATH = Duration.ofMillis(1);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(5);

    private final LoadGenerator generator;
    private final PredictionTimes reader;
    private final ExecutorService reading =
            Executors.newSingleThreadExecutor(task -> new Thread(task, "prediction-reader"));

    /** Predictions read, and the time when that many were. */
    private record Reached(long answered, long nanos) {}

    OpenLoop(RoundTopics round, BenchRequests requests) {
        this.generator = new LoadGenerator(round.connection(), round.topics().predictionRequests(), requests);
        this.reader = new PredictionTimes(round.connection(), round.topics().predictions());
    }

    /** Sends at a rate for as long as the two durations together, waits for the answers, and measures the latter part. */
    LatencyFigures measure(int ratePerSecond, Duration warmUp, Duration measured) {
        int before = Math.toIntExact(warmUp.toSeconds() * ratePerSecond);
        int requests = Math.toIntExact(measured.toSeconds() * ratePerSecond);
        long first = generator.nextNumber();
        SendSchedule schedule = new SendSchedule(System.nanoTime(), ratePerSecond);
        long deadline = schedule.intendedNanos((long) before + requests) + PATIENCE.toNanos();
        LatencyRecorder recorder = new LatencyRecorder(schedule, before, requests);
        Future<?> answers = reading.submit(() -> reader.read(
                (number, readable) -> recorder.answered(number - first, readable),
                () -> recorder.isComplete() || System.nanoTime() - deadline > 0));
        generator.follow(schedule, before + requests);
        await(answers);
        return recorder.figures();
    }

    /** Sends so many requests as fast as they are answered, and waits for the last answer. */
    void workOff(int requests) {
        long until = generator.nextNumber() + requests;
        saturate(() -> generator.nextNumber() < until, () -> true);
    }

    /**
     * Predictions a second while requests are sent as fast as they are answered.
     *
     * @param ramp time that is not measured
     */
    double saturation(Duration ramp, Duration measured) {
        long from = System.nanoTime() + ramp.toNanos();
        long to = from + measured.toNanos();
        return saturate(() -> System.nanoTime() - to < 0, () -> System.nanoTime() - from >= 0);
    }

    /** Keeps requests unanswered for as long as {@code goOn} says; the rate of answers once {@code counts} says so. */
    private double saturate(BooleanSupplier goOn, BooleanSupplier counts) {
        AtomicLong answered = new AtomicLong();
        AtomicBoolean enough = new AtomicBoolean();
        long first = generator.nextNumber();
        Future<?> answers = reading.submit(() -> reader.read(
                (number, readable) -> {
                    if (number >= first) {
                        answered.incrementAndGet();
                    }
                },
                enough::get));
        Reached from = null;
        while (goOn.getAsBoolean() && !answers.isDone()) {
            if (from == null && counts.getAsBoolean()) {
                from = new Reached(answered.get(), System.nanoTime());
            }
            if (generator.nextNumber() - first - answered.get() < MOST_UNANSWERED) {
                generator.send();
            } else {
                LockSupport.parkNanos(BREATH.toNanos());
            }
        }
        Reached to = new Reached(answered.get(), System.nanoTime());
        generator.flush();
        long sent = generator.nextNumber() - first;
        while (answered.get() < sent && System.nanoTime() - to.nanos() < PATIENCE.toNanos() && !answers.isDone()) {
            LockSupport.parkNanos(BREATH.toNanos());
        }
        enough.set(true);
        await(answers);
        if (answered.get() < sent) {
            throw new IllegalStateException("only " + answered.get() + " of " + sent + " requests were answered within "
                    + PATIENCE.toSeconds() + " s after the last was sent");
        }
        return from == null ? 0 : (to.answered() - from.answered()) * 1e9 / (to.nanos() - from.nanos());
    }

    private static void await(Future<?> answers) {
        try {
            answers.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("predictions could not be read", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }

    /** Ends the reading that is still going on when sending failed. */
    @Override
    public void close() {
        reading.shutdownNow();
        boolean ended;
        try {
            ended = reading.awaitTermination(CLOSE_LIMIT.toSeconds(), TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            ended = false;
        }
        if (ended) {
            reader.close();
        }
        generator.close();
    }
}
