package dev.understudy.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.UnderstudyConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DemoFolderTest {
    @TempDir
    Path folder;

    @Test
    void configuration_of_the_demo_is_one_that_the_pipeline_takes() throws IOException {
        Path file = DemoFolder.fresh(folder.resolve("demo"))
                .writeConfiguration(
                        Path.of("models"),
                        "127.0.0.1:9092",
                        URI.create("http://127.0.0.1:8081"),
                        List.of("eu", "us"),
                        0);

        UnderstudyConfig config = ConfigLoader.ofProcess().load(file);

        assertThat(config.flags().file()).isEqualTo(folder.resolve("demo/flags.yaml"));
        assertThat(config.evaluate().window()).isEqualTo(Duration.ofSeconds(3));
    }
}
