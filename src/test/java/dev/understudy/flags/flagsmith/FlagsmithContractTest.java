package dev.understudy.flags.flagsmith;

import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RolloutContract;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract over the SDK's evaluator, against a service that sends the server's documents. */
class FlagsmithContractTest extends RolloutContract {
    private FlagsmithStub service;

    @BeforeEach
    void startService() throws IOException {
        service = new FlagsmithStub();
    }

    @AfterEach
    void stopService() {
        service.close();
    }

    @Override
    protected void publish(FlagsDraft flags) {
        service.put(EnvironmentJson.of(flags));
    }

    @Override
    protected ModelFlags connect() throws Exception {
        return FlagsmithFlags.open(
                new FlagsmithSettings(
                        "ser.test",
                        Optional.of(service.uri()),
                        Duration.ofMillis(20),
                        Duration.ofSeconds(20),
                        Optional.empty()),
                FlagKeys.standard(),
                DEFAULT,
                Clock.systemUTC());
    }
}
