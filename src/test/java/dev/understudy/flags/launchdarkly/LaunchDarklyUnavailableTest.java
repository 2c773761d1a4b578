package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Starts without LaunchDarkly. */
class LaunchDarklyUnavailableTest extends LastKnownContract<FlagStreamStub> {
    private int version;

    LaunchDarklyUnavailableTest() throws IOException {
        super(new FlagStreamStub());
    }

    @Override
    protected String configuration() throws IOException {
        Path key = Files.writeString(folder.resolve("sdk-key"), "sdk-test");
        return "source: launchdarkly, launchdarkly: {base-uri: '" + server.uri() + "', sdk-key-file: '" + key
                + "', backup-file: '" + kept() + "'}";
    }

    @Override
    protected void publish(FlagsDraft flags) {
        server.put(FlagJson.of(flags, ++version));
    }

    @Override
    protected void publishNothing() {
        server.put(Map.of());
    }
}
