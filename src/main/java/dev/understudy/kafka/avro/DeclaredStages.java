package dev.understudy.kafka.avro;

import dev.understudy.avro.RolloutStage;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.References;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** Declared stages to {@code RolloutStage.avsc} and back. */
final class DeclaredStages {
    private DeclaredStages() {}

    static RolloutStage toAvro(DeclaredStage stage) {
        References references = stage.references();
        return RolloutStage.newBuilder()
                .setModel(stage.pair().model())
                .setProductionVersion(stage.pair().production().name())
                .setCandidateVersion(stage.pair().candidate().name())
                .setEpoch(stage.epoch())
                .setPercent(stage.percent())
                .setSince(stage.since())
                .setHoldSeconds(stage.hold().toSeconds())
                .setMargins(stage.margins())
                .setTailNanos(
                        references.tailNanos().isPresent()
                                ? references.tailNanos().getAsLong()
                                : null)
                .setTailTolerance(references.tailTolerance())
                .setDeciles(references.deciles().isEmpty() ? null : references.deciles())
                .setValueBound(boxed(references.valueBound()))
                .setBusinessBound(boxed(references.businessBound()))
                .setCandidates(stage.candidates())
                .build();
    }

    private static @Nullable Double boxed(OptionalDouble value) {
        return value.isPresent() ? value.getAsDouble() : null;
    }

    static DeclaredStage toDomain(String topic, RolloutStage record) {
        try {
            return new DeclaredStage(
                    new ModelPair(
                            record.getModel(),
                            new ModelVersion(record.getProductionVersion()),
                            new ModelVersion(record.getCandidateVersion())),
                    record.getEpoch(),
                    record.getPercent(),
                    record.getSince(),
                    Duration.ofSeconds(record.getHoldSeconds()),
                    record.getMargins(),
                    new References(
                            record.getTailNanos().map(OptionalLong::of).orElse(OptionalLong.empty()),
                            record.getTailTolerance(),
                            record.getDeciles().orElse(List.of()),
                            record.getValueBound().map(OptionalDouble::of).orElse(OptionalDouble.empty()),
                            record.getBusinessBound().map(OptionalDouble::of).orElse(OptionalDouble.empty())),
                    record.getCandidates());
        } catch (IllegalArgumentException e) {
            throw new UnreadableRecordException(
                    "value of topic " + topic + " is not a valid rollout stage: " + e.getMessage(), e);
        }
    }
}
