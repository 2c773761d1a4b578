package dev.understudy.evaluate;

import dev.understudy.domain.ModelPair;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/** The partitions of comparisons that tell one partition of the merge, and how far each of them has come. */
final class MergedSources {
    private static final String SOURCE = "source\n";
    private static final String TELLING = "telling\n";

    private final EvaluateSettings settings;
    private final String counting;
    private final KeyValueStore<String, byte[]> progress;
    private final Map<Integer, Source> sources = new TreeMap<>();

    /** A partition of comparisons, as far as it told. */
    private static final class Source {
        Progress last;
        long lastMoveAt;
        /** When the watermark moved last, wall-clock, in this life. */
        long advancedAt = Long.MIN_VALUE;
        /** A part of what it tells at a time has come, and the progress that ends it has not. */
        boolean telling;

        Source(int partition, long knownSince) {
            this.last = new Progress(
                    partition,
                    Long.MIN_VALUE,
                    FlagState.NONE,
                    OutcomeCounts.NONE,
                    InputsRead.UNKNOWN,
                    CountedBy.NOTHING_TOLD);
            this.lastMoveAt = knownSince;
        }

        long watermark() {
            return last.watermarkMillis();
        }

        /** What all that it told is of; not known between two tellings. */
        InputsRead read() {
            return telling ? InputsRead.UNKNOWN : last.read();
        }
    }

    MergedSources(EvaluateSettings settings, KeyValueStore<String, byte[]> progress) {
        this.settings = settings;
        this.counting = CountedBy.text(settings);
        this.progress = progress;
    }

    /** Takes in an entry of the store; false if it is about something else. */
    boolean restore(String key, byte[] value, long nowMillis) {
        if (key.startsWith(SOURCE)) {
            int partition = Integer.parseInt(key.substring(SOURCE.length()));
            of(partition, nowMillis).last = EvidenceMessageSerde.progress(partition, value);
            return true;
        }
        if (key.startsWith(TELLING)) {
            of(Integer.parseInt(key.substring(TELLING.length())), nowMillis).telling = true;
            return true;
        }
        return false;
    }

    private Source of(int partition, long nowMillis) {
        return sources.computeIfAbsent(partition, unknown -> new Source(unknown, nowMillis));
    }

    /** From now on the partition is known, whatever it tells. */
    void know(int partition, long nowMillis) {
        of(partition, nowMillis);
    }

    /** A part of what the partition tells at a time has come. Kept, since the stage may be stopped before the rest is read. */
    void begin(int partition, long nowMillis) {
        Source source = of(partition, nowMillis);
        if (!source.telling) {
            source.telling = true;
            progress.put(TELLING + partition, new byte[1]);
        }
    }

    /** Takes in how far a partition has come, which ends what it tells at a time. */
    void end(Progress moved, long nowMillis) {
        int partition = moved.sourcePartition();
        Source source = of(partition, nowMillis);
        if (moved.watermarkMillis() > source.watermark()) {
            source.advancedAt = nowMillis;
            source.lastMoveAt = nowMillis;
        }
        source.last = moved;
        progress.put(SOURCE + partition, EvidenceMessageSerde.progressBytes(moved));
        if (source.telling) {
            source.telling = false;
            progress.delete(TELLING + partition);
        }
    }

    /** Whether some partition has told a part of what it tells at a time. */
    boolean isTelling() {
        return sources.values().stream().anyMatch(source -> source.telling);
    }

    /** The event time that all partitions have passed, as far as anything waits for them. */
    long eventTime(long nowMillis) {
        long eventTime = Long.MAX_VALUE;
        for (Source source : sources.values()) {
            boolean idle = nowMillis - source.lastMoveAt >= settings.idleAfter().toMillis();
            eventTime = Math.min(eventTime, idle ? Math.max(source.watermark(), nowMillis) : source.watermark());
        }
        return sources.isEmpty() ? Long.MIN_VALUE : eventTime;
    }

    /** How far the partition is behind that is most; null where none reads on. */
    @Nullable
    Duration lag(long nowMillis) {
        Duration lag = null;
        for (Source source : sources.values()) {
            // A partition that reads on is behind by the age of what it reads; one that is silent has read everything.
            boolean reading = source.advancedAt != Long.MIN_VALUE
                    && nowMillis - source.advancedAt
                            <= settings.interval().multipliedBy(2).toMillis();
            Duration age = Duration.ofMillis(Math.max(0, nowMillis - source.watermark()));
            if (reading && (lag == null || age.compareTo(lag) > 0)) {
                lag = age;
            }
        }
        return lag;
    }

    /**
     * The longest that flags are stale, as each partition's last prediction says. Nobody else can take that back: another
     * partition may be served by another instance, whose flags are fresh. A partition without predictions for as long as
     * windows are kept has no say any more.
     */
    @Nullable
    Instant flagsStaleSince() {
        long newest = Long.MIN_VALUE;
        for (Source source : sources.values()) {
            newest = Math.max(newest, source.last.flags().throughMillis());
        }
        Instant longest = null;
        for (Source source : sources.values()) {
            FlagState flags = source.last.flags();
            Instant since = flags.staleSince().orElse(null);
            boolean ofLate =
                    newest - flags.throughMillis() < settings.windowRetention().toMillis();
            if (since != null && ofLate && (longest == null || since.isBefore(longest))) {
                longest = since;
            }
        }
        return longest;
    }

    /** Of all partitions together. */
    OutcomeCounts outcomes() {
        OutcomeCounts outcomes = OutcomeCounts.NONE;
        for (Source source : sources.values()) {
            outcomes = outcomes.plus(source.last.outcomes());
        }
        return outcomes;
    }

    /** How far each partition had read its topics, with what it told. */
    Map<Integer, InputsRead> read() {
        Map<Integer, InputsRead> read = new TreeMap<>();
        sources.forEach((partition, source) -> read.put(partition, source.read()));
        return read;
    }

    /**
     * By what else evidence of a pair and epoch was counted, by partition; without those of which all was counted as this
     * instance would.
     */
    Map<Integer, String> countedOtherwise(ModelPair pair, long epoch) {
        Map<Integer, String> otherwise = new TreeMap<>();
        sources.forEach((partition, source) -> {
            String by = source.last.countedBy().otherwise(counting, pair, epoch);
            if (by != null) {
                otherwise.put(partition, by);
            }
        });
        return otherwise;
    }
}
