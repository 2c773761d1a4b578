package dev.understudy.flags.unleash;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Starts without an Unleash server. */
class UnleashUnavailableTest extends LastKnownContract {
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
    protected String configuration() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "*:development.test");
        return "source: unleash, unleash: {url: '" + server.uri() + "', token-file: '" + token
                + "', poll-interval: 50ms, backup-file: '" + kept() + "'}";
    }

    @Override
    protected void publish(FlagsDraft flags) {
        server.put(UnleashJson.flags(flags));
    }

    @Override
    protected void publishNothing() {
        server.put(Map.of());
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
