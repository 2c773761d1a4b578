package dev.understudy.bench;

import dev.understudy.model.ModelException;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/**
 * Measures how long it takes from the time at which a request is due until its prediction can be read, in an open loop. The
 * configurations are measured in turn, several rounds of each, with a SCORE of their own on topics of their own.
 */
public final class LatencyBench {
    private static final Duration LONGEST_SATURATION = Duration.ofSeconds(6);

    private final LatencySettings settings;
    private final BiFunction<Path, String, JvmCommand> stageCommand;
    private final Consumer<String> say;
    private final List<LatencyResult.Measured> measured = new ArrayList<>();
    private final Map<LatencyConfiguration, List<Double>> saturations = new LinkedHashMap<>();

    /**
     * A benchmark that has not begun.
     *
     * @param stageCommand as {@link Bench#Bench}
     * @param say gets a line for people now and then
     */
    public LatencyBench(
            LatencySettings settings, BiFunction<Path, String, JvmCommand> stageCommand, Consumer<String> say) {
        this.settings = settings;
        this.stageCommand = stageCommand;
        this.say = say;
    }

    /**
     * Runs all rounds.
     *
     * @throws ModelException if the model cannot be loaded
     * @throws IllegalArgumentException if its inputs are not numbers
     */
    public LatencyResult run() throws ModelException, IOException {
        try (BenchCluster cluster = BenchCluster.start(settings.model(), settings.directory(), say)) {
            int session = 0;
            for (int round = 1; round <= settings.rounds(); round++) {
                for (LatencyConfiguration configuration : Rounds.order(settings.configurations(), round)) {
                    say.accept("round " + round + " of " + settings.rounds() + ": " + configuration);
                    Deque<LatencyRate> left = new ArrayDeque<>(settings.rates());
                    while (!left.isEmpty()) {
                        measure(cluster, "latency-" + ++session, configuration, left);
                    }
                }
            }
        }
        return LatencyResult.of(measured, saturations);
    }

    /** Takes rates and measures at them, until none is left or SCORE is busy with requests that nobody awaits any more. */
    private void measure(
            BenchCluster cluster, String name, LatencyConfiguration configuration, Deque<LatencyRate> rates)
            throws IOException {
        try (RoundTopics round = RoundTopics.create(cluster.kafka(), name, settings.partitions())) {
            Path file = cluster.folder()
                    .writeConfiguration(
                            name, round.connection(), settings.partitions(), List.of(), configuration.yaml());
            try (MeasuredJvm score = MeasuredJvm.start(
                            name + "-score", stageCommand.apply(file, "score"), PeerMain.READY, line -> {});
                    OpenLoop loop = new OpenLoop(round, cluster.requests())) {
                loop.workOff(settings.backlog());
                double saturation =
                        rates.stream().anyMatch(LatencyRate::ofSaturation) ? saturation(loop, configuration) : 0;
                boolean caughtUp = true;
                while (caughtUp && !rates.isEmpty()) {
                    LatencyRate rate = rates.remove();
                    int perSecond = rate.perSecond(saturation);
                    LatencyFigures figures = loop.measure(perSecond, settings.warmUp(), settings.measured());
                    score.requireAlive();
                    measured.add(new LatencyResult.Measured(configuration, rate, perSecond, figures));
                    say.accept(line(perSecond, figures));
                    caughtUp = figures.missing() == 0;
                }
            }
        }
    }

    private double saturation(OpenLoop loop, LatencyConfiguration configuration) {
        Duration saturated =
                LONGEST_SATURATION.compareTo(settings.measured()) < 0 ? LONGEST_SATURATION : settings.measured();
        double saturation = loop.saturation(settings.warmUp(), saturated);
        saturations.computeIfAbsent(configuration, key -> new ArrayList<>()).add(saturation);
        say.accept(String.format(Locale.ROOT, "  saturated at %,.0f predictions/s", saturation));
        return saturation;
    }

    private static String line(int perSecond, LatencyFigures figures) {
        return String.format(
                Locale.ROOT,
                "  %,d/s: p50 %.2f ms, p99 %.2f ms, p99.9 %.2f ms, max %.2f ms; %,d requests, %d repeated, %d missing",
                perSecond,
                figures.p50Millis(),
                figures.p99Millis(),
                figures.p999Millis(),
                figures.maxMillis(),
                figures.requests(),
                figures.repeats(),
                figures.missing());
    }
}
