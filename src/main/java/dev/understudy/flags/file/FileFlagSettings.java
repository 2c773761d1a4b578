package dev.understudy.flags.file;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where the flags stand and how they are watched.
 *
 * @param path a YAML file, or JSON where the name ends in {@code .json}
 * @param pollInterval how often the content is looked at
 * @param settle how long a new content must stay the same before it counts, so that a file that is being written is not
 *     taken for one that was written
 */
public record FileFlagSettings(Path path, Duration pollInterval, Duration settle) {
    /** Looks five times a second; a change is in force about half a second after it was saved. */
    public static FileFlagSettings of(Path path) {
        return new FileFlagSettings(path, Duration.ofMillis(200), Duration.ofMillis(300));
    }

    public FileFlagSettings {
        if (pollInterval.isNegative() || pollInterval.isZero()) {
            throw new IllegalArgumentException(
                    "the poll interval of a flag file must be positive, was " + pollInterval);
        }
        if (settle.isNegative()) {
            throw new IllegalArgumentException("the settling time of a flag file must not be negative, was " + settle);
        }
    }
}
