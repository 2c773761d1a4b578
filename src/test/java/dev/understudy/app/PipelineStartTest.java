package dev.understudy.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class PipelineStartTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @EnumSource(StageName.class)
    void start_that_is_closed_meanwhile_has_not_failed(StageName stage) throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                Understudy understudy = understudy(silent)) {
            Pipeline pipeline = Pipeline.of(understudy, EnumSet.of(stage));
            CompletableFuture<Boolean> started = CompletableFuture.supplyAsync(() -> {
                try {
                    return pipeline.start();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            silent.setSoTimeout(20_000);
            silent.accept().close(); // the first connection: the start is under way
            pipeline.close();

            assertThat(started.get(20, TimeUnit.SECONDS)).isFalse();
        }
    }

    @Test
    void pipeline_that_was_closed_before_does_not_start() throws Exception {
        try (ServerSocket silent = new ServerSocket(0);
                Understudy understudy = understudy(silent)) {
            Pipeline pipeline = Pipeline.of(understudy, EnumSet.of(StageName.EVALUATE));
            pipeline.close();

            assertThat(pipeline.start()).isFalse();
        }
    }

    /** Its broker takes connections and says nothing. */
    private Understudy understudy(ServerSocket silent) throws Exception {
        Path flags = Files.writeString(folder.resolve("flags.yaml"), "flags: {ml-model-version: v1}\n");
        return Understudy.of(ConfigLoader.ofProcess()
                .load(Files.writeString(folder.resolve("understudy.yaml"), """
                        model: {directory: '%s'}
                        kafka: {bootstrap-servers: '127.0.0.1:%d', state-directory: state}
                        flags: {file: '%s'}
                        """.formatted(
                                Path.of("models").toAbsolutePath(), silent.getLocalPort(), flags.getFileName()))));
    }
}
