package dev.understudy.flags.flagsmith;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RoutingBenchmark;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;

/** Routing by the flags of Flagsmith; they are evaluated here, so that a stub stands in for it. */
public class FlagsmithFlagsBenchmark extends RoutingBenchmark {
    @Override
    protected ModelFlags open(Serving serving) throws Exception {
        FlagsDraft draft = FlagsDraft.serving("v1").candidates("v2");
        try (FlagsmithStub service = new FlagsmithStub()) {
            service.put(EnvironmentJson.of(
                    serving == Serving.FIXED ? draft : draft.otherwise(FlagsDraft.shares("v2", 5, "v1", 95))));
            return FlagsmithFlags.open(
                    new FlagsmithSettings(
                            "ser.bench",
                            Optional.of(service.uri()),
                            Duration.ofHours(1), // the stub is gone by the next look
                            Duration.ofSeconds(20),
                            Optional.empty()),
                    FlagKeys.standard(),
                    new ModelVersion("v1"),
                    Clock.systemUTC());
        }
    }
}
