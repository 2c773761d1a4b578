package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.InputOffsets;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.ReadinessSummary;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.StageBook;
import dev.understudy.evaluate.EvidenceMessage.Progress;
import dev.understudy.evaluate.EvidenceMessage.Snapshot;
import dev.understudy.readiness.ReadinessPolicy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Computes the decisions on a pair again, by the collector, the merge and the judge of the stage itself, from the records
 * that a published summary says it is of. What only the running stage knew is taken from the summary: the time of the
 * decision, when a comparison was last heard of, how old what was read was, and how many candidates were in force.
 */
final class Recomputation {
    /** So that closed windows are let go of. */
    private static final int RECORDS_AT_ONCE = 20_000;

    private final EvaluateSettings settings;
    private final ReadinessSummary published;
    private final ModelPair pair;
    private final StageBook stages;
    private final MergedPairs merged;
    private final Map<Integer, InputsRead> read = new HashMap<>();
    private final Map<Integer, String> countedOtherwise = new HashMap<>();

    /**
     * @param settings and policy those that the summary was made with
     * @param provenance what the model files, the configuration and the code are here
     * @param declared stages, among them the summary's
     */
    Recomputation(
            EvaluateSettings settings,
            ReadinessPolicy policy,
            Provenance provenance,
            Collection<DeclaredStage> declared,
            ReadinessSummary published) {
        this.settings = settings;
        this.published = published;
        this.pair = pairOf(published);
        this.stages = new StageThen(pair, published.getStage().getEpoch(), List.copyOf(declared));
        this.merged = new MergedPairs(
                settings,
                stages,
                new ReadinessJudge(settings, policy, provenance),
                new PlainStore(),
                new PlainStore(),
                published.getEvaluatedAt().toEpochMilli());
        for (InputOffsets inputs : published.getProvenance().getInputs()) {
            read.put(inputs.getPartition(), InputRecords.read(inputs));
            inputs.getCountedOtherwise().ifPresent(by -> countedOtherwise.put(inputs.getPartition(), by));
        }
    }

    static ModelPair pairOf(ReadinessSummary summary) {
        return new ModelPair(
                summary.getModel(),
                new ModelVersion(summary.getProductionVersion()),
                new ModelVersion(summary.getCandidateVersion()));
    }

    /** How far the stage had read, by partition. */
    Map<Integer, InputsRead> read() {
        return read;
    }

    /**
     * Begins with a partition.
     *
     * @param whole whether all is there that the stage had read of it; else the first origins of the pair that the summary
     *     counts are taken from it, so that repetitions of earlier ones are recognised
     */
    Partition partition(int number, boolean whole) {
        return new Partition(number, whole);
    }

    /** The decisions of the pair, by segment. */
    Map<String, ReadinessSummary> summaries() {
        dev.understudy.avro.Provenance provenance = published.getProvenance();
        return merged.judge(
                pair,
                new ReadinessJudge.Circumstances(
                        provenance.getHeardAt().orElse(null),
                        provenance.getLagMillis().map(Duration::ofMillis).orElse(null),
                        published.getStage().getCandidates()),
                published.getEvaluatedAt());
    }

    /** The records of one partition number: outcomes first, so that none finds its request let go of. */
    final class Partition {
        private final int number;
        private final CollectedPartition collected;
        private int sinceTold;

        private Partition(int number, boolean whole) {
            this.number = number;
            PlainStore marks = new PlainStore();
            if (!whole) {
                String covered = published.getProvenance().getOffsets().getOrDefault(Integer.toString(number), "");
                for (OriginRanges.Range range : OriginRanges.parse(covered).ranges()) {
                    byte[] mark = SourceMark.create();
                    SourceMark.advance(mark, range.first() - 1);
                    marks.put(MarkKeys.ofPair(pair, range.originPartition()), mark);
                }
            }
            this.collected = new CollectedPartition(
                    number,
                    settings,
                    stages,
                    new InPlaceStore(new PlainStore()),
                    new InPlaceStore(marks),
                    settings.outcomes().join() ? new PlainStore() : null);
        }

        void add(Outcome outcome) {
            collected.add(outcome, published.getEvaluatedAt().toEpochMilli());
        }

        void add(Comparison comparison, long eventTimeMillis) {
            collected.add(comparison, eventTimeMillis);
            tellAtTimes();
        }

        void add(Prediction prediction, long eventTimeMillis) {
            collected.add(prediction, eventTimeMillis);
            tellAtTimes();
        }

        private void tellAtTimes() {
            if (++sinceTold == RECORDS_AT_ONCE) {
                tell();
            }
        }

        /** To be called after the last record. */
        void end() {
            tell();
        }

        private void tell() {
            sinceTold = 0;
            collected.publish(message -> {
                if (message instanceof Progress progress) {
                    merge(new Progress(
                            number,
                            progress.watermarkMillis(),
                            progress.flags(),
                            progress.outcomes(),
                            read.getOrDefault(number, InputsRead.NOTHING),
                            countedBy(progress.countedBy())));
                } else if (message instanceof Snapshot snapshot && counts(snapshot.slot())) {
                    merge(snapshot);
                }
            });
        }

        /**
         * As the summary says: that is taken from it.
         *
         * @param here how this partition counts
         */
        private CountedBy countedBy(CountedBy here) {
            String otherwise = countedOtherwise.get(number);
            return otherwise == null
                    ? here
                    : new CountedBy(
                            here.now(),
                            otherwise,
                            Map.of(pair.key(), published.getStage().getEpoch()));
        }

        private boolean counts(EvidenceSlot slot) {
            return slot.isCumulative()
                    && slot.pair().equals(pair)
                    && slot.epoch() == published.getStage().getEpoch();
        }

        private void merge(EvidenceMessage message) {
            merged.receive(message, published.getEvaluatedAt().toEpochMilli(), (key, summary) -> {});
        }
    }

    /** The stage of the summary is in force, whatever has been declared since. */
    private record StageThen(ModelPair pair, long epoch, List<DeclaredStage> stages) implements StageBook {
        @Override
        public Optional<DeclaredStage> current(ModelPair asked) {
            return asked.equals(pair) ? declared(asked, epoch) : Optional.empty();
        }

        @Override
        public Optional<DeclaredStage> declared(ModelPair asked, long askedEpoch) {
            return stages.stream()
                    .filter(stage -> stage.epoch() == askedEpoch && stage.pair().equals(asked))
                    .findFirst();
        }

        @Override
        public Collection<DeclaredStage> all() {
            return current(pair).stream().toList();
        }

        @Override
        public long latestEpoch() {
            return epoch;
        }
    }
}
