package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RolloutContract;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The contract over the SDK as it is, against a service that speaks its protocol. */
class StreamedContractTest extends RolloutContract {
    private FlagStreamStub service;
    private int version;

    @BeforeEach
    void startService() throws IOException {
        service = new FlagStreamStub();
    }

    @AfterEach
    void stopService() throws IOException {
        service.close();
    }

    @Override
    protected void publish(FlagsDraft flags) {
        service.put(FlagJson.of(flags, ++version));
    }

    @Override
    protected ModelFlags connect() throws Exception {
        return LaunchDarklyFlags.open(
                new LaunchDarklySettings(
                        "sdk-test", Optional.of(service.uri()), Duration.ofSeconds(20), Optional.empty(), false),
                FlagKeys.standard(),
                DEFAULT);
    }
}
