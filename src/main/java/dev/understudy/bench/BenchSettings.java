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
        require(partitions >= 1, "--partitions", partitions);
        require(threads >= 1, "--threads", threads);
        require(records >= 1_000, "--records", records);
        require(rounds >= 1, "--rounds", rounds);
        variants = List.copyOf(variants);
    }

    private static void require(boolean holds, String option, int value) {
        if (!holds) {
            throw new IllegalArgumentException(
                    option + " must be at least " + (option.equals("--records") ? "1000" : "1") + ", was " + value);
        }
    }
}
