package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Origin;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.StageBook;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Removed;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * The evidence of one partition of comparisons.
 *
 * <p>What is counted depends on the partition's records and their order alone, not on the clock, the commits or the
 * restarts: a record is a repetition by its origin, and too late for its window by the event times before it.
 *
 * <p>Arrays are updated in place and put again. The cache of the store keeps the reference; when it is flushed, on this
 * same thread, it hands the array to the in-memory store and to the producer, which copies it before it returns. So a
 * commit sees whole records only, and the changelog is written once per commit and key, not once per record.
 */
final class CollectedPartition {
    private static final String WATERMARK = "watermark";
    private static final String MARK = "mark\n";

    private final int sourcePartition;
    private final EvaluateSettings settings;
    private final StageBook stages;
    private final KeyValueStore<String, byte[]> evidence;
    private final KeyValueStore<String, byte[]> progress;

    /** What the stores hold, to find what belongs together or has ended; rebuilt from them at the start. */
    private final Map<String, EvidenceSlot> slots = new HashMap<>();

    private final NavigableMap<Long, Set<String>> openWindows = new TreeMap<>();
    private final Map<ModelPair, Set<Integer>> originPartitions = new HashMap<>();

    private final Map<PairText, PairKeys> keysOfPairs = new HashMap<>();
    private final Set<String> changed = new HashSet<>();
    private final Map<ModelPair, Long> announcedEpochs = new HashMap<>();
    private final byte[] watermarkBytes = new byte[Long.BYTES];
    private long watermark = Long.MIN_VALUE;
    private boolean tellProgress = true;

    /** A pair and its epoch as they stand in a record. */
    private record PairText(String model, String production, String candidate, long epoch) {}

    /** Keys in the stores, made once for a pair and epoch, so that a record costs no building of strings. */
    private static final class PairKeys {
        final ModelPair pair;
        final long epoch;
        final String all;
        final Map<String, String> bySegment = new HashMap<>();
        final Map<Long, String> byWindow = new HashMap<>();
        final Map<Integer, String> marks = new HashMap<>();

        PairKeys(ModelPair pair, long epoch) {
            this.pair = pair;
            this.epoch = epoch;
            this.all = EvidenceSlot.cumulative(pair, epoch, Segments.ALL).storeKey();
        }

        String segment(String segment) {
            return bySegment.computeIfAbsent(
                    segment, s -> EvidenceSlot.cumulative(pair, epoch, s).storeKey());
        }

        String window(long start) {
            return byWindow.computeIfAbsent(
                    start, s -> EvidenceSlot.window(pair, epoch, s).storeKey());
        }

        String mark(int originPartition) {
            return marks.computeIfAbsent(originPartition, p -> markKey(pair, p));
        }
    }

    CollectedPartition(
            int sourcePartition,
            EvaluateSettings settings,
            StageBook stages,
            KeyValueStore<String, byte[]> evidence,
            KeyValueStore<String, byte[]> progress) {
        this.sourcePartition = sourcePartition;
        this.settings = settings;
        this.stages = stages;
        this.evidence = evidence;
        this.progress = progress;
        restore();
    }

    /** Everything counts as changed: what was told last before the start is not known. */
    private void restore() {
        try (KeyValueIterator<String, byte[]> all = evidence.all()) {
            while (all.hasNext()) {
                String key = all.next().key;
                register(key);
                changed.add(key);
            }
        }
        try (KeyValueIterator<String, byte[]> all = progress.all()) {
            while (all.hasNext()) {
                KeyValue<String, byte[]> entry = all.next();
                if (entry.key.equals(WATERMARK)) {
                    watermark = ByteBuffer.wrap(entry.value).getLong();
                } else {
                    String[] parts = entry.key.split("\n", 3);
                    originPartitions
                            .computeIfAbsent(EvidenceSlot.pairOfKey(parts[2]), pair -> new TreeSet<>())
                            .add(Integer.parseInt(parts[1]));
                }
            }
        }
    }

    private static String markKey(ModelPair pair, int originPartition) {
        return MARK + originPartition + "\n" + pair.key();
    }

    private void register(String key) {
        EvidenceSlot slot = EvidenceSlot.ofStoreKey(key);
        slots.put(key, slot);
        if (!slot.isCumulative()) {
            openWindows
                    .computeIfAbsent(slot.windowStart(), start -> new HashSet<>())
                    .add(key);
        }
    }

    /** Counts a comparison, or what was wrong with it. Reads all of it before it changes anything. */
    void add(Comparison comparison, long eventTimeMillis) {
        PairKeys keys = keysOf(comparison);
        PairObservation observation = Observations.observation(comparison, eventTimeMillis);
        Origin origin = comparison.getOrigin();
        long windowStart = settings.windowStartOf(eventTimeMillis);
        boolean late = isClosed(windowStart);
        tellProgress = true;
        advanceWatermark(eventTimeMillis);

        String markKey = keys.mark(origin.getPartition());
        byte[] mark = progress.get(markKey);
        if (mark == null) {
            mark = SourceMark.create();
            originPartitions.computeIfAbsent(keys.pair, pair -> new TreeSet<>()).add(origin.getPartition());
        }
        if (SourceMark.isReplay(mark, origin.getOffset())) {
            SourceMark.countReplay(mark);
            progress.put(markKey, mark);
            changed.add(keys.all);
            return;
        }
        add(keys.all, keys, Detail.FULL, observation);
        if (late) {
            SourceMark.countLate(mark);
        } else {
            add(keys.window(windowStart), keys, Detail.FULL, observation);
        }
        int undeclared = settings.segments()
                .forEach(
                        comparison.getAttributes(),
                        segment -> add(keys.segment(segment), keys, Detail.GATES, observation));
        SourceMark.countUndeclared(mark, undeclared);
        progress.put(markKey, SourceMark.advance(mark, keys.epoch, origin.getOffset(), eventTimeMillis));
    }

    private PairKeys keysOf(Comparison comparison) {
        PairText text = new PairText(
                comparison.getModel(),
                comparison.getProductionVersion(),
                comparison.getCandidateVersion(),
                comparison.getEpoch());
        PairKeys keys = keysOfPairs.get(text);
        if (keys == null) {
            keys = new PairKeys(Observations.pair(comparison), comparison.getEpoch());
            keysOfPairs.put(text, keys);
        }
        return keys;
    }

    private void add(String key, PairKeys keys, Detail detail, PairObservation observation) {
        byte[] bytes = evidence.get(key);
        if (bytes == null) {
            register(key);
        }
        PairEvidence known = bytes == null ? PairEvidence.create(detail, shapeOf(keys)) : PairEvidence.wrap(bytes);
        known.add(observation);
        evidence.put(key, known.bytes());
        changed.add(key);
    }

    private EvidenceShape shapeOf(PairKeys keys) {
        return stages.declared(keys.pair, keys.epoch)
                .map(stage -> settings.shape().withReferences(stage.references()))
                .orElse(settings.shape());
    }

    private boolean isClosed(long windowStart) {
        return watermark != Long.MIN_VALUE && settings.closesAt(windowStart) <= watermark;
    }

    private void advanceWatermark(long eventTimeMillis) {
        if (eventTimeMillis > watermark) {
            watermark = eventTimeMillis;
            ByteBuffer.wrap(watermarkBytes).putLong(watermark);
            progress.put(WATERMARK, watermarkBytes);
        }
    }

    /** Tells what changed since the last time, then how far the partition has come, and lets go of what has ended. */
    void publish(Consumer<EvidenceMessage> tell) {
        for (String key : changed) {
            byte[] bytes = evidence.get(key);
            EvidenceSlot slot = slots.get(key);
            if (bytes != null && slot != null) {
                tell.accept(snapshot(slot, bytes.clone()));
            }
        }
        changed.clear();
        dropClosedWindows();
        removeOldEpochs(tell);
        announceStages(tell);
        if (tellProgress) {
            tell.accept(new Progress(sourcePartition, watermark));
            tellProgress = false;
        }
    }

    private Snapshot snapshot(EvidenceSlot slot, byte[] bytes) {
        if (!slot.isCumulative() || !slot.segment().equals(Segments.ALL)) {
            return new Snapshot(sourcePartition, slot, OriginRanges.NONE, Dropped.NONE, bytes);
        }
        List<OriginRanges.Range> ranges = new ArrayList<>();
        Dropped dropped = Dropped.NONE;
        for (int originPartition : originPartitions.getOrDefault(slot.pair(), Set.of())) {
            byte[] mark = progress.get(markKey(slot.pair(), originPartition));
            OriginRanges.Range range = SourceMark.range(mark, slot.epoch(), originPartition);
            if (range != null) {
                ranges.add(range);
            }
            dropped = dropped.plus(SourceMark.dropped(mark));
        }
        return new Snapshot(sourcePartition, slot, new OriginRanges(ranges), dropped, bytes);
    }

    /** The merge has their last state; nothing can be added to them any more. */
    private void dropClosedWindows() {
        Iterator<Map.Entry<Long, Set<String>>> windows = openWindows.entrySet().iterator();
        while (windows.hasNext()) {
            Map.Entry<Long, Set<String>> window = windows.next();
            if (!isClosed(window.getKey())) {
                return;
            }
            for (String key : window.getValue()) {
                evidence.delete(key);
                slots.remove(key);
            }
            keysOfPairs.values().forEach(keys -> keys.byWindow.remove(window.getKey()));
            windows.remove();
        }
    }

    /** An epoch goes when it is not the declared one of its pair and had no comparison for the retention. */
    private void removeOldEpochs(Consumer<EvidenceMessage> tell) {
        List<EvidenceSlot> old = new ArrayList<>();
        for (EvidenceSlot slot : slots.values()) {
            if (slot.isCumulative() && slot.segment().equals(Segments.ALL) && isOld(slot.pair(), slot.epoch())) {
                old.add(slot);
            }
        }
        for (EvidenceSlot epoch : old) {
            remove(epoch.pair(), epoch.epoch(), tell);
        }
    }

    private boolean isOld(ModelPair pair, long epoch) {
        long inForce = stages.current(pair).map(DeclaredStage::epoch).orElse(-1L);
        if (inForce == epoch) {
            return false;
        }
        long last = Long.MIN_VALUE;
        for (int originPartition : originPartitions.getOrDefault(pair, Set.of())) {
            byte[] mark = progress.get(markKey(pair, originPartition));
            last = Math.max(last, SourceMark.lastEventTime(mark, epoch));
        }
        return watermark - settings.epochRetention().toMillis() > last;
    }

    private void remove(ModelPair pair, long epoch, Consumer<EvidenceMessage> tell) {
        for (Map.Entry<String, EvidenceSlot> entry : Map.copyOf(slots).entrySet()) {
            EvidenceSlot slot = entry.getValue();
            if (slot.isCumulative() && slot.epoch() == epoch && slot.pair().equals(pair)) {
                evidence.delete(entry.getKey());
                slots.remove(entry.getKey());
                tell.accept(new Removed(sourcePartition, slot));
            }
        }
        for (int originPartition : originPartitions.getOrDefault(pair, Set.of())) {
            String key = markKey(pair, originPartition);
            progress.put(key, SourceMark.withoutEpoch(progress.get(key), epoch));
        }
        keysOfPairs.values().removeIf(keys -> keys.epoch == epoch && keys.pair.equals(pair));
    }

    /** One partition does it for all: a declared pair is known to the merge before its first comparison. */
    private void announceStages(Consumer<EvidenceMessage> tell) {
        if (sourcePartition != 0) {
            return;
        }
        for (DeclaredStage stage : stages.all()) {
            Long before = announcedEpochs.put(stage.pair(), stage.epoch());
            if (before == null || before != stage.epoch()) {
                tell.accept(new Announced(sourcePartition, stage.pair()));
            }
        }
    }
}
