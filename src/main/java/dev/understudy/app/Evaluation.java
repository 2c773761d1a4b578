package dev.understudy.app;

import dev.understudy.config.ConfigurationException;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import dev.understudy.evaluate.EvaluateSettings;
import dev.understudy.evaluate.Provenance;
import dev.understudy.evidence.EvidenceShape;
import dev.understudy.readiness.Better;
import dev.understudy.readiness.Gate;
import dev.understudy.readiness.ReadinessSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Our configuration in the words of EVALUATE and of the readiness policy. */
final class Evaluation {
    private Evaluation() {}

    static EvaluateSettings settings(UnderstudyConfig config) {
        UnderstudyConfig.Evaluate evaluate = config.evaluate();
        UnderstudyConfig.Outcomes outcomes = config.outcomes();
        return fromConfiguration(() -> {
            EvaluateSettings defaults = EvaluateSettings.defaults(evaluate.segments());
            return new EvaluateSettings(
                    evaluate.window(),
                    evaluate.grace(),
                    evaluate.interval(),
                    evaluate.idleAfter(),
                    evaluate.windowRetention(),
                    evaluate.epochRetention(),
                    evaluate.lagBudget(),
                    new EvaluateSettings.Outcomes(outcomes.join(), outcomes.retention(), outcomes.maturity()),
                    evaluate.disagreements(),
                    defaults.expectedPairs(),
                    defaults.segments(),
                    shape(config));
        });
    }

    /** What is built from the configuration's values: what it refuses is to be mended there. */
    static <T> T fromConfiguration(Supplier<T> builder) {
        try {
            return builder.get();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Of evidence without a declared stage. */
    static EvidenceShape shape(UnderstudyConfig config) {
        return new EvidenceShape(
                EvidenceShape.standard().regressionUnitBits(), config.evaluate().timeBlock(), references(config));
    }

    /** What the configuration alone says: no tail and no deciles, which come from data. */
    static References references(UnderstudyConfig config) {
        UnderstudyConfig.Readiness readiness = config.readiness();
        return new References(
                OptionalLong.empty(),
                readiness.tailTolerance(),
                List.of(),
                optional(readiness.valueBound()),
                optional(readiness.businessBound()));
    }

    private static OptionalDouble optional(@Nullable Double value) {
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    static ReadinessSettings readiness(UnderstudyConfig config) {
        UnderstudyConfig.Readiness readiness = config.readiness();
        NavigableMap<Integer, Duration> holds = new TreeMap<>();
        readiness.holds().forEach((percent, hold) -> holds.put(Integer.valueOf(percent), hold));
        return fromConfiguration(() -> ReadinessSettings.standard().toBuilder()
                .alpha(readiness.alpha())
                .harmAlpha(readiness.harmAlpha())
                .minimumRequests(readiness.minimumRequests())
                .minimumEntities(readiness.minimumEntities())
                .minimumBuckets(readiness.minimumBuckets())
                .required(readiness.gates().stream().map(Gate::of).toList())
                .margins(readiness.margins())
                .better(new Better(
                        readiness.better().reading(), readiness.better().by()))
                .labelPolicy(config.outcomes().labelPolicy())
                .coverage(config.outcomes().coverage())
                .holds(holds)
                .requestBudget(readiness.requestBudget())
                .validFor(readiness.validFor())
                .flagsStaleAfter(readiness.flagsStaleAfter())
                .idleAfter(config.evaluate().idleAfter())
                .build());
    }

    /** What decisions are made with here. */
    static Provenance provenance(
            UnderstudyConfig config, Function<ModelVersion, Optional<String>> sha256, EvaluateSettings settings) {
        return Provenance.of(sha256, readiness(config) + "\n" + settings.canonical());
    }

    /** Kafka Streams settings of the stage's own; refused if they leave too little memory for the evidence. */
    static Map<String, Object> streams(UnderstudyConfig config, EvaluateSettings settings) {
        UnderstudyConfig.Evaluate evaluate = config.evaluate();
        return fromConfiguration(() -> settings.streams(
                evaluate.cacheMebibytes(),
                evaluate.threads(),
                config.kafka().partitions(),
                evaluate.standbyReplicas()));
    }
}
