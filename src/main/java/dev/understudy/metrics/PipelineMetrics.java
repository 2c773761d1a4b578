package dev.understudy.metrics;

import dev.understudy.kafka.StageHealth;
import dev.understudy.model.ModelState;
import dev.understudy.report.Board;
import dev.understudy.report.ProcessState;
import dev.understudy.shadow.ShadowSupervisor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of a process of the pipeline in Prometheus' text format: its own, its candidates' as the topics tell them, the
 * JVM's, and what is bound besides. docs/metrics.md lists our own; all have the unit in their name.
 */
public final class PipelineMetrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics collector = new JvmGcMetrics();
    private final Supplier<ProcessState> process;
    private final Board board;
    private final Clock clock;
    private final CandidateMetrics candidates = new CandidateMetrics(registry);
    private final Set<String> counted = new HashSet<>();
    /** As of the scrape under way: to ask costs a look at all of Kafka's metrics and at the disk. */
    private ProcessState latest = ProcessState.NOTHING;

    private final MultiGauge stageRunning = gauge("understudy.stage.running", "", "1 while the pipeline stage runs.");
    private final MultiGauge stageLag =
            gauge("understudy.stage.lag", "records", "Records that wait in the stage's input.");
    private final MultiGauge stageRestoring =
            gauge("understudy.stage.restoring", "records", "Records of its state that the stage still has to read.");
    private final MultiGauge flagsStale =
            gauge("understudy.flags.stale", "seconds", "For how long the flags have been out of reach; 0 while fresh.");
    private final MultiGauge shadowRunning =
            gauge("understudy.shadow.process.running", "", "1 while the supervised shadow process runs.");
    private final MultiGauge quarantined =
            gauge("understudy.quarantined", "versions", "Versions that SHADOW does not call at present.");
    private final MultiGauge models = gauge(
            "understudy.model.loaded", "", "1 for a version that can score in this process, 0 for one that cannot.");
    private final MultiGauge topicsFollowed = gauge(
            "understudy.topics.followed", "", "1 while the topics can be read that candidates' metrics come from.");

    /**
     * Nothing is measured before {@link #scrape}, but what the JVM counts.
     *
     * @param process asked at each scrape
     */
    public PipelineMetrics(Supplier<ProcessState> process, Board board, Clock clock) {
        this.process = process;
        this.board = board;
        this.clock = clock;
        List.of(
                        new JvmMemoryMetrics(),
                        collector,
                        new JvmThreadMetrics(),
                        new ClassLoaderMetrics(),
                        new ProcessorMetrics(),
                        new UptimeMetrics(),
                        new FileDescriptorMetrics())
                .forEach(binder -> binder.bindTo(registry));
    }

    /** Adds what something else measures. */
    public synchronized void bind(MeterBinder binder) {
        binder.bindTo(registry);
    }

    /** All as it is now. */
    public synchronized String scrape() {
        Instant now = clock.instant();
        ProcessState state = process.get();
        latest = state;
        List<Row<?>> running = new ArrayList<>();
        List<Row<?>> lag = new ArrayList<>();
        List<Row<?>> restoring = new ArrayList<>();
        for (StageHealth stage : state.stages()) {
            Tags tags = Tags.of("stage", stage.stage());
            running.add(Row.of(tags, stage.state().equals("RUNNING") ? 1 : 0));
            restoring.add(Row.of(tags, stage.restoring().orElse(0)));
            stage.lag().ifPresent(records -> lag.add(Row.of(tags, records)));
            count(
                    "understudy.stage.dead.letters",
                    "Records that the stage put among the dead letters since its start.",
                    tags,
                    latest -> latest.stages().stream()
                            .filter(one -> one.stage().equals(stage.stage()))
                            .mapToLong(StageHealth::deadLetters)
                            .sum());
        }
        stageRunning.register(running, true);
        stageLag.register(lag, true);
        stageRestoring.register(restoring, true);
        flagsStale.register(
                state.flags()
                        .map(flags -> flags.staleSince()
                                .map(since -> Duration.between(since, now).toMillis() / 1e3)
                                .orElse(0.0))
                        .map(PipelineMetrics::alone)
                        .orElse(List.of()),
                true);
        state.flags()
                .ifPresent(flags -> count(
                        "understudy.flags.unusable.answers",
                        "Answers of flags that could not be used, so that the default version served.",
                        Tags.empty(),
                        latest -> latest.flags()
                                .map(health -> (double) health.unusableAnswers())
                                .orElse(0.0)));
        state.predictionProblems()
                .keySet()
                .forEach(cause -> count(
                        "understudy.prediction.problems",
                        "Requests that the version that was asked did not simply answer, by cause.",
                        Tags.of("cause", cause),
                        latest -> latest.predictionProblems().getOrDefault(cause, 0L)));
        models.register(
                state.models().stream()
                        .<Row<?>>map(model -> Row.of(
                                Tags.of("version", model.version().name()),
                                model.loading() == ModelState.Loading.LOADED ? 1 : 0))
                        .toList(),
                true);
        shadowRunning.register(
                state.shadow().map(shadow -> alone(shadow.running() ? 1 : 0)).orElse(List.of()), true);
        state.shadow()
                .ifPresent(shadow -> count(
                        "understudy.shadow.process.restarts",
                        "How often the shadow process had to be started again.",
                        Tags.empty(),
                        latest -> latest.shadow()
                                .map(ShadowSupervisor.Health::restarts)
                                .orElse(0)));
        quarantined.register(alone(state.quarantine().size()), true);
        topicsFollowed.register(alone(board.isFollowed() ? 1 : 0), true);
        candidates.update(board.decisions(now), now);
        return registry.scrape();
    }

    private static List<Row<?>> alone(Number value) {
        return List.of(Row.of(Tags.empty(), value));
    }

    private void count(String name, String what, Tags tags, ToDoubleFunction<ProcessState> value) {
        if (counted.add(name + tags)) {
            FunctionCounter.builder(name, this, metrics -> value.applyAsDouble(metrics.latest))
                    .description(what)
                    .tags(tags)
                    .register(registry);
        }
    }

    private MultiGauge gauge(String name, String unit, String what) {
        return gauge(registry, name, unit, what);
    }

    static MultiGauge gauge(PrometheusMeterRegistry registry, String name, String unit, String what) {
        MultiGauge.Builder builder = MultiGauge.builder(name).description(what);
        return (unit.isEmpty() ? builder : builder.baseUnit(unit)).register(registry);
    }

    @Override
    public void close() {
        collector.close();
        registry.close();
    }
}
