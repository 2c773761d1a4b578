package dev.understudy.pairs;

import dev.understudy.domain.Task;
import dev.understudy.evaluate.Segments;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.BatchEvidence;
import dev.understudy.evidence.BatchObservation;
import dev.understudy.evidence.CandidateEvidence;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EntityHash;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.evidence.ExposureEvidence;
import dev.understudy.evidence.ExposureObservation;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.OutcomeObservation;
import dev.understudy.evidence.PairEvidence;
import dev.understudy.evidence.PairObservation;
import dev.understudy.evidence.SegmentEvidence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects evidence of pairs from a file. The file is the past, so every request is old enough for its outcome to count.
 * Rows that name the same batch are one observation of latency; rows that name none are none, since rows of one model call
 * share its time.
 */
public final class PairEvaluation {
    private final Task task;
    private final EvidenceShape shape;
    private final Segments segments;
    private final PairEvidence pairs;
    private final BatchEvidence batches;
    private final OutcomeEvidence outcomes;
    private final ExposureEvidence exposure = ExposureEvidence.create();
    private final Map<String, SegmentEvidence> bySegment = new TreeMap<>();
    private final Map<String, Batch> openBatches = new LinkedHashMap<>();
    private long outcomesSeen;

    private static final class Batch {
        final long timeMillis;
        long productionNanos;
        long candidateNanos;
        int rows;
        boolean productionFailed = true;
        boolean candidateFailed = true;
        boolean productionTimedOut;
        boolean candidateTimedOut;

        Batch(LoggedPair first) {
            this.timeMillis = first.timeMillis();
        }

        /**
         * The time of a side is that of its first row that succeeded: all rows of a batch carry the same. A call whose time
         * ran out for one row has taken too long, whatever the others got.
         */
        void add(LoggedPair row) {
            rows++;
            productionTimedOut |= row.productionTimedOut();
            candidateTimedOut |= row.candidateTimedOut();
            if (!row.production().error()) {
                productionFailed = false;
                productionNanos =
                        productionNanos > 0 ? productionNanos : row.production().latencyNanos();
            }
            if (!row.candidate().error()) {
                candidateFailed = false;
                candidateNanos =
                        candidateNanos > 0 ? candidateNanos : row.candidate().latencyNanos();
            }
        }

        /** A side that answered without a time says nothing of latency, nor does the other then. */
        boolean isTimed() {
            return (productionFailed || productionNanos > 0) && (candidateFailed || candidateNanos > 0);
        }
    }

    public PairEvaluation(Task task, EvidenceShape shape, Segments segments) {
        this.task = task;
        this.shape = shape;
        this.segments = segments;
        this.pairs = PairEvidence.create(Detail.FULL, shape);
        this.batches = BatchEvidence.create(shape);
        this.outcomes = OutcomeEvidence.create(Detail.FULL, shape);
    }

    /** Counts a pair. */
    public void add(LoggedPair pair) {
        outcomesSeen += pair.outcome() == null ? 0 : 1;
        PairObservation observation = observation(pair);
        pairs.add(observation);
        exposure.add(new ExposureObservation(observation.entityHash(), pair.timeMillis(), pair.served(), true));
        addOutcome(outcomes, pair, observation);
        segments.forEach(pair.attributes(), segment -> {
            SegmentEvidence evidence = bySegment.computeIfAbsent(
                    segment,
                    name -> new SegmentEvidence(
                            PairEvidence.create(Detail.GATES, shape), OutcomeEvidence.create(Detail.GATES, shape)));
            evidence.pairs().add(observation);
            addOutcome(evidence.outcomes(), pair, observation);
        });
        if (pair.batch() != null) {
            openBatches.computeIfAbsent(pair.batch(), name -> new Batch(pair)).add(pair);
        }
    }

    private PairObservation observation(LoggedPair pair) {
        Answer candidate = pair.candidate();
        CandidateStatus status = !candidate.error()
                ? CandidateStatus.COMPARED
                : pair.candidateTimedOut() ? CandidateStatus.TIMED_OUT : CandidateStatus.CANDIDATE_FAILED;
        return new PairObservation(
                EntityHash.of(pair.entityId()),
                pair.timeMillis(),
                task,
                task == Task.BINARY ? BinaryClasses.NAMES : List.of(),
                status,
                true,
                pair.production(),
                candidate);
    }

    private void addOutcome(OutcomeEvidence evidence, LoggedPair pair, PairObservation observation) {
        if (observation.isPair()) {
            evidence.expect();
        }
        if (pair.outcome() != null) {
            evidence.add(new OutcomeObservation(
                    observation.entityHash(),
                    task,
                    observation.classes(),
                    pair.served(),
                    observation.isPair(),
                    pair.production(),
                    pair.candidate(),
                    pair.outcome()));
        }
    }

    /** How many pairs had an outcome. */
    public long outcomesSeen() {
        return outcomesSeen;
    }

    /** All that was counted; to be asked once, after the last pair. */
    public CandidateEvidence all() {
        openBatches.values().stream()
                .filter(Batch::isTimed)
                .forEach(batch -> batches.add(new BatchObservation(
                        batch.timeMillis,
                        batch.rows,
                        batch.productionNanos,
                        batch.candidateNanos,
                        0,
                        batch.productionFailed || batch.productionTimedOut,
                        batch.candidateFailed || batch.candidateTimedOut)));
        openBatches.clear();
        return new CandidateEvidence(pairs, batches, outcomes, exposure);
    }

    /** The same by {@code attribute=value}. */
    public Map<String, SegmentEvidence> segments() {
        return bySegment;
    }
}
