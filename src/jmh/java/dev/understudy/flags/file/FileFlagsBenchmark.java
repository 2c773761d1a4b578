package dev.understudy.flags.file;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.ModelFlags;
import dev.understudy.flags.RoutingBenchmark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Routing by the flags of a file. */
public class FileFlagsBenchmark extends RoutingBenchmark {
    @Override
    protected ModelFlags open(Serving serving) throws Exception {
        String flag = switch (serving) {
            case FIXED -> "v1";
            case ROLLOUT -> "{variations: [v1, v2], rollout: {v2: 5, v1: 95}}";
        };
        Path file = Files.createTempFile("flags", ".yaml");
        file.toFile().deleteOnExit();
        Files.writeString(file, "flags:\n  ml-model-version: " + flag + "\n  shadow-candidates: [v2]\n");
        return FileFlags.open(
                FileFlagSettings.of(file), FlagKeys.standard(), new ModelVersion("v1"), Clock.systemUTC());
    }
}
