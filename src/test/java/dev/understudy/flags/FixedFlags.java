package dev.understudy.flags;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Flags that a test sets: one version for all, others for some entities. */
public final class FixedFlags implements ModelFlags {
    private final Map<String, ModelVersion> targeted = new ConcurrentHashMap<>();
    private volatile ModelVersion all;
    private volatile List<ModelVersion> candidates = List.of();

    public FixedFlags(String version) {
        this.all = new ModelVersion(version);
    }

    public FixedFlags serve(String version) {
        all = new ModelVersion(version);
        return this;
    }

    public FixedFlags serveTo(String entityId, String version) {
        targeted.put(entityId, new ModelVersion(version));
        return this;
    }

    public FixedFlags shadow(String... versions) {
        candidates = Arrays.stream(versions).map(ModelVersion::new).toList();
        return this;
    }

    @Override
    public Routing route(String entityId, Map<String, String> attributes) {
        ModelVersion target = targeted.get(entityId);
        ModelVersion version = target == null ? all : target;
        return new Routing(
                new RoutingDecision(
                        version,
                        "ml-model-version",
                        version.name(),
                        target == null ? RoutingReason.DEFAULT : RoutingReason.TARGET),
                candidates);
    }

    @Override
    public FlagHealth health() {
        return new FlagHealth("test", Optional.empty(), Optional.empty(), 0);
    }

    @Override
    public void onChange(Runnable listener) {}

    @Override
    public void close() {}
}
