package dev.understudy.app;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.ModelFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The source of flags that a configuration names, opened as the pipeline opens it; v1 is the default version. */
public final class ConfiguredFlags {
    private ConfiguredFlags() {}

    /**
     * Opens it.
     *
     * @param flags the section of the configuration, a mapping in one line
     */
    public static ModelFlags open(Path folder, String flags) throws IOException, FlagsUnavailableException {
        UnderstudyConfig config = ConfigLoader.ofProcess()
                .load(Files.writeString(folder.resolve("understudy.yaml"), "flags: " + flags + "\n"));
        return FlagSource.open(config.flags(), config.model().version());
    }
}
