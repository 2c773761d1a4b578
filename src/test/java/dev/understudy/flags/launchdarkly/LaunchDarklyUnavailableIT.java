package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import dev.understudy.flags.ModelFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Starts without LaunchDarkly. */
class LaunchDarklyUnavailableIT extends LastKnownContract<FlagStreamStub> {
    private int version;

    LaunchDarklyUnavailableIT() throws IOException {
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

    @Test
    void a_key_file_that_is_lost_while_the_source_is_awaited_is_named() throws Exception {
        goDown();
        try (ModelFlags flags = open("default", SHORT)) {
            Path key = folder.resolve("sdk-key");
            Files.delete(key);

            until(
                    "the file is named",
                    () -> flags.health()
                            .problem()
                            .orElseThrow()
                            .contains("(flags.launchdarkly.sdk-key-file: " + key
                                    + " cannot be read: it does not exist)"));
        }
    }
}
