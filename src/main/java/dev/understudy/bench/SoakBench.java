package dev.understudy.bench;

import dev.understudy.bench.MemoryTrend.Sample;
import dev.understudy.bench.SoakResult.ProcessMemory;
import dev.understudy.model.ModelException;
import dev.understudy.process.JvmCommand;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;

/** Runs SCORE, SHADOW for one candidate, and EVALUATE at a steady rate, and watches whether their memory grows. */
public final class SoakBench {
    private static final double MEBI = 1 << 20;

    private final SoakSettings settings;
    private final BiFunction<Path, String, JvmCommand> stageCommand;
    private final Consumer<String> say;

    /** One process and what was seen of it, by the sampling thread alone until that has ended. */
    private record Watched(String stage, MeasuredJvm process, List<Sample> heap, List<Sample> resident) {
        ProcessMemory memory() {
            return new ProcessMemory(
                    stage,
                    MemoryTrend.of(heap),
                    resident.isEmpty() ? Optional.empty() : Optional.of(MemoryTrend.of(resident)));
        }
    }

    /**
     * A benchmark that has not begun.
     *
     * @param stageCommand as {@link Bench#Bench}
     * @param say gets a line for people now and then
     */
    public SoakBench(SoakSettings settings, BiFunction<Path, String, JvmCommand> stageCommand, Consumer<String> say) {
        this.settings = settings;
        this.stageCommand = stageCommand;
        this.say = say;
    }

    /**
     * Runs for as long as the settings say.
     *
     * @throws ModelException if the model cannot be loaded
     * @throws IllegalStateException if a process ended, or could not be looked at
     */
    public SoakResult run() throws ModelException, IOException {
        try (BenchCluster cluster = BenchCluster.start(settings.model(), settings.directory(), say);
                RoundTopics round = RoundTopics.create(cluster.kafka(), "soak", settings.partitions())) {
            Path file = cluster.folder()
                    .writeConfiguration("soak", round.connection(), settings.partitions(), List.of("v2"), "");
            List<Watched> watched = new ArrayList<>();
            try (OpenLoop loop = new OpenLoop(round, cluster.requests())) {
                for (String stage : Variant.PIPELINE.stages()) {
                    JvmCommand command = stageCommand
                            .apply(file, stage)
                            .withJvmArguments("-D" + UsageReporter.COLLECT_EVERY_MILLIS + "="
                                    + settings.interval().toMillis());
                    MeasuredJvm process = MeasuredJvm.start("soak-" + stage, command, PeerMain.READY, line -> {});
                    watched.add(new Watched(stage, process, new ArrayList<>(), new ArrayList<>()));
                }
                LatencyFigures figures = watch(loop, watched);
                return new SoakResult(
                        figures.requests(),
                        figures.repeats(),
                        figures.missing(),
                        watched.stream().map(Watched::memory).toList());
            } finally {
                watched.forEach(each -> each.process().close());
            }
        }
    }

    private LatencyFigures watch(OpenLoop loop, List<Watched> watched) {
        ScheduledExecutorService sampling = Executors.newSingleThreadScheduledExecutor();
        long start = System.nanoTime();
        long interval = settings.interval().toMillis();
        // The first look comes after an interval, when every process has collected once.
        ScheduledFuture<?> samples =
                sampling.scheduleAtFixedRate(() -> sample(watched, start), interval, interval, TimeUnit.MILLISECONDS);
        LatencyFigures figures;
        try {
            figures = loop.measure(settings.ratePerSecond(), Duration.ZERO, settings.duration());
        } finally {
            samples.cancel(false);
            sampling.shutdown();
        }
        requireSampled(sampling, samples);
        return figures;
    }

    private void sample(List<Watched> watched, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "%.0f s:", seconds));
        for (Watched each : watched) {
            each.process().requireAlive();
            each.process().heapAfterCollection().ifPresent(bytes -> {
                each.heap().add(new Sample(seconds, bytes));
                line.append(String.format(Locale.ROOT, " %s heap %.1f MiB", each.stage(), bytes / MEBI));
            });
            each.process().residentBytes().ifPresent(bytes -> {
                each.resident().add(new Sample(seconds, bytes));
                line.append(String.format(Locale.ROOT, " resident %.1f MiB", bytes / MEBI));
            });
        }
        say.accept(line.toString());
    }

    /** A look that failed ends the looking, and says why. */
    private static void requireSampled(ScheduledExecutorService sampling, ScheduledFuture<?> samples) {
        try {
            if (!sampling.awaitTermination(1, TimeUnit.MINUTES)) {
                throw new IllegalStateException("the processes could not be looked at within a minute");
            }
            if (!samples.isCancelled()) {
                samples.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("the processes could not be looked at", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while measuring", e);
        }
    }
}
