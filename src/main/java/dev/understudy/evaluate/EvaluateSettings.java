package dev.understudy.evaluate;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.PairEvidence;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.streams.StreamsConfig;

/**
 * How EVALUATE keeps and publishes evidence.
 *
 * @param window length of a window, event time
 * @param grace how much later than its window's end a comparison is still counted in it, event time
 * @param interval how often summaries are published, at least; partitions tell the merge as often
 * @param idleAfter after how long without progress a partition no longer holds windows back, wall-clock
 * @param windowRetention how long after its grace a closed window may still be corrected by a partition that is behind,
 *     event time; also the longest silence whose windows without traffic are published
 * @param epochRetention after how long without a comparison the evidence of an epoch that is not in force goes away,
 *     event time
 * @param lagBudget how long after its window's end a comparison may be due before it counts as missing, event time
 * @param outcomes how outcomes are joined
 * @param disagreements how many of the largest differences are kept per window, segment and direction; 0 for none
 * @param expectedPairs pairs of versions evaluated at the same time, for the size of the cache
 * @param shape units and time blocks of evidence; references of a declared stage replace its own
 */
public record EvaluateSettings(
        Duration window,
        Duration grace,
        Duration interval,
        Duration idleAfter,
        Duration windowRetention,
        Duration epochRetention,
        Duration lagBudget,
        Outcomes outcomes,
        int disagreements,
        int expectedPairs,
        Segments segments,
        EvidenceShape shape) {
    /** Full evidence of a busy pair: latencies over eight powers of two on either side, counters of four bytes. */
    static final int FULL_BYTES = 24 * 1024;

    /** Evidence of batches and of outcomes, busy likewise. */
    static final int BATCH_BYTES = 12 * 1024;

    static final int OUTCOME_BYTES = 24 * 1024;

    /** Key, and what the cache keeps besides key and value. */
    private static final long KEY_BYTES = 256;

    /** Cohorts to a maturity: a request's outcome counts at most a sixth of the maturity later than it might. */
    private static final int COHORTS = 6;

    /**
     * How outcomes are joined.
     *
     * @param join whether they are joined at all
     * @param retention how long after its request an outcome may be observed
     * @param maturity age of a request, event time, from which its outcome counts, and from which it counts as unlabelled
     *     without one
     */
    public record Outcomes(boolean join, Duration retention, Duration maturity) {
        public Outcomes {
            requirePositive("outcomes.retention", retention);
            requirePositive("outcomes.maturity", maturity);
            if (maturity.compareTo(retention) > 0) {
                throw new IllegalArgumentException("outcomes.maturity must be at most outcomes.retention, which is "
                        + retention + ", was " + maturity);
            }
        }

        /** Joined within seven days, mature after one hour. */
        public static Outcomes standard() {
            return new Outcomes(true, Duration.ofDays(7), Duration.ofHours(1));
        }
    }

    public EvaluateSettings {
        requirePositive("evaluate.window", window);
        requireNotNegative("evaluate.grace", grace);
        requirePositive("evaluate.interval", interval);
        requirePositive("evaluate.idle-after", idleAfter);
        requirePositive("evaluate.window-retention", windowRetention);
        requirePositive("evaluate.epoch-retention", epochRetention);
        requirePositive("evaluate.lag-budget", lagBudget);
        if (disagreements < 0 || disagreements > 100) {
            throw new IllegalArgumentException("evaluate.disagreements must be 0 to 100, was " + disagreements);
        }
        if (expectedPairs < 1) {
            throw new IllegalArgumentException("expected pairs must be at least 1, was " + expectedPairs);
        }
    }

    /** One-minute windows with five minutes of grace, summaries every five seconds, the given segments. */
    public static EvaluateSettings defaults(Map<String, List<String>> segments) {
        return new EvaluateSettings(
                Duration.ofMinutes(1),
                Duration.ofMinutes(5),
                Duration.ofSeconds(5),
                Duration.ofMinutes(1),
                Duration.ofHours(2),
                Duration.ofDays(7),
                Duration.ofMinutes(10),
                Outcomes.standard(),
                3,
                4,
                new Segments(segments),
                EvidenceShape.standard());
    }

    /**
     * The Kafka Streams settings of the stage: how large its caches are. Evidence that does not fit would be written to the
     * changelog again and again between two commits, so that is refused.
     *
     * @param threads that share the cache
     * @param partitions of comparisons, all of which may fall to one instance
     * @param standbyReplicas further instances that keep a copy of a partition's state
     * @throws IllegalArgumentException with the numbers, if the cache cannot hold the evidence in use
     */
    public Map<String, Object> streams(int cacheMebibytes, int threads, int partitions, int standbyReplicas) {
        int partitionsPerThread = (partitions + threads - 1) / threads;
        long needed = bytesPerPartition() * partitionsPerThread * threads;
        if (needed > (long) cacheMebibytes << 20) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "evaluate.cache-mebibytes must be at least %d for %d pairs, %d segments,"
                            + " %d open windows, %d partitions and %d threads, was %d",
                    (needed + (1L << 20) - 1) >> 20,
                    expectedPairs,
                    segments.count(),
                    openWindows(),
                    partitions,
                    threads,
                    cacheMebibytes));
        }
        return Map.of(
                StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG,
                (long) cacheMebibytes << 20,
                StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG,
                standbyReplicas);
    }

    /** Evidence that records still change, for the epochs in force. */
    private long bytesPerPartition() {
        long window = FULL_BYTES + BATCH_BYTES + LedgerCounts.SIZE + 3 * KEY_BYTES;
        long epoch = FULL_BYTES + BATCH_BYTES + ExposureEvidence.create().bytes().length + 4 * KEY_BYTES;
        long segment = PairEvidence.create(Detail.GATES, shape).bytes().length + KEY_BYTES;
        long pair = window * openWindows() + epoch + segment * segments.count() + SourceMark.size(2) + KEY_BYTES;
        if (outcomes.join()) {
            long cohort = OUTCOME_BYTES
                    + KEY_BYTES
                    + segments.count()
                            * (OutcomeEvidence.create(Detail.GATES, shape).bytes().length + KEY_BYTES);
            pair += cohort * (COHORTS + 2);
        }
        return expectedPairs * pair;
    }

    /** Windows that may still get a comparison, the current one and the next included. */
    private long openWindows() {
        return 2 + (grace.toMillis() + window.toMillis() - 1) / window.toMillis();
    }

    long windowStartOf(long eventTimeMillis) {
        return Math.floorDiv(eventTimeMillis, window.toMillis()) * window.toMillis();
    }

    /** The event time at which a window takes no more comparisons. */
    long closesAt(long windowStartMillis) {
        return windowStartMillis + window.toMillis() + grace.toMillis();
    }

    /** The latest window that is closed at an event time. */
    long lastClosedWindow(long eventTimeMillis) {
        return windowStartOf(eventTimeMillis - window.toMillis() - grace.toMillis());
    }

    /** The event time of predictions at which what is due in a window must be there. */
    long settlesAt(long windowStartMillis) {
        return windowStartMillis + window.toMillis() + lagBudget.toMillis();
    }

    /** The latest window that is settled at an event time of predictions. */
    long lastSettledWindow(long eventTimeMillis) {
        return windowStartOf(eventTimeMillis - window.toMillis() - lagBudget.toMillis());
    }

    private long cohortMillis() {
        return Math.max(1, outcomes.maturity().toMillis() / COHORTS);
    }

    long cohortStartOf(long eventTimeMillis) {
        return Math.floorDiv(eventTimeMillis, cohortMillis()) * cohortMillis();
    }

    /** The event time at which all of a cohort is older than the maturity. */
    long maturesAt(long cohortStartMillis) {
        return cohortStartMillis + cohortMillis() + outcomes.maturity().toMillis();
    }

    /** The latest cohort that is mature at an event time. */
    long lastMatureCohort(long eventTimeMillis) {
        return cohortStartOf(
                eventTimeMillis - cohortMillis() - outcomes.maturity().toMillis());
    }

    /** What decides what is counted, the same text for the same settings. */
    public String canonical() {
        return Stream.of(window, grace, windowRetention, epochRetention, lagBudget, outcomes, segments, shape)
                .map(Object::toString)
                .collect(Collectors.joining("\n"));
    }

    /** The shape of evidence of a stage; of none, where there is no declared one. */
    EvidenceShape shapeOf(Optional<DeclaredStage> stage) {
        return stage.map(declared -> shape.withReferences(declared.references()))
                .orElse(shape);
    }

    private static void requirePositive(String key, Duration value) {
        if (value.isNegative() || value.toMillis() == 0) {
            throw new IllegalArgumentException(key + " must be at least a millisecond, was " + value);
        }
    }

    private static void requireNotNegative(String key, Duration value) {
        if (value.isNegative()) {
            throw new IllegalArgumentException(key + " must not be negative, was " + value);
        }
    }
}
