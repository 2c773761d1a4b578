package dev.understudy.demo;

import dev.understudy.avro.Outcome;
import dev.understudy.domain.Features;
import dev.understudy.domain.Request;
import dev.understudy.kafka.TopicWriter;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests at a steady rate, drawn from sample rows by a seeded generator, and each one's outcome a little later.
 * Runs on a thread of its own until it is closed.
 */
public final class DemoTraffic implements AutoCloseable {
    /** Requests are sent in steps of this length. */
    private static final Duration STEP = Duration.ofMillis(20);

    private static final Duration OUTCOME_DELAY = Duration.ofSeconds(3);
    private static final long SEED = 1;

    /** Bounds count distinct entities: a few hundred cards would leave them wide however long the demo runs. */
    private static final int ENTITIES_PER_SAMPLE = 10;

    /** A row that requests are made of; {@code label} is what really happened. */
    public record Sample(String entityId, Map<String, String> attributes, Features features, String label) {}

    private record Due(long atMillis, Outcome outcome) {}

    private final List<Sample> samples;
    private final TopicWriter<String, Request> requests;
    private final TopicWriter<String, Outcome> outcomes;
    private final int perSecond;
    private final Clock clock;
    private final Random random = new Random(SEED);
    private final Deque<Due> due = new ArrayDeque<>();
    private final AtomicLong sent = new AtomicLong();
    private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean stopping;

    private DemoTraffic(
            List<Sample> samples,
            TopicWriter<String, Request> requests,
            TopicWriter<String, Outcome> outcomes,
            int perSecond,
            Clock clock) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("the demo needs at least one sample row");
        }
        if (perSecond < 1) {
            throw new IllegalArgumentException("--rate must be at least 1 request a second, was " + perSecond);
        }
        this.samples = List.copyOf(samples);
        this.requests = requests;
        this.outcomes = outcomes;
        this.perSecond = perSecond;
        this.clock = clock;
        this.thread = new Thread(this::run, "demo-traffic");
    }

    /** Begins to send; closes the writers when it is closed. */
    public static DemoTraffic start(
            List<Sample> samples,
            TopicWriter<String, Request> requests,
            TopicWriter<String, Outcome> outcomes,
            int perSecond,
            Clock clock) {
        DemoTraffic traffic = new DemoTraffic(samples, requests, outcomes, perSecond, clock);
        traffic.thread.start();
        return traffic;
    }

    /** Requests sent so far. */
    public long sent() {
        return sent.get();
    }

    /** Sends the outcomes that are still due and stops; throws what went wrong while sending. */
    @Override
    public void close() {
        stopping = true;
        LockSupport.unpark(thread);
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throwFailure();
    }

    /** Throws what went wrong while sending, if anything did. */
    public void throwFailure() {
        RuntimeException problem = failure.get();
        if (problem != null) {
            throw problem;
        }
    }

    private void run() {
        try (requests;
                outcomes) {
            long begin = System.nanoTime();
            while (!stopping) {
                long target = (System.nanoTime() - begin) / 1_000 * perSecond / 1_000_000;
                while (sent.get() < target) {
                    send();
                }
                sendOutcomes(clock.millis());
                LockSupport.parkNanos(STEP.toNanos());
            }
            sendOutcomes(Long.MAX_VALUE);
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private void send() {
        Sample sample = samples.get(random.nextInt(samples.size()));
        String entityId = sample.entityId() + "-" + random.nextInt(ENTITIES_PER_SAMPLE);
        long now = clock.millis();
        String requestId = "demo-" + sent.incrementAndGet();
        requests.send(entityId, new Request(requestId, entityId, sample.attributes(), now, sample.features()));
        long at = now + OUTCOME_DELAY.toMillis();
        due.add(new Due(at, new Outcome(requestId, entityId, sample.label(), null, null, at)));
    }

    private void sendOutcomes(long untilMillis) {
        while (!due.isEmpty() && due.getFirst().atMillis() <= untilMillis) {
            Outcome outcome = due.removeFirst().outcome();
            outcomes.send(outcome.getEntityId(), outcome);
        }
    }
}
