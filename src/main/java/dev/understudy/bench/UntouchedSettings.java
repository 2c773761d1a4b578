package dev.understudy.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How production is measured beside candidates.
 *
 * @param models the folder that holds production as {@code v1} and the unruly candidates beside it
 * @param directory that all data goes to; must not exist or be empty
 * @param partitions of the topics
 * @param rate requests a second, well below saturation
 * @param backlog requests that warm SCORE up, with a healthy candidate
 * @param warmUp at the rate, with the candidate, before it is measured
 * @param measured at the rate
 * @param rounds of each scenario; shadow off is measured twice in each
 * @param pinned whether the shadow path has cores of its own
 */
public record UntouchedSettings(
        Path models,
        Path directory,
        int partitions,
        int rate,
        int backlog,
        Duration warmUp,
        Duration measured,
        int rounds,
        boolean pinned,
        List<Scenario> scenarios) {
    public UntouchedSettings {
        Bounds.require(partitions >= 1, "--partitions must be at least 1, was " + partitions);
        Bounds.require(rounds >= 1, "--rounds must be at least 1, was " + rounds);
        Bounds.require(rate >= 1, "--rate must be at least 1, was " + rate);
        Bounds.require(
                measured.toSeconds() >= 1 && measured.toSeconds() <= 600,
                "--seconds must be 1 to 600, was " + measured.toSeconds());
        Bounds.requireCountable(rate, measured.plus(warmUp).toSeconds(), "--seconds times --rate");
        scenarios = List.copyOf(scenarios);
    }
}
