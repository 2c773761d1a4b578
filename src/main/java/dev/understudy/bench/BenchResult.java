package dev.understudy.bench;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * All rounds on one model.
 *
 * @param model as given on the command line
 */
public record BenchResult(String model, Map<Variant, Figures> variants) {
    /**
     * A variant's figures.
     *
     * @param cpuMicrosPerRecord process CPU, of all processes of the variant
     * @param cpuMicrosByStage medians of each process where there are several, by the pipeline stage that it runs
     * @param bytesPerRecord allocated on the heap
     */
    public record Figures(
            Spread cpuMicrosPerRecord,
            Map<String, Double> cpuMicrosByStage,
            Spread recordsPerSecond,
            Spread bytesPerRecord) {}

    static BenchResult of(String model, List<Round> rounds) {
        Map<Variant, Figures> variants = new EnumMap<>(Variant.class);
        for (Variant variant : Variant.values()) {
            List<Round> own =
                    rounds.stream().filter(round -> round.variant() == variant).toList();
            if (!own.isEmpty()) {
                variants.put(
                        variant,
                        new Figures(
                                spread(own, Round::cpuMicrosPerRecord),
                                byStage(variant, own),
                                spread(own, Round::recordsPerSecond),
                                spread(own, Round::bytesPerRecord)));
            }
        }
        return new BenchResult(model, variants);
    }

    private static Map<String, Double> byStage(Variant variant, List<Round> rounds) {
        Map<String, Double> medians = new LinkedHashMap<>();
        if (variant.stages().size() > 1) {
            for (String stage : variant.stages()) {
                medians.put(
                        stage,
                        spread(rounds, round -> round.cpuMicrosPerRecord(stage)).median());
            }
        }
        return medians;
    }

    private static Spread spread(List<Round> rounds, ToDoubleFunction<Round> figure) {
        return Spread.of(rounds.stream().map(figure::applyAsDouble).toList());
    }

    /** Median CPU per record of one variant over that of another; empty unless both were measured. */
    public Optional<Double> ratio(Variant of, Variant over) {
        Figures above = variants.get(of);
        Figures below = variants.get(over);
        return above == null || below == null
                ? Optional.empty()
                : Optional.of(above.cpuMicrosPerRecord().median()
                        / below.cpuMicrosPerRecord().median());
    }
}
