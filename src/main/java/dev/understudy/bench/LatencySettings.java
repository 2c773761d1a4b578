package dev.understudy.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What latency is to be measured of.
 *
 * @param model a version's directory or an {@code .onnx} file
 * @param directory that all data goes to; must not exist or be empty
 * @param partitions of the topics
 * @param backlog requests that warm the processes up, sent as fast as they are answered
 * @param warmUp at each rate before it is measured
 * @param measured at each rate
 * @param rounds how often each configuration is measured, one after the other
 */
public record LatencySettings(
        Path model,
        Path directory,
        int partitions,
        int backlog,
        Duration warmUp,
        Duration measured,
        int rounds,
        List<LatencyRate> rates,
        List<LatencyConfiguration> configurations) {
    private static final int LONGEST_SECONDS = 600;

    public LatencySettings {
        Bounds.require(partitions >= 1, "--partitions must be at least 1, was " + partitions);
        Bounds.require(rounds >= 1, "--rounds must be at least 1, was " + rounds);
        Bounds.require(
                measured.toSeconds() >= 1 && measured.toSeconds() <= LONGEST_SECONDS,
                "--seconds must be 1 to " + LONGEST_SECONDS + ", was " + measured.toSeconds());
        Bounds.require(!rates.isEmpty(), "--rates must name a rate");
        for (LatencyRate rate : rates) {
            Bounds.requireCountable(
                    rate.ofSaturation() ? 0 : rate.amount(),
                    measured.plus(warmUp).toSeconds(),
                    "--seconds times --rates");
        }
        rates = List.copyOf(rates);
        configurations = List.copyOf(configurations);
    }
}
