package dev.understudy.flags.file;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.KillTimeContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file that is written in place: a look every 200 ms, in force once it has stayed the same for 300 ms. */
class FileKillIT extends KillTimeContract {
    @Override
    protected String configuration() {
        return "{source: file, file: '" + file() + "'}";
    }

    @Override
    protected void publish(FlagsDraft flags) throws Exception {
        Files.writeString(file(), """
                flags:
                  ml-model-version: {on: %s, variations: [v1, v2], serve: v2}
                  shadow-candidates: %s
                """.formatted(flags.serving().on(), flags.candidates()));
    }

    private Path file() {
        return folder.resolve("flags.yaml");
    }

    @Override
    protected Duration interval() {
        return Duration.ofMillis(200);
    }
}
