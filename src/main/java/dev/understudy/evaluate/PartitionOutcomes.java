package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.Outcome;
import dev.understudy.evidence.Detail;
import dev.understudy.evidence.EntityHash;
import dev.understudy.evidence.OutcomeEvidence;
import dev.understudy.evidence.OutcomeObservation;
import dev.understudy.evidence.PairObservation;
import dev.understudy.evidence.Truth;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Evidence of outcomes in one partition. An outcome counts once its request is older than the maturity, since quick
 * outcomes are not like the others. Until then it stands in the slot of its cohort, with all requests of the cohort that
 * wait for one; when the cohort has matured it is added to the evidence of the epoch.
 */
final class PartitionOutcomes {
    private final EvaluateSettings settings;
    private final PartialEvidence evidence;
    private final PairKeysBook keys;
    private final Watermark comparisonsRead;
    private final OutcomeJoin join;

    PartitionOutcomes(
            EvaluateSettings settings,
            PartialEvidence evidence,
            PairKeysBook keys,
            Watermark comparisonsRead,
            KeyValueStore<String, byte[]> awaited,
            InPlaceStore progress) {
        this.settings = settings;
        this.evidence = evidence;
        this.keys = keys;
        this.comparisonsRead = comparisonsRead;
        this.join = new OutcomeJoin(awaited, progress, settings.outcomes(), this::joined);
    }

    OutcomeCounts counts() {
        return join.counts();
    }

    /** An outcome of the comparison is expected from now on, or is there already. */
    void add(PairKeys pair, Comparison comparison, PairObservation observation, List<String> segments) {
        if (observation.isPair()) {
            change(pair, observation.eventTimeMillis(), Segments.ALL, OutcomeEvidence::expect);
            for (String segment : segments) {
                change(pair, observation.eventTimeMillis(), segment, OutcomeEvidence::expect);
            }
        }
        join.add(
                comparison.getEntityId(),
                comparison.getRequestId(),
                new JoinRow.Side(
                        pair.pair(),
                        pair.epoch(),
                        observation.eventTimeMillis(),
                        observation.task(),
                        observation.classes(),
                        Observations.served(comparison),
                        observation.isPair(),
                        observation.production(),
                        observation.candidate(),
                        segments));
    }

    /** @param nowMillis where event time stands while no comparison was read */
    void add(Outcome outcome, long nowMillis) {
        join.add(outcome, comparisonsRead.orElse(nowMillis));
    }

    private void joined(String entityId, JoinRow.Side side, Truth truth) {
        PairKeys pair = keys.of(side.pair(), side.epoch());
        OutcomeObservation observation = new OutcomeObservation(
                EntityHash.of(entityId),
                side.task(),
                side.classes(),
                side.served(),
                side.pairOfAnswers(),
                side.production(),
                side.candidate(),
                truth);
        change(pair, side.requestTimeMillis(), Segments.ALL, known -> known.add(observation));
        for (String segment : side.segments()) {
            change(pair, side.requestTimeMillis(), segment, known -> known.add(observation));
        }
    }

    /** In the request's cohort while that is young, else in the evidence of the epoch. */
    private void change(PairKeys pair, long requestTimeMillis, String segment, Consumer<OutcomeEvidence> change) {
        long cohort = settings.cohortStartOf(requestTimeMillis);
        String key = comparisonsRead.hasPassed(settings.maturesAt(cohort))
                ? pair.cumulative(EvidenceKind.OUTCOMES, segment)
                : pair.window(EvidenceKind.OUTCOMES, cohort, segment);
        changeAt(key, pair, segment, change);
    }

    private void changeAt(String key, PairKeys pair, String segment, Consumer<OutcomeEvidence> change) {
        Detail detail = segment.equals(Segments.ALL) ? Detail.FULL : Detail.GATES;
        evidence.change(key, () -> OutcomeEvidence.create(detail, pair.shape()), OutcomeEvidence::wrap, change);
    }

    /** Lets go of requests with which nothing can be joined any more. */
    void sweep() {
        if (comparisonsRead.isSet()) {
            join.sweep(comparisonsRead.millis());
        }
    }

    void addMatureCohorts() {
        if (!comparisonsRead.isSet()) {
            return;
        }
        long last = settings.lastMatureCohort(comparisonsRead.millis());
        for (String key : evidence.windowsUpTo(EvidenceKind.OUTCOMES, last)) {
            EvidenceSlot slot = evidence.slot(key);
            PairKeys pair = keys.of(slot.pair(), slot.epoch());
            byte[] cohort = evidence.get(key);
            if (cohort != null) {
                changeAt(
                        pair.cumulative(EvidenceKind.OUTCOMES, slot.segment()),
                        pair,
                        slot.segment(),
                        sum -> sum.merge(OutcomeEvidence.wrap(cohort)));
            }
            evidence.delete(key);
            keys.forgetWindow(slot);
        }
    }
}
