package dev.understudy.flags.launchdarkly;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Starts without LaunchDarkly. */
class LaunchDarklyUnavailableTest extends LastKnownContract {
    private FlagStreamStub server;
    private int version;

    @BeforeEach
    void startServer() throws IOException {
        server = new FlagStreamStub();
    }

    @AfterEach
    void stopServer() throws IOException {
        server.close();
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

    @Override
    protected void goDown() throws IOException {
        server.goDown();
    }

    @Override
    protected void comeBack() throws IOException {
        server.comeBack();
    }

    @Override
    protected void refuse() {
        server.answerWith(401);
    }

    @Override
    protected String refusal() {
        return "HTTP 401";
    }

    @Override
    protected void accept() {
        server.answerWith(200);
    }
}
