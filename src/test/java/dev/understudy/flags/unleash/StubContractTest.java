package dev.understudy.flags.unleash;

import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RolloutContract;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract over Unleash's fetcher and engine as they are, against a stub that serves documents. */
class StubContractTest extends RolloutContract {
    private UnleashStub server;

    @BeforeEach
    void startServer() throws IOException {
        server = new UnleashStub();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Override
    protected void publish(FlagsDraft flags) {
        server.put(UnleashJson.flags(flags));
    }

    @Override
    protected ModelFlags connect() throws Exception {
        return UnleashFlags.open(
                new UnleashSettings(
                        server.uri(),
                        "*:development.test",
                        "understudy-test",
                        Duration.ofMillis(50),
                        Duration.ofSeconds(20),
                        Optional.empty(),
                        false),
                FlagKeys.standard(),
                DEFAULT);
    }
}
