package dev.understudy.bench;

import java.nio.file.Path;
import java.util.List;

/**
 * What is to be measured.
 *
 * @param model a version's directory or an {@code .onnx} file
 * @param directory that all data goes to; must not exist or be empty
 * @param partitions of the topics
 * @param threads stream threads of each of our stages
 * @param records that are measured in a round, after as many that warm the processes up
 * @param rounds how often each variant is measured, one after the other
 */
public record BenchSettings(
        Path model, Path directory, int partitions, int threads, int records, int rounds, List<Variant> variants) {
    public BenchSettings {
        Bounds.require(partitions >= 1, "--partitions must be at least 1, was " + partitions);
        Bounds.require(threads >= 1, "--threads must be at least 1, was " + threads);
        Bounds.require(records >= 1_000, "--records must be at least 1000, was " + records);
        Bounds.require(rounds >= 1, "--rounds must be at least 1, was " + rounds);
        variants = List.copyOf(variants);
    }
}
