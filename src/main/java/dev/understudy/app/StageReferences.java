package dev.understudy.app;

import dev.understudy.avro.BatchLatency;
import dev.understudy.avro.WindowSummary;
import dev.understudy.domain.ModelPair;
import dev.understudy.domain.References;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Takes what a new stage is measured against from the windows that precede it: production's p99 batch time, and for
 * regression its deciles. Each is the median of the windows' values, weighted by how much each window saw, so that a few
 * bad minutes do not make the reference.
 */
public final class StageReferences {
    /** Fewer batches say too little about a 99th percentile. */
    public static final long LEAST_BATCHES = 100;

    private final List<WindowSummary> windows;

    private StageReferences(List<WindowSummary> windows) {
        this.windows = windows;
    }

    /**
     * References of a pair: from its own windows, whose batches are those that it will be judged by, or where they have too
     * few from those of all candidates beside the same production.
     *
     * @param windows final windows, in the order of their start
     * @param span how far back from the latest window of a pair they are looked at, event time
     */
    public static StageReferences of(List<WindowSummary> windows, ModelPair pair, Duration span) {
        List<WindowSummary> own = within(
                span,
                windows.stream()
                        .filter(window -> isOf(window, pair)
                                && window.getCandidateVersion()
                                        .equals(pair.candidate().name()))
                        .toList());
        boolean enough = own.stream().mapToLong(StageReferences::batches).sum() >= LEAST_BATCHES;
        return enough ? new StageReferences(own) : ofAll(windows, pair, span);
    }

    /** The same from the windows of all candidates, for candidates that are asked the same requests. */
    public static StageReferences ofAll(List<WindowSummary> windows, ModelPair pair, Duration span) {
        return new StageReferences(within(
                span, windows.stream().filter(window -> isOf(window, pair)).toList()));
    }

    private static List<WindowSummary> within(Duration span, List<WindowSummary> windows) {
        if (windows.isEmpty()) {
            return windows;
        }
        Instant begin = windows.get(windows.size() - 1).getWindowEnd().minus(span);
        return windows.stream()
                .filter(window -> !window.getWindowStart().isBefore(begin))
                .toList();
    }

    private static boolean isOf(WindowSummary window, ModelPair pair) {
        return window.getModel().equals(pair.model())
                && window.getProductionVersion().equals(pair.production().name());
    }

    private static long batches(WindowSummary window) {
        return window.getBatchLatency().map(BatchLatency::getBatches).orElse(0L);
    }

    /**
     * A reference with what it rests on.
     *
     * @param windows how many had it
     * @param weight batches or pairs in them
     * @param until end of the latest of them
     */
    public record Taken<V>(V value, int windows, long weight, Instant until) {}

    /** Production's p99 batch time in nanoseconds; empty below {@link #LEAST_BATCHES} batches. */
    public Optional<Taken<Long>> tailNanos() {
        List<Weighted> values = new ArrayList<>();
        for (WindowSummary window : windows) {
            Double p99 = window.getBatchLatency()
                    .flatMap(latency -> latency.getProduction().getP99Nanos())
                    .orElse(null);
            if (p99 != null) {
                values.add(new Weighted(p99, batches(window), window.getWindowEnd()));
            }
        }
        long weight = values.stream().mapToLong(Weighted::weight).sum();
        OptionalDouble median = weightedMedian(values);
        return weight < LEAST_BATCHES || median.isEmpty()
                ? Optional.empty()
                : Optional.of(new Taken<>(Math.round(median.getAsDouble()), values.size(), weight, until(values)));
    }

    /** The nine edges of production's deciles; empty where no window has them. */
    public Optional<Taken<List<Double>>> deciles() {
        List<WindowSummary> known = windows.stream()
                .filter(window -> window.getProductionDeciles().isPresent())
                .toList();
        List<Double> edges = new ArrayList<>();
        for (int edge = 0; edge < References.EDGES; edge++) {
            List<Weighted> values = new ArrayList<>();
            for (WindowSummary window : known) {
                values.add(new Weighted(
                        window.getProductionDeciles().orElseThrow().get(edge),
                        window.getDivergence().getN(),
                        window.getWindowEnd()));
            }
            OptionalDouble median = weightedMedian(values);
            if (median.isEmpty()) {
                return Optional.empty();
            }
            edges.add(median.getAsDouble());
        }
        long weight = known.stream()
                .mapToLong(window -> window.getDivergence().getN())
                .sum();
        return Optional.of(new Taken<>(
                edges, known.size(), weight, known.get(known.size() - 1).getWindowEnd()));
    }

    /** The references with what they lack and the windows have. */
    public References complete(References given) {
        References complete = given;
        Optional<Taken<Long>> tail = tailNanos();
        if (given.tailNanos().isEmpty() && tail.isPresent()) {
            complete = complete.withTailNanos(tail.get().value());
        }
        Optional<Taken<List<Double>>> edges = deciles();
        if (given.deciles().isEmpty() && edges.isPresent()) {
            complete = complete.withDeciles(edges.get().value());
        }
        return complete;
    }

    private static Instant until(List<Weighted> values) {
        return values.stream()
                .map(Weighted::until)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private record Weighted(double value, long weight, Instant until) {}

    private static OptionalDouble weightedMedian(List<Weighted> values) {
        List<Weighted> sorted = values.stream()
                .sorted(Comparator.comparingDouble(Weighted::value))
                .toList();
        long total = sorted.stream().mapToLong(Weighted::weight).sum();
        long seen = 0;
        for (Weighted value : sorted) {
            seen += value.weight();
            if (2 * seen >= total) {
                return OptionalDouble.of(value.value());
            }
        }
        return OptionalDouble.empty();
    }
}
