package dev.understudy;

import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Installs packages of npm as a lock file pins them. */
public final class NpmPackages {
    private NpmPackages() {}

    /**
     * Installs them unless that was done before.
     *
     * @param locked folder of {@code package.json} and {@code package-lock.json}
     * @param home where {@code node_modules} goes
     */
    public static void install(Path locked, Path home) throws Exception {
        Files.createDirectories(home);
        // Tests run in two JVMs at once.
        try (FileChannel channel =
                        FileChannel.open(home.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock turn = channel.lock()) {
            if (turn.isValid()) {
                installAlone(locked, home);
            }
        }
    }

    private static void installAlone(Path locked, Path home) throws Exception {
        Path lock = home.resolve("package-lock.json");
        if (Files.exists(home.resolve("node_modules/.package-lock.json"))
                && Files.exists(lock)
                && Files.mismatch(lock, locked.resolve("package-lock.json")) < 0) {
            return;
        }
        for (String file : List.of("package.json", "package-lock.json")) {
            Files.copy(locked.resolve(file), home.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Path log = home.resolve("npm.log");
        Process npm = new ProcessBuilder("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
                .directory(home.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        if (!npm.waitFor(10, TimeUnit.MINUTES)) {
            npm.destroyForcibly();
        }
        if (npm.isAlive() || npm.exitValue() != 0) {
            throw new AssertionError("npm ci in " + home + " failed:\n" + Files.readString(log));
        }
    }
}
