package dev.understudy.flags;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.app.FlaggedPipeline;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.RoutingReason;
import dev.understudy.broker.Await;
import dev.understudy.broker.TestKafka;
import dev.understudy.kafka.TopicReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The time from a kill to the first prediction with reason KILLED that a reader gets, through the whole pipeline with its
 * own settings, while a request comes every two milliseconds. It is printed; the bound that is asserted is generous,
 * because the machine may be busy. {@code -Dkills=20} measures longer.
 */
public abstract class KillTimeContract {
    private static final int KILLS = Integer.getInteger("kills", 2);
    private static final Duration BETWEEN_REQUESTS = Duration.ofMillis(2);
    private static final Duration BUSY = Duration.ofSeconds(10);
    private static final Duration ALIVE_BOUND = Duration.ofMinutes(1);

    @RegisterExtension
    protected static final TestKafka kafka = new TestKafka();

    @TempDir
    protected Path folder;

    /** The section {@code flags} of the configuration that names the source, a mapping in one line. */
    protected abstract String configuration() throws Exception;

    /** Makes these the flags of the source; returns as soon as the source has been told. */
    protected abstract void publish(FlagsDraft flags) throws Exception;

    /** How long the source goes without looking at its flags; zero where it is told of changes. */
    protected abstract Duration interval();

    @Test
    void a_kill_reaches_predictions_in_time() throws Exception {
        FlagsDraft alive = FlagsDraft.serving("v2").candidates("v3");
        publish(alive);
        Duration bound = interval().plus(BUSY);
        long[] nanos = new long[KILLS];
        try (FlaggedPipeline pipeline = FlaggedPipeline.start(kafka, folder, configuration(), "");
                Traffic traffic = new Traffic(pipeline)) {
            Random random = new Random(1);
            for (int kill = 0; kill < KILLS; kill++) {
                traffic.first(KillTimeContract::isAlive).get(ALIVE_BOUND.toSeconds(), TimeUnit.SECONDS);
                traffic.awaitMore(requestsWithin(interval(), random));
                Future<Long> killed = traffic.first(KillTimeContract::isKilled);
                publish(alive.killed());
                long told = System.nanoTime();
                nanos[kill] = killed.get(bound.toMillis(), TimeUnit.MILLISECONDS) - told;
                publish(alive);
            }
            System.out.printf(
                    Locale.ROOT, "kill time: %s: %s%n", pipeline.flagHealth().source(), summary(nanos));
        }
        assertThat(Arrays.stream(nanos).max().orElseThrow()).isLessThan(bound.toNanos());
    }

    private static boolean isAlive(Prediction prediction) {
        return prediction.getDecision().getReason() == RoutingReason.DEFAULT;
    }

    private static boolean isKilled(Prediction prediction) {
        return prediction.getDecision().getReason() == RoutingReason.KILLED;
    }

    /** So that kills fall anywhere between two looks; some always, so that predictions on their way have come. */
    private static long requestsWithin(Duration interval, Random random) {
        return 200L + random.nextInt(Math.max(1, (int) interval.dividedBy(BETWEEN_REQUESTS)));
    }

    private static String summary(long[] nanos) {
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        return String.format(
                Locale.ROOT,
                "%d kills, ms: lowest %.0f, median %.0f, 90th percentile %.0f, highest %.0f",
                sorted.length,
                sorted[0] / 1e6,
                sorted[sorted.length / 2] / 1e6,
                sorted[(sorted.length * 9 - 1) / 10] / 1e6,
                sorted[sorted.length - 1] / 1e6);
    }

    /** Requests without a pause, and a reader of their predictions. */
    private static final class Traffic implements AutoCloseable {
        private record Awaited(Predicate<Prediction> which, CompletableFuture<Long> at) {}

        private final ScheduledExecutorService threads = Executors.newScheduledThreadPool(2);
        private final FlaggedPipeline pipeline;
        private final Future<?> reading;
        private long sent;
        private final AtomicLong read = new AtomicLong();
        private volatile boolean ending;
        private volatile @Nullable Awaited awaited;

        Traffic(FlaggedPipeline pipeline) {
            this.pipeline = pipeline;
            this.reading = threads.submit(this::read);
            Future<?> unused =
                    threads.scheduleAtFixedRate(this::send, 0, BETWEEN_REQUESTS.toNanos(), TimeUnit.NANOSECONDS);
        }

        /** When, by {@link System#nanoTime}, the first such prediction from now on was read. */
        Future<Long> first(Predicate<Prediction> which) {
            Awaited next = new Awaited(which, new CompletableFuture<>());
            awaited = next;
            return next.at();
        }

        void awaitMore(long predictions) {
            long goal = read.get() + predictions;
            Await.until("predictions go on", ALIVE_BOUND, () -> read.get() >= goal);
        }

        private void send() {
            long number = sent++;
            pipeline.send("r" + number, "user-" + number % 1_000);
        }

        private void read() {
            try (TopicReader<String, Prediction> reader = pipeline.predictions()) {
                while (!ending) {
                    reader.poll(Duration.ofMillis(50)).forEach(record -> {
                        Awaited now = awaited;
                        if (now != null && now.which().test(record.value())) {
                            now.at().complete(System.nanoTime());
                        }
                        read.incrementAndGet();
                    });
                }
            }
        }

        @Override
        public void close() {
            ending = true;
            threads.shutdown();
            TestKafka.get(reading);
        }
    }
}
