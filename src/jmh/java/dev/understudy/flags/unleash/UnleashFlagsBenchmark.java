package dev.understudy.flags.unleash;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RoutingBenchmark;
import java.time.Duration;
import java.util.Optional;

/** Routing by the flags of an Unleash server; they are evaluated here, so that a stub stands in for it. */
public class UnleashFlagsBenchmark extends RoutingBenchmark {
    @Override
    protected ModelFlags open(Serving serving) throws Exception {
        FlagsDraft draft = FlagsDraft.serving("v1").candidates("v2");
        try (UnleashStub server = new UnleashStub()) {
            server.put(UnleashJson.flags(
                    serving == Serving.FIXED ? draft : draft.otherwise(FlagsDraft.shares("v2", 5, "v1", 95))));
            return UnleashFlags.open(
                    new UnleashSettings(
                            server.uri(),
                            "*:development.bench",
                            "understudy-bench",
                            Duration.ofHours(1), // the stub is gone by the next look
                            Duration.ofSeconds(20),
                            Optional.empty(),
                            false),
                    FlagKeys.standard(),
                    new ModelVersion("v1"));
        }
    }
}
