package dev.understudy.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Latencies of every configuration at every rate, over the rounds. */
public record LatencyResult(List<AtRate> latency, List<Saturation> saturation) {
    /**
     * One configuration at one rate.
     *
     * @param perSecond requests a second, which differ between the rounds where the rate is a share of saturation
     * @param requests that were measured, of all rounds
     * @param repeats predictions of requests that had been answered before
     * @param missing requests that were not answered in time; the percentiles leave them out
     */
    public record AtRate(
            LatencyConfiguration configuration,
            LatencyRate rate,
            Spread perSecond,
            long requests,
            long repeats,
            long missing,
            Spread p50Millis,
            Spread p99Millis,
            Spread p999Millis,
            Spread maxMillis) {}

    /** The most predictions a second of a configuration. */
    public record Saturation(LatencyConfiguration configuration, Spread recordsPerSecond) {}

    /** What was measured once. */
    record Measured(LatencyConfiguration configuration, LatencyRate rate, int perSecond, LatencyFigures figures) {}

    private record Place(LatencyConfiguration configuration, LatencyRate rate) {}

    static LatencyResult of(List<Measured> measured, Map<LatencyConfiguration, List<Double>> saturations) {
        Map<Place, List<Measured>> places = new LinkedHashMap<>();
        for (Measured one : measured) {
            places.computeIfAbsent(new Place(one.configuration(), one.rate()), place -> new ArrayList<>())
                    .add(one);
        }
        return new LatencyResult(
                places.entrySet().stream()
                        .map(entry -> atRate(entry.getKey(), entry.getValue()))
                        .toList(),
                saturations.entrySet().stream()
                        .map(entry -> new Saturation(entry.getKey(), Spread.of(entry.getValue())))
                        .toList());
    }

    private static AtRate atRate(Place place, List<Measured> rounds) {
        List<LatencyFigures> figures = rounds.stream().map(Measured::figures).toList();
        return new AtRate(
                place.configuration(),
                place.rate(),
                Spread.of(
                        rounds.stream().map(round -> (double) round.perSecond()).toList()),
                figures.stream().mapToLong(LatencyFigures::requests).sum(),
                figures.stream().mapToLong(LatencyFigures::repeats).sum(),
                figures.stream().mapToLong(LatencyFigures::missing).sum(),
                spread(figures, LatencyFigures::p50Millis),
                spread(figures, LatencyFigures::p99Millis),
                spread(figures, LatencyFigures::p999Millis),
                spread(figures, LatencyFigures::maxMillis));
    }

    private static Spread spread(List<LatencyFigures> rounds, ToDoubleFunction<LatencyFigures> figure) {
        return Spread.of(rounds.stream().map(figure::applyAsDouble).toList());
    }
}
