package dev.understudy.kafka;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How one pipeline stage runs.
 *
 * @param stage {@code score}, {@code shadow} or {@code evaluate}
 * @param applicationId {@code <kafka.application-prefix>-<stage>}: two pipelines with the same one share the work
 * @param stateDirectory where Kafka Streams keeps local state
 * @param commitInterval how much is repeated at most after a crash; under exactly-once also how long readers wait
 * @param linger how long the producer waits for more records. A little beats none under load
 * @param startLimit how long the broker may take to answer, and the stage to run
 * @param closeLimit how long closing may take before the stage is left behind
 * @param streams further Kafka Streams settings of the stage itself, e.g. its stores
 * @param staticMember the name under which it stays in its group when it ends; empty for a member that leaves
 */
public record StageSettings(
        String stage,
        String applicationId,
        Path stateDirectory,
        int threads,
        Guarantee guarantee,
        Duration commitInterval,
        Duration linger,
        Duration startLimit,
        Duration closeLimit,
        Map<String, Object> streams,
        Optional<String> staticMember) {
    /** Kafka's 16 KiB hold some twenty shadow requests: with more in a batch, producer and broker have less to do. */
    public static final int BATCH_BYTES = 64 * 1024;

    public StageSettings {
        if (threads < 1) {
            throw new IllegalArgumentException(stage + ".threads must be at least 1, was " + threads);
        }
        if (linger.isNegative()) {
            throw new IllegalArgumentException(stage + ".linger must not be negative, was " + linger);
        }
        requirePositive(stage, "commit-interval", commitInterval);
        requirePositive(stage, "start-limit", startLimit);
        requirePositive(stage, "close-limit", closeLimit);
        streams = Map.copyOf(streams);
    }

    /** One thread, at least once, commits every 100 ms, lingers 5 ms: by what was measured (decision 0007). */
    public static StageSettings standard(String stage, String applicationPrefix, Path stateDirectory) {
        return new StageSettings(
                stage,
                applicationId(applicationPrefix, stage),
                stateDirectory,
                1,
                Guarantee.AT_LEAST_ONCE,
                Duration.ofMillis(100),
                Duration.ofMillis(5),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Map.of(),
                Optional.empty());
    }

    /** The id of a stage's application, which is its consumer group and begins its transactional ids and its own topics. */
    public static String applicationId(String applicationPrefix, String stage) {
        return applicationPrefix + "-" + stage;
    }

    /** The same with another number of stream threads. */
    public StageSettings withThreads(int number) {
        return changed(copy -> copy.threads = number);
    }

    /** The same with another guarantee and commit interval, which under exactly-once belong together. */
    public StageSettings with(Guarantee other, Duration newCommitInterval) {
        return changed(copy -> {
            copy.guarantee = other;
            copy.commitInterval = newCommitInterval;
        });
    }

    /** The same with another linger. */
    public StageSettings withLinger(Duration other) {
        return changed(copy -> copy.linger = other);
    }

    /** The same with other bounds for starting and closing. */
    public StageSettings withLimits(Duration start, Duration close) {
        return changed(copy -> {
            copy.startLimit = start;
            copy.closeLimit = close;
        });
    }

    /** The same with these Kafka Streams settings of the stage's own. */
    public StageSettings withStreams(Map<String, Object> settings) {
        return changed(copy -> copy.streams = settings);
    }

    /** The same as a static member of its group (KIP-345), under a name that no other instance of the stage has. */
    public StageSettings asStaticMember(String name) {
        return changed(copy -> copy.staticMember = Optional.of(name));
    }

    private StageSettings changed(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return new StageSettings(
                stage,
                applicationId,
                stateDirectory,
                copy.threads,
                copy.guarantee,
                copy.commitInterval,
                copy.linger,
                copy.startLimit,
                copy.closeLimit,
                copy.streams,
                copy.staticMember);
    }

    /** What can be changed of it. */
    private static final class Copy {
        private int threads;
        private Guarantee guarantee;
        private Duration commitInterval;
        private Duration linger;
        private Duration startLimit;
        private Duration closeLimit;
        private Map<String, Object> streams;
        private Optional<String> staticMember;

        private Copy(StageSettings from) {
            threads = from.threads;
            guarantee = from.guarantee;
            commitInterval = from.commitInterval;
            linger = from.linger;
            startLimit = from.startLimit;
            closeLimit = from.closeLimit;
            streams = from.streams;
            staticMember = from.staticMember;
        }
    }

    private static void requirePositive(String stage, String key, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(stage + "." + key + " must be positive, was " + value);
        }
    }
}
