package dev.understudy.flags.unleash;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Starts without an Unleash server. */
class UnleashUnavailableIT extends LastKnownContract<UnleashStub> {
    UnleashUnavailableIT() throws IOException {
        super(new UnleashStub());
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
}
