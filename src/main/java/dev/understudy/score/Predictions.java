package dev.understudy.score;

import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.domain.Origin;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Scored requests as the records that leave. */
final class Predictions {
    private Predictions() {}

    static Prediction of(ScoredRequest scored, String model, Origin origin) {
        VersionAnswer answer = scored.answer();
        RowResult.Scored result = answer.result() instanceof RowResult.Scored given ? given : null;
        RowResult.Failed failure = answer.result() instanceof RowResult.Failed failed ? failed : null;
        return new Prediction(
                scored.request().requestId(),
                scored.request().entityId(),
                new dev.understudy.avro.Origin(origin.partition(), origin.offset()),
                model,
                scored.modelFound() ? answer.version().name() : null,
                failure == null ? PredictionStatus.SCORED : PredictionStatus.FAILED,
                result == null ? null : result.score(),
                result == null ? null : result.label(),
                result == null || result.probabilities().size() <= 2 ? null : result.probabilities(),
                result == null ? null : list(result.vector()),
                failure == null ? null : failure.code(),
                failure == null ? null : failure.message(),
                decision(scored.decision()),
                scored.epoch(),
                scored.queueNanos(),
                answer.batchNanos(),
                answer.batchRows(),
                scored.scoredAtMillis(),
                List.of(),
                null);
    }

    private static dev.understudy.avro.RoutingDecision decision(RoutingDecision decision) {
        return new dev.understudy.avro.RoutingDecision(
                decision.flagKey(),
                decision.variation(),
                dev.understudy.avro.RoutingReason.valueOf(decision.reason().name()));
    }

    private static @Nullable List<Double> list(double @Nullable [] vector) {
        return vector == null ? null : Arrays.stream(vector).boxed().toList();
    }
}
