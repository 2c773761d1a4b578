package dev.understudy.flags;

import java.nio.file.Path;

/**
 * Where the flags received last are kept.
 *
 * @param file replaced whole with each change of the flags
 * @param usedAtStart whether a start that cannot reach the source goes on with them
 */
public record Backup(Path file, boolean usedAtStart) {
    public Backup {
        file = file.toAbsolutePath();
    }
}
