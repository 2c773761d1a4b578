package dev.understudy.flags.file;

import dev.understudy.flags.FlagsDraft;
import dev.understudy.flags.UnavailableContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts without a file. A wrong one was reached, and is refused. */
class FileUnavailableIT extends UnavailableContract {
    private String content = "flags: {ml-model-version: v1}\n";

    @Override
    protected String configuration() {
        return "source: file, file: '" + file() + "'";
    }

    private Path file() {
        return folder.resolve("flags.yaml");
    }

    @Override
    protected void publish(FlagsDraft flags) throws IOException {
        FlagsDraft.Fixed version = (FlagsDraft.Fixed) flags.serving().otherwise();
        content =
                "flags: {ml-model-version: " + version.version() + ", shadow-candidates: " + flags.candidates() + "}\n";
        Files.writeString(file(), content);
    }

    @Override
    protected void goDown() throws IOException {
        Files.deleteIfExists(file());
    }

    @Override
    protected void comeBack() throws IOException {
        Files.writeString(file(), content);
    }

    @Override
    protected void refuse() throws IOException {
        content = "flags: [";
        Files.writeString(file(), content);
    }

    @Override
    protected String refusal() {
        return "line 1";
    }

    @Override
    protected void accept() {
        // What is published next takes the place of the wrong one.
    }
}
