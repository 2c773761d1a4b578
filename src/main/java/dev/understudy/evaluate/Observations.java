package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.LikeForLike;
import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Outcome;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.RoutingReason;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.BatchObservation;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.EntityHash;
import dev.understudy.evidence.ExposureObservation;
import dev.understudy.evidence.PairObservation;
import dev.understudy.evidence.Truth;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads records of the topics as what they contribute to evidence. */
final class Observations {
    private static final Set<String> NOT_ASKED =
            Set.of(RowResult.Failed.MODEL_NOT_LOADED, RowResult.Failed.QUARANTINED, RowResult.Failed.SHED);

    private Observations() {}

    static ModelPair pair(String model, String production, String candidate) {
        return new ModelPair(model, new ModelVersion(production), new ModelVersion(candidate));
    }

    static PairObservation observation(Comparison comparison, long eventTimeMillis) {
        return new PairObservation(
                EntityHash.of(comparison.getEntityId()),
                eventTimeMillis,
                comparison.getTask().map(task -> Task.valueOf(task.name())).orElse(null),
                comparison.getClasses(),
                CandidateStatus.valueOf(comparison.getStatus().name()),
                comparison.getMismatch().isEmpty(),
                production(comparison),
                comparison.getCandidate().map(Observations::answer).orElseGet(Answer::none));
    }

    /** A version that did not serve and that the shadow process did not ask did not fail. */
    private static Answer production(Comparison comparison) {
        ModelResult production = comparison.getProduction();
        boolean notAsked = !comparison.getServedVersion().equals(comparison.getProductionVersion())
                && production.getErrorCode().filter(NOT_ASKED::contains).isPresent();
        return notAsked ? Answer.none() : answer(production);
    }

    private static Answer answer(ModelResult result) {
        return result.getErrorCode().isPresent()
                ? Answer.failed(result.getBatchNanos())
                : new Answer(
                        false,
                        result.getScore().orElse(null),
                        result.getLabel().orElse(null),
                        result.getProbabilities().orElse(Map.of()),
                        result.getBatchNanos());
    }

    static Optional<BatchObservation> batch(Comparison comparison, long eventTimeMillis) {
        return comparison.getLikeForLike().map(batch -> batch(batch, eventTimeMillis));
    }

    private static BatchObservation batch(LikeForLike batch, long eventTimeMillis) {
        return new BatchObservation(
                eventTimeMillis,
                batch.getRows(),
                batch.getProductionNanos(),
                batch.getCandidateNanos(),
                batch.getProductionAgainNanos(),
                batch.getProductionFailed(),
                batch.getCandidateFailed());
    }

    static Arm served(Comparison comparison) {
        return arm(comparison.getServedVersion(), comparison.getProductionVersion(), comparison.getCandidateVersion());
    }

    static ExposureObservation exposure(Prediction prediction, ShadowTarget target, long eventTimeMillis) {
        RoutingReason reason = prediction.getDecision().getReason();
        return new ExposureObservation(
                EntityHash.of(prediction.getEntityId()),
                eventTimeMillis,
                arm(
                        prediction.getModelVersion().orElse(""),
                        target.getProductionVersion(),
                        target.getCandidateVersion()),
                reason != RoutingReason.FALLBACK && reason != RoutingReason.KILLED);
    }

    private static Arm arm(String served, String production, String candidate) {
        return served.equals(candidate) ? Arm.CANDIDATE : served.equals(production) ? Arm.PRODUCTION : Arm.OTHER;
    }

    static Truth truth(Outcome outcome) {
        return new Truth(
                outcome.getLabel().orElse(null),
                outcome.getValue().orElse(null),
                outcome.getBusinessValue().orElse(null));
    }
}
