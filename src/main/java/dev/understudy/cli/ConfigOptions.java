package dev.understudy.cli;

import dev.understudy.config.ConfigLoader;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.domain.ShellWord;
import dev.understudy.flags.plan.WriteToken;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the configuration comes from. */
final class ConfigOptions {
    private static final Path USUAL = Path.of("understudy.yaml");

    @Option(
            names = {"-c", "--config"},
            paramLabel = "FILE",
            description = "Configuration file; without it understudy.yaml of the current folder where there is one,"
                    + " else the defaults.")
    private @Nullable Path file;

    /** The file that counts, or null where the defaults do. */
    @Nullable
    Path file() {
        if (file != null) {
            return file;
        }
        return Files.isRegularFile(USUAL) ? USUAL : null;
    }

    /** The option as it was given, quoted for a shell; empty where it was not. */
    String asGiven() {
        if (file == null) {
            return "";
        }
        String name = file.toString();
        return "-c " + (name.matches("[\\w./-]+") ? name : ShellWord.quoted(name));
    }

    /** What allows to change flags, where the environment has it. */
    Optional<WriteToken> writeToken() {
        return ConfigLoader.ofProcess().writeToken();
    }

    UnderstudyConfig load() {
        Path path = file();
        ConfigLoader loader = ConfigLoader.ofProcess();
        return path == null ? loader.loadDefaults() : loader.load(path);
    }
}
