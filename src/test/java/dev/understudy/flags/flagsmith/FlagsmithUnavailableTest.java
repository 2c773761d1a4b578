package dev.understudy.flags.flagsmith;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Starts without Flagsmith. */
class FlagsmithUnavailableTest extends LastKnownContract {
    private FlagsmithStub server;

    @BeforeEach
    void startServer() throws IOException {
        server = new FlagsmithStub();
    }

    @AfterEach
    void stopServer() {
        server.close();
    }

    @Override
    protected String configuration() throws IOException {
        Path key = Files.writeString(folder.resolve("environment-key"), "ser.test");
        return "source: flagsmith, flagsmith: {base-uri: '" + server.uri() + "', environment-key-file: '" + key
                + "', poll-interval: 50ms, backup-file: '" + kept() + "'}";
    }

    @Override
    protected void publish(FlagsDraft flags) {
        server.put(EnvironmentJson.of(flags));
    }

    @Override
    protected void publishNothing() {
        server.put(new EnvironmentJson());
    }

    @Override
    protected void goDown() {
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
