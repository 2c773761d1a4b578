package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.StageBook;
import dev.understudy.evaluate.EvidenceMessage.Announced;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Removed;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.BatchObservation;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.Evidence;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.ExposureObservation;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * The evidence of one partition: of its comparisons, of the predictions that say which of them were due, and of the
 * outcomes.
 *
 * <p>What is counted depends on the records of each topic and their order in it alone, not on the clock, the commits, the
 * restarts, or which topic is read first: a record is a repetition by its origin, too late for its window by the event
 * times of the comparisons before it, and an outcome belongs to its request whichever comes first.
 */
final class CollectedPartition {
    private static final List<EvidenceKind> OF_WINDOWS =
            List.of(EvidenceKind.PAIRS, EvidenceKind.BATCHES, EvidenceKind.DIFFERENCES);

    private final int sourcePartition;
    private final EvaluateSettings settings;
    private final StageBook stages;
    private final PartialEvidence evidence;
    private final InPlaceStore progress;
    private final PairKeysBook keysOfPairs;
    private final Watermark comparisonsRead;
    private final Watermark predictionsRead;
    private final InputMarks inputs;
    private final CountedBy countedBy;
    private final PartitionLedger ledger;
    private final PartitionDifferences differences;
    private final @Nullable PartitionOutcomes outcomes;

    private final Map<ModelPair, Set<Integer>> originPartitions = new HashMap<>();
    private final Map<Integer, String> predictionMarks = new HashMap<>();
    private final Map<PairEpoch, Dropped> toldDropped = new HashMap<>();
    private Optional<Instant> flagsStaleSince;
    private boolean tellProgress = true;

    private record PairEpoch(ModelPair pair, long epoch) {}

    /** @param awaited requests that wait for their outcomes; null where outcomes are not joined */
    CollectedPartition(
            int sourcePartition,
            EvaluateSettings settings,
            StageBook stages,
            InPlaceStore evidence,
            InPlaceStore progress,
            @Nullable KeyValueStore<String, byte[]> awaited) {
        this.sourcePartition = sourcePartition;
        this.settings = settings;
        this.stages = stages;
        this.evidence = new PartialEvidence(evidence);
        this.progress = progress;
        this.keysOfPairs = new PairKeysBook(settings, stages);
        this.comparisonsRead = new Watermark(progress, MarkKeys.COMPARISONS_WATERMARK);
        this.predictionsRead = new Watermark(progress, MarkKeys.PREDICTIONS_WATERMARK);
        byte[] staleSince = progress.get(MarkKeys.FLAGS_STALE_SINCE);
        this.flagsStaleSince = staleSince == null
                ? Optional.empty()
                : FlagState.instant(ByteBuffer.wrap(staleSince).getLong());
        this.ledger = new PartitionLedger(settings, this.evidence, predictionsRead);
        this.differences = new PartitionDifferences(settings, this.evidence);
        this.outcomes = awaited == null
                ? null
                : new PartitionOutcomes(settings, this.evidence, keysOfPairs, comparisonsRead, awaited, progress);
        this.inputs = new InputMarks(
                progress,
                new InputsRead(
                        InputsRead.Range.ifNotNoted(comparisonsRead.isSet()),
                        InputsRead.Range.ifNotNoted(predictionsRead.isSet()),
                        InputsRead.Range.ifNotNoted(!outcomeCounts().isNone())));
        requireShape();
        this.countedBy = CountedBy.resume(progress, CountedBy.text(settings), this.evidence.latestEpochs());
        for (String key : progress.keys()) {
            if (MarkKeys.isOfPair(key)) {
                originPartitionsOf(MarkKeys.pair(key)).add(MarkKeys.originPartition(key));
            }
        }
    }

    private OutcomeCounts outcomeCounts() {
        return outcomes == null ? OutcomeCounts.NONE : outcomes.counts();
    }

    /** What is in the store was counted in time blocks that cannot be divided anew. */
    private void requireShape() {
        evidence.find(slot -> slot.kind() == EvidenceKind.PAIRS).forEach((key, slot) -> {
            byte[] bytes = evidence.get(key);
            try {
                Evidence.requireBegunWith(settings.shape(), Objects.requireNonNull(bytes));
            } catch (IllegalArgumentException e) {
                throw new IllegalStateException(
                        "evidence of " + slot.pair().key() + " in the store does not fit evaluate.time-block: "
                                + e.getMessage()
                                + "; set evaluate.time-block back, or begin anew with another kafka.application-prefix",
                        e);
            }
        });
    }

    private Set<Integer> originPartitionsOf(ModelPair pair) {
        return originPartitions.computeIfAbsent(pair, p -> new TreeSet<>());
    }

    /** The record at that offset is added next, or cannot be. */
    void read(InputTopic topic, long offset) {
        inputs.read(topic, offset);
        tellProgress = true;
    }

    /** Counts a comparison, or what was wrong with it. Reads all of it before it changes anything. */
    void add(Comparison comparison, long eventTimeMillis) {
        PairKeys keys = keysOfPairs.of(
                comparison.getModel(),
                comparison.getProductionVersion(),
                comparison.getCandidateVersion(),
                comparison.getEpoch());
        PairObservation observation = Observations.observation(comparison, eventTimeMillis);
        Optional<BatchObservation> batch = Observations.batch(comparison, eventTimeMillis);
        List<String> segments = new ArrayList<>(settings.segments().perRequest());
        int undeclared = settings.segments().forEach(comparison.getAttributes(), segments::add);
        int originPartition = comparison.getOrigin().getPartition();
        long originOffset = comparison.getOrigin().getOffset();
        long windowStart = settings.windowStartOf(eventTimeMillis);
        boolean late = comparisonsRead.hasPassed(settings.closesAt(windowStart));
        tellProgress = true;
        comparisonsRead.advance(eventTimeMillis);

        String markKey = keys.mark(originPartition);
        byte[] mark = progress.get(markKey);
        if (mark == null) {
            mark = SourceMark.create();
            originPartitionsOf(keys.pair()).add(originPartition);
        }
        String all = keys.cumulative(EvidenceKind.PAIRS, Segments.ALL);
        if (SourceMark.isReplay(mark, originOffset)) {
            SourceMark.countReplay(mark);
            progress.put(markKey, mark);
            evidence.touch(all);
            return;
        }
        addPair(all, keys, Detail.FULL, observation);
        addBatch(keys.cumulative(EvidenceKind.BATCHES, Segments.ALL), keys, batch);
        for (String segment : segments) {
            addPair(keys.cumulative(EvidenceKind.PAIRS, segment), keys, Detail.GATES, observation);
        }
        if (late) {
            SourceMark.countLate(mark);
        } else {
            addPair(keys.window(EvidenceKind.PAIRS, windowStart, Segments.ALL), keys, Detail.FULL, observation);
            addBatch(keys.window(EvidenceKind.BATCHES, windowStart, Segments.ALL), keys, batch);
            differences.add(keys, windowStart, comparison, observation, segments);
        }
        ledger.countCame(keys, eventTimeMillis);
        if (outcomes != null) {
            outcomes.add(keys, comparison, observation, segments);
        }
        SourceMark.countUndeclared(mark, undeclared);
        progress.put(markKey, SourceMark.advance(mark, keys.epoch(), originOffset));
    }

    private void addPair(String key, PairKeys keys, Detail detail, PairObservation observation) {
        evidence.change(
                key,
                () -> PairEvidence.create(detail, keys.shape()),
                PairEvidence::wrap,
                known -> known.add(observation));
    }

    private void addBatch(String key, PairKeys keys, Optional<BatchObservation> observation) {
        observation.ifPresent(batch -> evidence.change(
                key, () -> BatchEvidence.create(keys.shape()), BatchEvidence::wrap, known -> known.add(batch)));
    }

    /** Counts which comparisons a prediction says are due, and who was served. */
    void add(Prediction prediction, long eventTimeMillis) {
        int originPartition = prediction.getOrigin().getPartition();
        long originOffset = prediction.getOrigin().getOffset();
        List<PairKeys> targets = new ArrayList<>(prediction.getShadowTargets().size());
        for (ShadowTarget target : prediction.getShadowTargets()) {
            targets.add(keysOfPairs.of(
                    prediction.getModel(),
                    target.getProductionVersion(),
                    target.getCandidateVersion(),
                    target.getEpoch()));
        }
        tellProgress = true;
        predictionsRead.advance(eventTimeMillis);
        noteFlags(prediction.getFlagsStaleSince().map(Instant::ofEpochMilli));

        String markKey = predictionMarks.computeIfAbsent(originPartition, MarkKeys::ofPredictions);
        byte[] known = progress.get(markKey);
        byte[] mark = known == null ? SourceMark.create() : known;
        if (SourceMark.isReplay(mark, originOffset)) {
            return;
        }
        SourceMark.advance(mark, originOffset);
        progress.put(markKey, mark);
        for (int i = 0; i < targets.size(); i++) {
            PairKeys keys = targets.get(i);
            ExposureObservation exposure = Observations.exposure(
                    prediction, prediction.getShadowTargets().get(i), eventTimeMillis);
            evidence.change(
                    keys.cumulative(EvidenceKind.EXPOSURE, Segments.ALL),
                    ExposureEvidence::create,
                    ExposureEvidence::wrap,
                    counted -> counted.add(exposure));
            ledger.countDue(keys, eventTimeMillis);
        }
    }

    /** Kept over restarts: a partition that is quiet since the flags went stale still says so. */
    private void noteFlags(Optional<Instant> staleSince) {
        if (!staleSince.equals(flagsStaleSince)) {
            flagsStaleSince = staleSince;
            progress.put(
                    MarkKeys.FLAGS_STALE_SINCE,
                    ByteBuffer.allocate(Long.BYTES)
                            .putLong(FlagState.millis(staleSince))
                            .array());
        }
    }

    /** Joins an outcome with the comparisons of its request. */
    void add(Outcome outcome, long nowMillis) {
        if (outcomes != null) {
            outcomes.add(outcome, nowMillis);
            tellProgress = true;
        }
    }

    /** Tells what changed since the last time, then how far the partition has come, and lets go of what has ended. */
    void publish(Consumer<EvidenceMessage> tell) {
        if (outcomes != null) {
            outcomes.addMatureCohorts();
            outcomes.sweep();
        }
        tellChanged(slot -> !slot.isCumulative(), tell);
        dropClosedWindows();
        ledger.settle(keysOfPairs);
        touchDropped();
        tellChanged(EvidenceSlot::isCumulative, tell);
        removeOldEpochs(tell);
        announceStages(tell);
        if (tellProgress) {
            tell.accept(new Progress(
                    sourcePartition,
                    comparisonsRead.millis(),
                    new FlagState(predictionsRead.millis(), flagsStaleSince),
                    outcomeCounts(),
                    inputs.read(),
                    countedBy));
            tellProgress = false;
        }
    }

    /** A progress follows whatever is told: until it comes the merge knows that there is more. */
    private void tellChanged(Predicate<EvidenceSlot> which, Consumer<EvidenceMessage> tell) {
        evidence.takeChanged(which, (slot, bytes) -> {
            if (isTold(slot, bytes)) {
                tell.accept(snapshot(slot, bytes));
                tellProgress = true;
            }
        });
    }

    /** What was left out is counted by pair, over its epochs: the one in force says it, whichever it came with. */
    private void touchDropped() {
        for (ModelPair pair : originPartitions.keySet()) {
            Dropped dropped = dropped(pair);
            long epoch = stages.current(pair).map(DeclaredStage::epoch).orElse(0L);
            if (!dropped.equals(toldDropped.put(new PairEpoch(pair, epoch), dropped))) {
                evidence.touch(EvidenceSlot.cumulative(pair, epoch, EvidenceKind.PAIRS, Segments.ALL)
                        .storeKey());
            }
        }
    }

    private Dropped dropped(ModelPair pair) {
        Dropped dropped = Dropped.NONE;
        for (int originPartition : originPartitions.getOrDefault(pair, Set.of())) {
            dropped = dropped.plus(SourceMark.dropped(markOf(MarkKeys.ofPair(pair, originPartition))));
        }
        return dropped;
    }

    /** Cohorts stay here until they are mature; of the ledger's windows the merge needs what was due. */
    private static boolean isTold(EvidenceSlot slot, byte[] bytes) {
        return slot.isCumulative()
                || switch (slot.kind()) {
                    case OUTCOMES -> false;
                    case LEDGER -> LedgerCounts.due(bytes) > 0;
                    case PAIRS, BATCHES, EXPOSURE, DIFFERENCES -> true;
                };
    }

    private Snapshot snapshot(EvidenceSlot slot, byte[] bytes) {
        boolean ofEpoch = slot.isCumulative() && slot.segment().equals(Segments.ALL);
        if (ofEpoch && slot.kind() == EvidenceKind.LEDGER) {
            return new Snapshot(sourcePartition, slot, OriginRanges.NONE, Dropped.NONE, ledger.balance(slot, bytes));
        }
        if (!ofEpoch || slot.kind() != EvidenceKind.PAIRS) {
            return new Snapshot(sourcePartition, slot, OriginRanges.NONE, Dropped.NONE, bytes.clone());
        }
        List<OriginRanges.Range> ranges = new ArrayList<>();
        for (int originPartition : originPartitions.getOrDefault(slot.pair(), Set.of())) {
            byte[] mark = markOf(MarkKeys.ofPair(slot.pair(), originPartition));
            OriginRanges.Range range = SourceMark.range(mark, slot.epoch(), originPartition);
            if (range != null) {
                ranges.add(range);
            }
        }
        return new Snapshot(sourcePartition, slot, new OriginRanges(ranges), dropped(slot.pair()), bytes.clone());
    }

    /** The mark of a pair and a partition of the requests that was met. */
    private byte[] markOf(String key) {
        return Objects.requireNonNull(progress.get(key), key);
    }

    /** The merge has their last state; nothing can be added to them any more. */
    private void dropClosedWindows() {
        if (!comparisonsRead.isSet()) {
            return;
        }
        long last = settings.lastClosedWindow(comparisonsRead.millis());
        for (EvidenceKind kind : OF_WINDOWS) {
            for (String key : evidence.windowsUpTo(kind, last)) {
                EvidenceSlot slot = evidence.slot(key);
                evidence.delete(key);
                differences.forget(key);
                keysOfPairs.forgetWindow(slot);
            }
        }
    }

    /** An epoch goes when it is not the declared one of its pair and nothing of it came for the retention. */
    private void removeOldEpochs(Consumer<EvidenceMessage> tell) {
        Set<PairEpoch> known = new HashSet<>();
        evidence.find(EvidenceSlot::isCumulative)
                .values()
                .forEach(slot -> known.add(new PairEpoch(slot.pair(), slot.epoch())));
        for (PairEpoch epoch : known) {
            if (isOld(epoch)) {
                remove(epoch.pair(), epoch.epoch(), tell);
            }
        }
    }

    private boolean isOld(PairEpoch of) {
        long inForce = stages.current(of.pair()).map(DeclaredStage::epoch).orElse(-1L);
        if (inForce == of.epoch()) {
            return false;
        }
        EvidenceSlot ledgerOf = EvidenceSlot.cumulative(of.pair(), of.epoch(), EvidenceKind.LEDGER, Segments.ALL);
        byte[] counts = evidence.get(ledgerOf.storeKey());
        if (counts == null) {
            // The epoch was removed, and an outcome came to one of its requests, which wait for longer.
            return true;
        }
        long readThrough = Math.max(comparisonsRead.millis(), predictionsRead.millis());
        return readThrough - settings.epochRetention().toMillis() > LedgerCounts.lastEventTime(counts);
    }

    private void remove(ModelPair pair, long epoch, Consumer<EvidenceMessage> tell) {
        evidence.find(slot -> slot.epoch() == epoch && slot.pair().equals(pair)).forEach((key, slot) -> {
            evidence.delete(key);
            differences.forget(key);
            if (slot.isCumulative()) {
                tell.accept(new Removed(sourcePartition, slot));
                tellProgress = true;
            }
        });
        for (int originPartition : originPartitions.getOrDefault(pair, Set.of())) {
            String key = MarkKeys.ofPair(pair, originPartition);
            progress.put(key, SourceMark.withoutEpoch(markOf(key), epoch));
        }
        toldDropped.remove(new PairEpoch(pair, epoch));
        keysOfPairs.forget(pair, epoch);
    }

    /**
     * One partition does it for all: a declared pair is known to the merge before its first comparison. Every time, since
     * the merge may have moved to where the declaration was not known yet.
     */
    private void announceStages(Consumer<EvidenceMessage> tell) {
        if (sourcePartition != 0) {
            return;
        }
        for (DeclaredStage stage : stages.all()) {
            tell.accept(new Announced(sourcePartition, stage.pair(), stage.epoch()));
        }
    }
}
