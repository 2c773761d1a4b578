package dev.understudy.score;

import dev.understudy.avro.ModelResult;
import dev.understudy.avro.Prediction;
import dev.understudy.avro.PredictionStatus;
import dev.understudy.avro.ShadowTarget;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.Origin;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import dev.understudy.domain.RowResult;
import dev.understudy.kafka.avro.ModelResults;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Scored requests as the records that leave. */
final class Predictions {
    private Predictions() {}

    static Prediction of(ScoredRequest scored, String model, Origin origin) {
        ModelResult answer = ModelResults.of(scored.answer());
        Instant flagsStaleSince = scored.flagsStaleSince();
        return new Prediction(
                scored.request().requestId(),
                scored.request().entityId(),
                new dev.understudy.avro.Origin(origin.partition(), origin.offset()),
                model,
                scored.modelFound() ? answer.getModelVersion() : null,
                scored.answer().result() instanceof RowResult.Scored
                        ? PredictionStatus.SCORED
                        : PredictionStatus.FAILED,
                answer.getScore().orElse(null),
                answer.getLabel().orElse(null),
                answer.getProbabilities().orElse(null),
                answer.getVector().orElse(null),
                answer.getErrorCode().orElse(null),
                answer.getErrorMessage().orElse(null),
                decision(scored.decision()),
                scored.epoch(),
                scored.queueNanos(),
                answer.getBatchNanos(),
                answer.getBatchRows(),
                scored.scoredAtMillis(),
                targets(scored.targets()),
                flagsStaleSince == null ? null : flagsStaleSince.toEpochMilli());
    }

    private static List<ShadowTarget> targets(List<ForkTarget> targets) {
        List<ShadowTarget> records = new ArrayList<>(targets.size());
        for (ForkTarget target : targets) {
            records.add(new ShadowTarget(
                    target.production().name(), target.candidate().name(), target.epoch()));
        }
        return records;
    }

    private static dev.understudy.avro.RoutingDecision decision(RoutingDecision decision) {
        return new dev.understudy.avro.RoutingDecision(
                decision.flagKey(), decision.variation(), reason(decision.reason()));
    }

    private static dev.understudy.avro.RoutingReason reason(RoutingReason reason) {
        return switch (reason) {
            case TARGET -> dev.understudy.avro.RoutingReason.TARGET;
            case RULE -> dev.understudy.avro.RoutingReason.RULE;
            case ROLLOUT -> dev.understudy.avro.RoutingReason.ROLLOUT;
            case DEFAULT -> dev.understudy.avro.RoutingReason.DEFAULT;
            case KILLED -> dev.understudy.avro.RoutingReason.KILLED;
            case FALLBACK -> dev.understudy.avro.RoutingReason.FALLBACK;
        };
    }
}
