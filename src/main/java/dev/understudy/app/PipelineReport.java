package dev.understudy.app;

import dev.understudy.config.SecretFile;
import dev.understudy.config.UnderstudyConfig;
import dev.understudy.kafka.Topics;
import dev.understudy.metrics.PipelineMetrics;
import dev.understudy.page.PageServer;
import dev.understudy.page.PageSettings;
import dev.understudy.report.Board;
import dev.understudy.report.ProcessState;
import dev.understudy.report.ReportTopics;
import dev.understudy.report.TopicFollower;
import dev.understudy.shadow.Quarantined;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What a running pipeline tells people and monitoring systems over HTTP: the page, its metrics, and whether it lives. */
public final class PipelineReport implements AutoCloseable {
    /** How far back the page goes: the board keeps no more windows of a minute than this. */
    private static final Duration SHOWN = Duration.ofDays(1);

    private final TopicFollower follower;
    private final List<KafkaStreamsMetrics> streams;
    private final PipelineMetrics metrics;
    private final PageServer page;

    private PipelineReport(Understudy understudy, Pipeline pipeline, PageSettings settings) {
        Supplier<ProcessState> process = state(pipeline, Pipeline.shadowFolder(understudy.config()));
        Board board = new Board();
        this.metrics = new PipelineMetrics(process, board, Clock.systemUTC());
        this.page = PageServer.start(settings, board, process, metrics::scrape);
        this.streams = pipeline.metrics();
        streams.forEach(metrics::bindAtFirstScrape);
        this.follower = TopicFollower.start(topics(understudy), board);
    }

    /**
     * Serves it as configured.
     *
     * @param pipeline that was started
     * @throws dev.understudy.config.ConfigurationException if it may not be served as configured
     * @throws IllegalStateException if the port cannot be bound
     */
    public static PipelineReport start(Understudy understudy, Pipeline pipeline) {
        return new PipelineReport(
                understudy, pipeline, settings(understudy.config().page()));
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
            List<ProcessState.Quarantined> quarantine = List.of();
            Optional<String> unknown = Optional.empty();
            try {
                quarantine = Quarantined.in(shadowFolder, Instant.now()).stream()
                        .map(version -> new ProcessState.Quarantined(
                                version.version().name(), version.until(), version.times(), version.reason()))
                        .toList();
            } catch (RuntimeException e) {
                unknown = Optional.of(String.valueOf(e.getMessage()));
            }
            return new ProcessState(
                    pipeline.health(),
                    pipeline.flagHealth(),
                    pipeline.shadowHealth()
                            .map(shadow ->
                                    new ProcessState.Shadow(shadow.running(), shadow.restarts(), shadow.lastEnd())),
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
            streams.forEach(KafkaStreamsMetrics::close);
            metrics.close();
        }
    }
}
