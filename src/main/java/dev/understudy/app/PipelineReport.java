package dev.understudy.app;

import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.kafka.Topics;
import dev.understudy.metrics.PipelineMetrics;
import dev.understudy.page.PageServer;
import dev.understudy.page.PageSettings;
import dev.understudy.report.Board;
import dev.understudy.report.ProcessState;
import dev.understudy.report.RecentState;
import dev.understudy.report.ReportTopics;
import dev.understudy.report.TopicFollower;
import dev.understudy.shadow.Quarantined;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** What a running pipeline tells people and monitoring systems over HTTP: the page, its metrics, and whether it lives. */
public final class PipelineReport implements AutoCloseable {
    /** How far back the page goes: the board keeps no more windows of a minute than this. */
    private static final Duration SHOWN = Duration.ofDays(1);

    private final Pipeline pipeline;
    private final PipelineMetrics metrics;
    private final PageServer page;
    private final TopicFollower follower;
    /** By stage. Bound when somebody asks for metrics: Kafka Streams has thousands of them. */
    private final Map<String, KafkaStreamsMetrics> streams = new HashMap<>();

    private PipelineReport(Understudy understudy, Pipeline pipeline) {
        Supplier<ProcessState> process =
                new RecentState(state(pipeline, Pipeline.shadowFolder(understudy.config())), System::nanoTime);
        Board board = new Board();
        this.pipeline = pipeline;
        this.metrics = new PipelineMetrics(process, board, Clock.systemUTC());
        try {
            this.page = PageServer.start(settings(understudy.config().page()), board, process, this::scrape);
        } catch (RuntimeException e) {
            metrics.close();
            throw e;
        }
        this.follower = TopicFollower.start(topics(understudy), board);
    }

    /**
     * Serves it as configured, from before the stages start.
     *
     * @throws dev.understudy.config.ConfigurationException if it may not be served as configured
     * @throws IllegalStateException if the port cannot be bound
     */
    public static PipelineReport start(Understudy understudy, Pipeline pipeline) {
        return new PipelineReport(understudy, pipeline);
    }

    private synchronized String scrape() {
        pipeline.metricsBeside(streams.keySet()).forEach((stage, own) -> {
            streams.put(stage, own);
            metrics.bind(own);
        });
        return metrics.scrape();
    }

    /**
     * Whether it may be served as configured; the port is not tried.
     *
     * @throws dev.understudy.config.ConfigurationException if not
     */
    public static void check(UnderstudyConfig config) {
        settings(config.page());
    }

    /** Where the page is. */
    public URI page() {
        return page.uri();
    }

    private static PageSettings settings(UnderstudyConfig.Page page) {
        return Evaluation.fromConfiguration(() -> new PageSettings(
                page.host(),
                page.port(),
                Optional.ofNullable(page.tokenFile())
                        .map(file -> new PageSettings.Token(SecretFile.read("page.token-file", file)))));
    }

    private static ReportTopics topics(Understudy understudy) {
        Topics topics = understudy.topics();
        return new ReportTopics(
                () -> understudy
                        .reader(topics.shadowMetrics())
                        .from(Instant.now().minus(SHOWN)),
                () -> understudy.reader(topics.rolloutReadiness()),
                () -> understudy
                        .reader(topics.disagreements())
                        .from(Instant.now().minus(SHOWN)));
    }

    private static Supplier<ProcessState> state(Pipeline pipeline, Path shadowFolder) {
        return () -> {
            List<Quarantined> quarantine = List.of();
            Optional<String> unknown = Optional.empty();
            try {
                quarantine = Quarantined.in(shadowFolder, Instant.now());
            } catch (RuntimeException e) {
                unknown = Optional.of(String.valueOf(e.getMessage()));
            }
            return new ProcessState(
                    pipeline.health(),
                    pipeline.flagHealth(),
                    pipeline.predictionProblems(),
                    pipeline.modelStates(),
                    pipeline.shadowHealth(),
                    quarantine,
                    unknown);
        };
    }

    @Override
    public void close() {
        try {
            page.close();
        } finally {
            follower.close();
            closeMetrics();
        }
    }

    private synchronized void closeMetrics() {
        streams.values().forEach(KafkaStreamsMetrics::close);
        metrics.close();
    }
}
