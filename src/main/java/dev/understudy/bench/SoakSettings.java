package dev.understudy.bench;

import java.nio.file.Path;
import java.time.Duration;

/**
 * What is to run for long.
 *
 * @param model a version's directory or an {@code .onnx} file
 * @param directory that all data goes to; must not exist or be empty
 * @param partitions of the topics
 * @param ratePerSecond requests a second
 * @param interval at which memory is looked at
 */
public record SoakSettings(
        Path model, Path directory, int partitions, int ratePerSecond, Duration duration, Duration interval) {
    /** Enough for a trend over the second half. */
    private static final int FEWEST_SAMPLES = 5;

    public SoakSettings {
        require(partitions >= 1, "--partitions must be at least 1, was " + partitions);
        require(ratePerSecond >= 1, "--rate must be at least 1, was " + ratePerSecond);
        require(
                duration.compareTo(interval.multipliedBy(FEWEST_SAMPLES)) >= 0,
                "--minutes must be at least 1, was " + duration.toMinutes());
        require(
                duration.toSeconds() <= Integer.MAX_VALUE / ratePerSecond,
                "--minutes times --rate must stay below " + Integer.MAX_VALUE + " requests, was "
                        + duration.toSeconds() * ratePerSecond);
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }
}
