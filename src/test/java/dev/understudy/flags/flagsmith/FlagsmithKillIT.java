package dev.understudy.flags.flagsmith;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.KillTimeContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** Flagsmith's document, asked for as often as the pipeline does unless told otherwise. */
class FlagsmithKillIT extends KillTimeContract {
    private FlagsmithStub service;

    @BeforeEach
    void startService() throws IOException {
        service = new FlagsmithStub();
    }

    @AfterEach
    void stopService() {
        service.close();
    }

    @Override
    protected String configuration() throws IOException {
        Path key = Files.writeString(folder.resolve("environment-key"), "ser.test");
        return "{source: flagsmith, flagsmith: {environment-key-file: '" + key + "', base-uri: '" + service.uri()
                + "'}}";
    }

    @Override
    protected void publish(FlagsDraft flags) {
        service.put(EnvironmentJson.of(flags));
    }

    @Override
    protected Duration interval() {
        return Duration.ofSeconds(5);
    }
}
