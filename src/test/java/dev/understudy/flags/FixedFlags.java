package dev.understudy.flags;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Flags that a test sets: one version for all, others for some entities. */
public final class FixedFlags implements ModelFlags {
    private final Map<String, ModelVersion> targeted = new ConcurrentHashMap<>();
    private volatile ModelVersion all;
    private volatile List<ModelVersion> candidates = List.of();
    private volatile Optional<Instant> staleSince = Optional.empty();
    private final AtomicInteger healthAsked = new AtomicInteger();

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
        healthAsked.incrementAndGet();
        return new FlagHealth("test", staleSince, Optional.empty(), 0);
    }

    public FixedFlags staleSince(Instant since) {
        staleSince = Optional.of(since);
        return this;
    }

    /** How often the health was asked for. */
    public int healthAsked() {
        return healthAsked.get();
    }

    @Override
    public void onChange(Runnable listener) {}

    @Override
    public void close() {}
}
