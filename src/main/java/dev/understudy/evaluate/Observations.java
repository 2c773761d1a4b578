package dev.understudy.evaluate;

import dev.understudy.avro.Comparison;
import dev.understudy.avro.ModelResult;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.CandidateStatus;
import dev.understudy.evidence.PairObservation;
import java.util.Map;

/** Reads comparisons from their Avro records. */
final class Observations {
    private Observations() {}

    static ModelPair pair(Comparison comparison) {
        return new ModelPair(
                comparison.getModel(),
                new ModelVersion(comparison.getProductionVersion()),
                new ModelVersion(comparison.getCandidateVersion()));
    }

    static PairObservation observation(Comparison comparison, long eventTimeMillis) {
        return PairObservation.of(
                comparison.getEntityId(),
                eventTimeMillis,
                comparison.getTask().map(task -> Task.valueOf(task.name())).orElse(null),
                comparison.getClasses(),
                CandidateStatus.valueOf(comparison.getStatus().name()),
                comparison.getMismatch().isEmpty(),
                answer(comparison.getProduction()),
                comparison.getCandidate().map(Observations::answer).orElseGet(Answer::none));
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
}
