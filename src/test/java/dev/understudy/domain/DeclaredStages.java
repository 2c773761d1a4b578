package dev.understudy.domain;

import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Stages that a test declares, in memory. */
public final class DeclaredStages implements StageBook {
    private final Map<ModelPair, DeclaredStage> stages = new ConcurrentHashMap<>();
    private final List<DeclaredStage> history = new CopyOnWriteArrayList<>();

    /** A stage with nothing special. */
    public static DeclaredStage stage(ModelPair pair, long epoch, int percent) {
        return new DeclaredStage(
                pair,
                epoch,
                percent,
                Instant.parse("2026-11-01T00:00:00Z"),
                Duration.ofHours(24),
                Map.of(),
                References.none(),
                1);
    }

    public void declare(String model, String production, String candidate, long epoch) {
        ModelPair pair = new ModelPair(model, new ModelVersion(production), new ModelVersion(candidate));
        declare(pair, epoch, 5);
    }

    public void declare(ModelPair pair, long epoch, int percent) {
        declare(stage(pair, epoch, percent));
    }

    public void declare(DeclaredStage stage) {
        stages.put(stage.pair(), stage);
        history.add(stage);
    }

    public void end(ModelPair pair) {
        stages.remove(pair);
    }

    @Override
    public Optional<DeclaredStage> declared(ModelPair pair, long epoch) {
        return history.stream()
                .filter(stage -> stage.pair().equals(pair) && stage.epoch() == epoch)
                .findFirst();
    }

    @Override
    public Optional<DeclaredStage> current(ModelPair pair) {
        return Optional.ofNullable(stages.get(pair));
    }

    @Override
    public Collection<DeclaredStage> all() {
        return List.copyOf(stages.values());
    }

    @Override
    public long latestEpoch() {
        return stages.values().stream().mapToLong(DeclaredStage::epoch).max().orElse(0);
    }
}
