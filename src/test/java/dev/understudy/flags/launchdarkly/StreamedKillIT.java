package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.KillTimeContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** LaunchDarkly's stream: a change is sent as it is made, a flag at a time. */
class StreamedKillIT extends KillTimeContract {
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
    protected String configuration() throws IOException {
        Path key = Files.writeString(folder.resolve("sdk-key"), "sdk-test");
        return "{source: launchdarkly, launchdarkly: {sdk-key-file: '" + key + "', base-uri: '" + service.uri() + "'}}";
    }

    @Override
    protected void publish(FlagsDraft flags) {
        version++;
        FlagJson.of(flags, version).forEach(service::patch);
    }

    @Override
    protected Duration interval() {
        return Duration.ZERO;
    }
}
