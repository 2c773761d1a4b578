package dev.understudy.flags.flagsmith;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.LastKnownContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts without Flagsmith. */
class FlagsmithUnavailableIT extends LastKnownContract<FlagsmithStub> {
    FlagsmithUnavailableIT() throws IOException {
        super(new FlagsmithStub());
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
}
