package dev.understudy.evaluate;

import dev.understudy.domain.DeclaredStage;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.StageBook;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** Stages that a test declares. */
final class StagesInMemory implements StageBook {
    private final Map<ModelPair, DeclaredStage> stages = new ConcurrentHashMap<>();

    void declare(ModelPair pair, long epoch, int percent) {
        stages.put(
                pair,
                new DeclaredStage(
                        pair,
                        epoch,
                        percent,
                        Instant.parse("2026-11-01T00:00:00Z"),
                        Duration.ofHours(24),
                        Map.of(),
                        OptionalLong.empty(),
                        List.of()));
    }

    @Override
    public Optional<DeclaredStage> current(ModelPair pair) {
        return Optional.ofNullable(stages.get(pair));
    }

    @Override
    public Collection<DeclaredStage> all() {
        return stages.values();
    }

    @Override
    public long latestEpoch() {
        return stages.values().stream().mapToLong(DeclaredStage::epoch).max().orElse(0);
    }
}
