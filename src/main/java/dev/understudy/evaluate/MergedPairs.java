package dev.understudy.evaluate;

import dev.understudy.avro.Disagreement;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.StageBook;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Removed;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The pairs that one partition of the merge owns: the latest snapshot of every slot and source partition, and what is
 * published of them.
 *
 * <p>A window is final when every source partition's event time has passed its end and grace. A partition that was silent
 * for a while holds nothing back; this, the wall-clock, has a say in what is published only, never in what is counted. If
 * that partition speaks again, its evidence is merged and the window published anew.
 */
final class MergedPairs {
    private static final String PAIR = "pair\n";

    /**
     * How many windows are published at a time: after a long silence, or a restart, there may be more than one transaction
     * can hold before it times out, and what times out is done again for ever.
     */
    static final int WINDOWS_AT_ONCE = 500;

    /** Start of no window, before all. */
    private static final long NONE = Long.MIN_VALUE;

    private final EvaluateSettings settings;
    private final StageBook stages;
    private final ReadinessJudge judge;
    private final KeyValueStore<String, byte[]> snapshots;
    private final KeyValueStore<String, byte[]> progress;

    private final MergedSources sources;
    private final Map<ModelPair, Pair> pairs = new HashMap<>();
    /** A publication waits for partitions that are telling. */
    private boolean publishes;

    /** Where summaries go: key in their topic, and what to publish. */
    @FunctionalInterface
    interface Publisher {
        void publish(String key, Published summary);
    }

    /** A window that may still change. */
    private static final class Window {
        /** By epoch and source partition: an epoch may end within a window. */
        final Set<String> keys = new TreeSet<>();
        /** The latest epoch of them. */
        long epoch;

        boolean changed = true;
        boolean publishedAsFinal;
    }

    /** The cumulative evidence of a segment in an epoch. */
    private static final class Cumulative {
        final Set<String> keys = new TreeSet<>();

        /** Merged over source partitions; null when it must be merged anew. */
        @Nullable
        MergedEvidence merged;
    }

    private static final class Pair {
        final NavigableMap<Long, Window> windows = new TreeMap<>();
        final NavigableMap<Long, NavigableMap<String, Cumulative>> epochs = new TreeMap<>();
        /** Start of the last window that was published as final, with all before it. */
        long closedThrough = NONE;
        /** Start of the last window whose evidence was let go. */
        long purgedThrough = NONE;
        /** When a comparison was last heard of, wall-clock, in this life. */
        long heardAt = Long.MIN_VALUE;
    }

    MergedPairs(
            EvaluateSettings settings,
            StageBook stages,
            ReadinessJudge judge,
            KeyValueStore<String, byte[]> snapshots,
            KeyValueStore<String, byte[]> progress,
            long nowMillis) {
        this.settings = settings;
        this.stages = stages;
        this.judge = judge;
        this.snapshots = snapshots;
        this.progress = progress;
        this.sources = new MergedSources(settings, progress);
        restore(nowMillis);
    }

    /** Every window counts as changed: what was published last before the start is not known. */
    private void restore(long nowMillis) {
        try (KeyValueIterator<String, byte[]> all = progress.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                if (!sources.restore(entry.key, entry.value, nowMillis)) {
                    Pair pair = new Pair();
                    ByteBuffer value = ByteBuffer.wrap(entry.value);
                    pair.closedThrough = value.getLong();
                    pair.purgedThrough = value.getLong();
                    pairs.put(EvidenceSlot.pairOfKey(entry.key.substring(PAIR.length())), pair);
                }
            }
        }
        try (KeyValueIterator<String, byte[]> all = snapshots.all()) {
            while (all.hasNext()) {
                String key = all.next().key;
                register(key, EvidenceSlot.ofStoreKey(key.substring(key.indexOf('\n') + 1)));
            }
        }
    }

    private static String key(int sourcePartition, EvidenceSlot slot) {
        return sourcePartition + "\n" + slot.storeKey();
    }

    private Pair register(String key, EvidenceSlot slot) {
        Pair pair = pair(slot.pair());
        if (slot.isCumulative()) {
            Cumulative cumulative = pair.epochs
                    .computeIfAbsent(slot.epoch(), epoch -> new TreeMap<>())
                    .computeIfAbsent(slot.segment(), segment -> new Cumulative());
            cumulative.keys.add(key);
            cumulative.merged = null;
        } else {
            Window window = pair.windows.computeIfAbsent(slot.windowStart(), start -> new Window());
            window.keys.add(key);
            window.epoch = Math.max(window.epoch, slot.epoch());
            window.changed = true;
        }
        return pair;
    }

    private Pair pair(ModelPair name) {
        Pair pair = pairs.get(name);
        if (pair == null) {
            pair = new Pair();
            pairs.put(name, pair);
            persist(name, pair);
        }
        return pair;
    }

    private void persist(ModelPair name, Pair pair) {
        progress.put(
                PAIR + name.key(),
                ByteBuffer.allocate(16)
                        .putLong(pair.closedThrough)
                        .putLong(pair.purgedThrough)
                        .array());
    }

    /** Takes in what a partition tells; publishes at once only that something is gone. */
    void receive(EvidenceMessage message, long nowMillis, Publisher publisher) {
        sources.know(message.sourcePartition(), nowMillis);
        if (message instanceof Snapshot snapshot) {
            sources.begin(message.sourcePartition(), nowMillis);
            replace(snapshot, nowMillis);
        } else if (message instanceof Removed removed) {
            sources.begin(message.sourcePartition(), nowMillis);
            remove(removed, publisher);
        } else if (message instanceof Progress moved) {
            sources.end(moved, nowMillis);
            if (publishes && !sources.isTelling()) {
                publishNow(nowMillis, publisher);
            }
        } else if (message instanceof Announced announced) {
            announce(announced);
        }
    }

    private void announce(Announced announced) {
        // Waits until what was announced is known here, too; by then the stage may have ended.
        var unused = stages.declared(announced.pair(), announced.epoch());
        if (isDeclared(announced.pair())) {
            pair(announced.pair());
        }
    }

    private boolean isDeclared(ModelPair pair) {
        return stages.current(pair).isPresent();
    }

    private void replace(Snapshot snapshot, long nowMillis) {
        EvidenceSlot slot = snapshot.slot();
        if (!slot.isCumulative() && slot.windowStart() <= pair(slot.pair()).purgedThrough) {
            return;
        }
        String key = key(snapshot.sourcePartition(), slot);
        byte[] bytes = EvidenceMessageSerde.encode(snapshot);
        if (Arrays.equals(bytes, snapshots.get(key))) {
            return;
        }
        snapshots.put(key, bytes);
        Pair pair = register(key, slot);
        if (slot.kind() == EvidenceKind.PAIRS) {
            pair.heardAt = nowMillis;
        }
    }

    private void remove(Removed removed, Publisher publisher) {
        EvidenceSlot slot = removed.slot();
        String key = key(removed.sourcePartition(), slot);
        snapshots.delete(key);
        Pair pair = pairs.get(slot.pair());
        NavigableMap<String, Cumulative> segments = pair == null ? null : pair.epochs.get(slot.epoch());
        Cumulative cumulative = segments == null ? null : segments.get(slot.segment());
        if (pair == null || segments == null || cumulative == null) {
            return;
        }
        cumulative.keys.remove(key);
        cumulative.merged = null;
        if (cumulative.keys.isEmpty()) {
            segments.remove(slot.segment());
        }
        if (segments.isEmpty()) {
            pair.epochs.remove(slot.epoch());
        }
        boolean declared = isDeclared(slot.pair());
        boolean segmentIsGone = pair.epochs.values().stream().noneMatch(epoch -> epoch.containsKey(slot.segment()));
        if (segmentIsGone && !(declared && slot.segment().equals(Segments.ALL))) {
            publisher.publish(
                    SummaryRecords.readinessKey(slot.pair(), slot.segment()), new Published.OfReadiness(null));
        }
        if (pair.epochs.isEmpty() && !declared) {
            forget(slot.pair(), pair);
        }
    }

    private void forget(ModelPair name, Pair pair) {
        for (Window window : pair.windows.values()) {
            window.keys.forEach(snapshots::delete);
        }
        pairs.remove(name);
        progress.delete(PAIR + name.key());
    }

    /**
     * Publishes the windows that changed or closed, and the readiness of every pair: once each partition has told all that it
     * tells at a time, so that what is published is of the same records throughout. It waits for that until the next time at
     * most, for the stage that was telling may be gone; what is published then does not say how far that partition was read.
     */
    void publish(long nowMillis, Publisher publisher) {
        if (!publishes && sources.isTelling()) {
            publishes = true;
        } else {
            publishNow(nowMillis, publisher);
        }
    }

    private void publishNow(long nowMillis, Publisher publisher) {
        publishes = false;
        long closable = lastClosable(sources.eventTime(nowMillis));
        int left = WINDOWS_AT_ONCE;
        for (Map.Entry<ModelPair, Pair> entry : List.copyOf(pairs.entrySet())) {
            ModelPair name = entry.getKey();
            Pair pair = entry.getValue();
            if (pair.epochs.isEmpty() && pair.windows.isEmpty() && !isDeclared(name)) {
                publisher.publish(SummaryRecords.readinessKey(name, Segments.ALL), new Published.OfReadiness(null));
                forget(name, pair);
            } else {
                left -= publishWindows(name, pair, closable, left, publisher);
                publishReadiness(name, pair, nowMillis, publisher);
            }
        }
    }

    /** Start of the last window that closes by then; {@link #NONE} while some partition has told nothing yet. */
    private long lastClosable(long eventTime) {
        return eventTime == Long.MIN_VALUE ? NONE : settings.lastClosedWindow(eventTime);
    }

    /** Publishes at most {@code most} windows; returns how many. */
    private int publishWindows(ModelPair name, Pair pair, long closable, int most, Publisher publisher) {
        if (most == 0) {
            return 0;
        }
        long first = firstToClose(pair, closable);
        long through = Math.min(closable, first + (most - 1) * length());
        NavigableSet<Long> starts = windowsToPublish(pair, first, through, most);
        for (long start : starts) {
            Window window = pair.windows.get(start);
            boolean isFinal = start <= through;
            Instant from = Instant.ofEpochMilli(start);
            Instant to = from.plus(settings.window());
            long epoch = window == null ? epochInForce(name) : window.epoch;
            MergedEvidence merged = window == null ? nothing() : merge(window.keys);
            WindowSummary summary = SummaryRecords.window(
                    name, epoch, from, to, isFinal, merged.due(), merged.candidate(settings.shape()));
            if (isFinal && start > pair.closedThrough) {
                for (Disagreement disagreement : merged.disagreements()) {
                    publisher.publish(name.key(), new Published.OfDisagreement(disagreement));
                }
            }
            publisher.publish(SummaryRecords.windowKey(name, from), new Published.OfWindow(summary));
            if (window != null) {
                window.changed = false;
                window.publishedAsFinal = isFinal;
            }
        }
        if (through > pair.closedThrough) {
            pair.closedThrough = through;
            persist(name, pair);
        }
        if (through != NONE) {
            purge(name, pair, through);
        }
        return starts.size();
    }

    private long length() {
        return settings.window().toMillis();
    }

    /** Start of the window that closes next; a pair of which nothing is known has none yet, with or without traffic. */
    private long firstToClose(Pair pair, long closable) {
        if (closable == NONE) {
            return 0;
        }
        long next;
        if (pair.closedThrough != NONE) {
            next = pair.closedThrough + length();
        } else if (pair.windows.isEmpty()) {
            next = closable + length();
        } else {
            next = pair.windows.firstKey();
        }
        long oldest = closable - settings.windowRetention().toMillis();
        return settings.windowStartOf(Math.max(next, oldest));
    }

    /** Every window that closes, in order, and the newest of those that changed. */
    private NavigableSet<Long> windowsToPublish(Pair pair, long first, long through, int most) {
        NavigableSet<Long> starts = new TreeSet<>();
        for (long start = first; start <= through; start += length()) {
            starts.add(start);
        }
        for (Map.Entry<Long, Window> entry : pair.windows.descendingMap().entrySet()) {
            if (starts.size() >= most) {
                break;
            }
            Window window = entry.getValue();
            boolean isFinal = entry.getKey() <= through;
            boolean isKnown = !window.changed && window.publishedAsFinal == isFinal;
            if (!isKnown) {
                starts.add(entry.getKey());
            }
        }
        return starts;
    }

    private void purge(ModelPair name, Pair pair, long closable) {
        long last = settings.windowStartOf(closable - settings.windowRetention().toMillis());
        // Up to the first that was not published as it is: its turn comes.
        long before = pair.purgedThrough;
        Map.Entry<Long, Window> oldest = pair.windows.firstEntry();
        while (oldest != null && oldest.getKey() <= last && !oldest.getValue().changed) {
            oldest.getValue().keys.forEach(snapshots::delete);
            pair.windows.remove(oldest.getKey());
            pair.purgedThrough = Math.max(pair.purgedThrough, oldest.getKey());
            oldest = pair.windows.firstEntry();
        }
        if (pair.purgedThrough != before) {
            persist(name, pair);
        }
    }

    private long epochInForce(ModelPair pair) {
        return stages.current(pair).map(DeclaredStage::epoch).orElse(0L);
    }

    private MergedEvidence nothing() {
        return new MergedEvidence(settings.disagreements());
    }

    private MergedEvidence merge(Set<String> keys) {
        MergedEvidence sum = nothing();
        for (String key : keys) {
            if (!(EvidenceMessageSerde.decode(snapshots.get(key)) instanceof Snapshot snapshot)) {
                throw new IllegalStateException("store " + EvaluateTopology.MERGED_EVIDENCE + " must hold snapshots");
            }
            sum.add(snapshot);
        }
        return sum;
    }

    private void publishReadiness(ModelPair name, Pair pair, long nowMillis, Publisher publisher) {
        ReadinessJudge.Circumstances now =
                new ReadinessJudge.Circumstances(heardAt(pair), sources.lag(nowMillis), candidatesInForce(name));
        judge(name, now, Instant.ofEpochMilli(nowMillis))
                .forEach((segment, summary) -> publisher.publish(
                        SummaryRecords.readinessKey(name, segment), new Published.OfReadiness(summary)));
    }

    /** The decisions on a pair as of that time, by segment. */
    Map<String, ReadinessSummary> judge(ModelPair name, ReadinessJudge.Circumstances circumstances, Instant now) {
        Pair pair = pair(name);
        Optional<DeclaredStage> stage = stages.current(name);
        long epoch = stage.map(DeclaredStage::epoch).orElse(0L);
        Map<String, MergedEvidence> bySegment = new TreeMap<>();
        NavigableMap<String, Cumulative> segments = pair.epochs.get(epoch);
        if (segments != null) {
            segments.forEach((segment, cumulative) -> bySegment.put(segment, merged(cumulative)));
        }
        return judge.judge(
                name,
                stage,
                bySegment,
                new ReadinessJudge.Inputs(
                        circumstances,
                        sources.flagsStaleSince(),
                        sources.outcomes(),
                        sources.read(),
                        sources.countedOtherwise(name, epoch)),
                now);
    }

    private static @Nullable Instant heardAt(Pair pair) {
        return pair.heardAt == Long.MIN_VALUE ? null : Instant.ofEpochMilli(pair.heardAt);
    }

    /** Candidates with a declared stage beside the same production: they share alpha, whatever was declared. */
    private int candidatesInForce(ModelPair pair) {
        long others = stages.all().stream()
                .map(DeclaredStage::pair)
                .filter(pair::isBeside)
                .count();
        return (int) others + 1;
    }

    private MergedEvidence merged(Cumulative cumulative) {
        MergedEvidence merged = cumulative.merged;
        if (merged == null) {
            merged = merge(cumulative.keys);
            cumulative.merged = merged;
        }
        return merged;
    }
}
