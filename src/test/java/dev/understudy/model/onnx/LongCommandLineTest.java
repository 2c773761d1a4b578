package dev.understudy.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.domain.ModelVersion;
import dev.understudy.process.ChildJvm;
import dev.understudy.process.JvmCommand;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** ONNX Runtime recurses over the command line; see {@link OnnxEnvironment}. */
final class LongCommandLineTest {
    /** Linux takes 128 KiB in one argument. */
    private static final int LONGEST = 131_000;

    @Test
    void model_loads_in_a_process_with_a_command_line_as_long_as_linux_takes() {
        JvmCommand command = JvmCommand.of(Loading.class, 128).withArguments("x".repeat(LONGEST));

        try (ChildJvm child = ChildJvm.start("loading", command, "READY", Duration.ofMinutes(1))) {
            assertThat(child.readyLine()).isEqualTo("READY v1");
        }
    }

    /** The child. */
    static final class Loading {
        private Loading() {}

        public static void main(String[] arguments) throws Exception {
            try (OnnxModelRepository models =
                    OnnxModelRepository.open(Path.of("models"), "fraud", OnnxSettings.pipeline(), Clock.systemUTC())) {
                new PrintStream(System.out, true, StandardCharsets.UTF_8)
                        .println("READY " + models.load(new ModelVersion("v1")).version());
            }
        }
    }
}
