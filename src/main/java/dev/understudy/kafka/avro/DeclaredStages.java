package dev.understudy.kafka.avro;

import dev.understudy.avro.RolloutStage;
import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.ModelVersion;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** Declared stages to {@code RolloutStage.avsc} and back. */
final class DeclaredStages {
    private DeclaredStages() {}

    static RolloutStage toAvro(DeclaredStage stage) {
        return RolloutStage.newBuilder()
                .setModel(stage.pair().model())
                .setProductionVersion(stage.pair().production().name())
                .setCandidateVersion(stage.pair().candidate().name())
                .setEpoch(stage.epoch())
                .setPercent(stage.percent())
                .setSince(stage.since())
                .setHoldSeconds(stage.hold().toSeconds())
                .setMargins(stage.margins())
                .setTailNanos(stage.tailNanos().isPresent() ? stage.tailNanos().getAsLong() : null)
                .setDeciles(stage.deciles().isEmpty() ? null : stage.deciles())
                .build();
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
                    record.getTailNanos().map(OptionalLong::of).orElse(OptionalLong.empty()),
                    record.getDeciles().orElse(List.of()));
        } catch (IllegalArgumentException e) {
            throw new UnreadableRecordException(
                    "value of topic " + topic + " is not a valid rollout stage: " + e.getMessage(), e);
        }
    }
}
