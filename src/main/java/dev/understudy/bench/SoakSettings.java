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
        Bounds.require(partitions >= 1, "--partitions must be at least 1, was " + partitions);
        Bounds.require(ratePerSecond >= 1, "--rate must be at least 1, was " + ratePerSecond);
        Bounds.require(
                duration.compareTo(interval.multipliedBy(FEWEST_SAMPLES)) >= 0,
                "--minutes must be at least 1, was " + duration.toMinutes());
        Bounds.requireCountable(ratePerSecond, duration.toSeconds(), "--minutes times --rate");
    }
}
