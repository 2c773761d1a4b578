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

    private PipelineReport(
            TopicFollower follower, List<KafkaStreamsMetrics> streams, PipelineMetrics metrics, PageServer page) {
        this.follower = follower;
        this.streams = streams;
        this.metrics = metrics;
        this.page = page;
    }

    /**
     * Serves it as configured.
     *
     * @param pipeline that was started
     * @throws dev.understudy.config.ConfigurationException if it may not be served as configured
     * @throws IllegalStateException if the port cannot be bound
     */
    public static PipelineReport start(Understudy understudy, Pipeline pipeline) {
        PageSettings settings = settings(understudy.config().page());
        Supplier<ProcessState> process =
                new RecentState(state(pipeline, Pipeline.shadowFolder(understudy.config())), System::nanoTime);
        Board board = new Board();
        PipelineMetrics metrics = new PipelineMetrics(process, board, Clock.systemUTC());
        PageServer page;
        try {
            page = PageServer.start(settings, board, process, metrics::scrape);
        } catch (RuntimeException e) {
            metrics.close();
            throw e;
        }
        List<KafkaStreamsMetrics> streams = pipeline.metrics();
        streams.forEach(metrics::bindAtFirstScrape);
        return new PipelineReport(TopicFollower.start(topics(understudy), board), streams, metrics, page);
    }

    /**
     * Whether it could be served now; nothing is started.
     *
     * @throws dev.understudy.config.ConfigurationException if it may not be served as configured
     * @throws IllegalStateException if the port cannot be bound
     */
    public static void requirePort(UnderstudyConfig config) {
        PageServer.requirePort(settings(config.page()));
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
            streams.forEach(KafkaStreamsMetrics::close);
            metrics.close();
        }
    }
}
