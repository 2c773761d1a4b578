package dev.understudy.kafka;

import dev.understudy.domain.DurationText;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Metric;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pipeline stage as a Kafka Streams application, and tells why it ended.
 *
 * <p>Precedence of settings, lowest first: Kafka's defaults, the user's client properties, {@link StageSettings#streams},
 * what the stage needs. What it needs is refused among the user's properties instead of being overridden silently.
 */
public final class StageRunner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageRunner.class);

    private static final String GROUP_PROTOCOL = StreamsConfig.GROUP_PROTOCOL_CONFIG;
    private static final Duration SESSION_TIMEOUT = Duration.ofSeconds(10);
    /** Kafka's own default. */
    private static final Duration STATIC_SESSION_TIMEOUT = Duration.ofSeconds(45);

    private final KafkaConnection connection;
    private final StageSettings settings;
    private final PipelineStage stage;
    private final DeadLetters deadLetters;
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final CompletableFuture<Void> running = new CompletableFuture<>();
    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    private final RestoreProgress restoring;
    /** Held to start, so that a close comes before or after it. */
    private final Object lock = new Object();

    private boolean closed;
    private volatile @Nullable KafkaStreams streams;

    /** @param deadLetters the topic for what cannot be read, processed or written */
    public StageRunner(
            KafkaConnection connection,
            StageSettings settings,
            PipelineStage stage,
            Topic<byte[], byte[]> deadLetters) {
        List<Topic<?, ?>> topics = new ArrayList<>(stage.topics());
        topics.add(deadLetters);
        this.connection = connection;
        this.settings = settings;
        this.restoring = new RestoreProgress(settings.stage(), System::nanoTime);
        this.stage = new PipelineStage(stage.topology(), stage.ahead(), topics);
        this.deadLetters = new DeadLetters(
                settings.stage(), deadLetters.name(), BoundedSerializer.limit(connection.clientSettings()));
    }

    /** Starts, waits for the end, and closes. Returns when {@link #close} was called from elsewhere. */
    public void run() {
        try (this) {
            start();
            awaitEnd();
        }
    }

    /**
     * Checks the cluster and its topics, then starts and waits until the stage runs.
     *
     * @throws StageFailedException if the broker does not answer, a topic is missing or has the wrong number of
     *     partitions, or the stage neither runs nor restores anything within its start limit
     */
    public void start() {
        StreamsConfig config = new StreamsConfig(streamsSettings());
        new StartCheck(settings, connection, stage.topics()).check(config);
        KafkaStreams started = begin(config);
        awaitRunning(started);
        throwFailure();
        if (!running.isDone()) {
            throw closedWhileStarting();
        }
        LOG.info("stage={} state={}", settings.stage(), started.state());
    }

    private KafkaStreams begin(StreamsConfig config) {
        synchronized (lock) {
            if (closed) {
                throw closedWhileStarting();
            }
            if (streams != null) {
                throw new IllegalStateException("stage " + settings.stage() + " was started before");
            }
            KafkaStreams created = new KafkaStreams(topology(), config);
            created.setUncaughtExceptionHandler(thrown -> {
                failure.compareAndSet(null, thrown);
                return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
            });
            created.setStateListener((now, before) -> {
                if (now == KafkaStreams.State.RUNNING) {
                    running.complete(null);
                } else if (now == KafkaStreams.State.ERROR || now == KafkaStreams.State.NOT_RUNNING) {
                    ended.complete(null);
                }
            });
            created.setGlobalStateRestoreListener(restoring);
            try {
                created.start();
            } catch (RuntimeException e) {
                created.close();
                throw e;
            }
            streams = created;
            return created;
        }
    }

    private StageFailedException closedWhileStarting() {
        return new StageFailedException("stage " + settings.stage() + " was closed while it was starting");
    }

    /** Gives up after the start limit, which begins anew with everything that is restored. */
    private void awaitRunning(KafkaStreams started) {
        long limit = settings.startLimit().toNanos();
        long start = System.nanoTime();
        try {
            long left = limit;
            while (left > 0 && !running.isDone() && !ended.isDone()) {
                try {
                    CompletableFuture.anyOf(running, ended).get(left, TimeUnit.NANOSECONDS);
                } catch (TimeoutException e) {
                    LOG.debug("stage={} state={}", settings.stage(), started.state());
                }
                left = limit - Math.min(System.nanoTime() - start, restoring.silentNanos());
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes these futures with an exception", e);
        } catch (InterruptedException e) {
            close();
            Thread.currentThread().interrupt();
            throw new StageFailedException("interrupted while stage " + settings.stage() + " was starting", e);
        }
        if (!running.isDone() && !ended.isDone()) {
            String why = late(started.state());
            close();
            throw new StageFailedException(why);
        }
    }

    private String late(KafkaStreams.State state) {
        String limit = DurationText.format(settings.startLimit());
        OptionalLong missing = restoring.missing();
        return missing.isPresent()
                ? "stage " + settings.stage() + " read nothing of its state for " + limit + ", while "
                        + missing.getAsLong() + " records were missing; can the brokers be reached, and is the disk of "
                        + settings.stateDirectory() + " full?"
                : "stage " + settings.stage() + " did not run within " + limit + ", it was " + state
                        + "; is another instance of group " + settings.applicationId() + " stuck?";
    }

    /**
     * Waits until the stage has ended.
     *
     * @throws StageFailedException if it did not end by {@link #close}; the message says why
     */
    public void awaitEnd() {
        try {
            ended.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("nothing completes this future with an exception", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        throwFailure();
    }

    /** Completes when the stage has ended; {@link #health} then says why. */
    public CompletableFuture<Void> ended() {
        return ended.copy();
    }

    public StageHealth health() {
        KafkaStreams current = streams;
        return new StageHealth(
                settings.stage(),
                (current == null ? KafkaStreams.State.CREATED : current.state()).name(),
                Optional.ofNullable(failure.get()).map(this::explain),
                current == null ? OptionalLong.empty() : lag(current.metrics().values()),
                restoring.missing(),
                deadLetters.count(),
                stage.ahead().map(ScoringAhead::counts));
    }

    /** Kafka Streams' own metrics, for a registry; to be closed by the caller. None before the start. */
    public Optional<KafkaStreamsMetrics> metrics() {
        return Optional.ofNullable(streams)
                .map(current -> new KafkaStreamsMetrics(current, Tags.of("stage", settings.stage())));
    }

    /** Its name. */
    public String stage() {
        return settings.stage();
    }

    /** The topology as it runs. */
    public Topology topology() {
        return stage.topology().apply(new TopologyConfig(new StreamsConfig(streamsSettings())));
    }

    @Override
    public void close() {
        KafkaStreams current;
        synchronized (lock) {
            closed = true;
            current = streams;
        }
        if (current == null) {
            ended.complete(null);
            return;
        }
        // One that is no static member would stay as well, and its partitions wait for the session to time out.
        CloseOptions options = CloseOptions.timeout(settings.closeLimit())
                .withGroupMembershipOperation(
                        settings.staticMember().isPresent()
                                ? CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP
                                : CloseOptions.GroupMembershipOperation.LEAVE_GROUP);
        if (!current.close(options)) {
            LOG.warn(
                    "stage={} state={} did not close within {}",
                    settings.stage(),
                    current.state(),
                    DurationText.format(settings.closeLimit()));
        }
        ended.complete(null);
    }

    private void throwFailure() {
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new StageFailedException(explain(thrown), thrown);
        }
    }

    private String explain(Throwable thrown) {
        return "stage " + settings.stage() + " failed: " + FailureText.of(thrown);
    }

    /** What Kafka Streams gets. */
    Properties streamsSettings() {
        Properties properties = streamsSettings(connection, settings);
        properties.put(DeadLetters.OBJECT, deadLetters);
        stage.ahead().ifPresent(ahead -> {
            properties.put(
                    StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG),
                    interceptors(connection.properties().all()));
            properties.put(StreamsConfig.mainConsumerPrefix(AheadInterceptor.WORK), ahead);
        });
        return properties;
    }

    /** The same without what is made by the runner itself: all that is known before there is one. */
    static Properties streamsSettings(KafkaConnection connection, StageSettings settings) {
        Properties properties = new Properties();
        if (!connection.properties().all().containsKey(GROUP_PROTOCOL)) {
            // How long the partitions of an instance that was killed wait, and those of a static member that is started
            // again. Newer group protocols set this on the broker and refuse it here.
            Duration timeout = settings.staticMember().isPresent() ? STATIC_SESSION_TIMEOUT : SESSION_TIMEOUT;
            properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, (int) millis(timeout));
        }
        // No stage needs the order between its topics (decision 0009), and waiting for it writes a text per record.
        properties.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, StreamsConfig.MAX_TASK_IDLE_MS_DISABLED);
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), StageSettings.BATCH_BYTES);
        properties.putAll(connection.clientSettings());
        properties.putAll(settings.streams());
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, settings.applicationId());
        settings.staticMember().ifPresent(name -> properties.put(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG, name));
        properties.put(StreamsConfig.STATE_DIR_CONFIG, settings.stateDirectory().toString());
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, settings.threads());
        properties.put(
                StreamsConfig.PROCESSING_GUARANTEE_CONFIG, settings.guarantee().streamsName());
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, millis(settings.commitInterval()));
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), millis(settings.linger()));
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.ISOLATION_LEVEL_CONFIG), "read_committed");
        properties.put(StreamsConfig.DEFAULT_TIMESTAMP_EXTRACTOR_CLASS_CONFIG, TimestampOrPartitionTime.class);
        properties.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);
        properties.put(StreamsConfig.DESERIALIZATION_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unreadable.class);
        properties.put(StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unprocessable.class);
        // No stage has a global table; without this Kafka Streams warns that it will be the default. Its constant is
        // deprecated from the start, since it is to go with that default.
        properties.put("processing.exception.handler.global.enabled", true);
        properties.put(StreamsConfig.PRODUCTION_EXCEPTION_HANDLER_CLASS_CONFIG, DeadLetters.Unwritable.class);
        return properties;
    }

    /** The user's own interceptors come first, so that scoring sees the records as they left them. */
    private static String interceptors(Map<String, String> properties) {
        String own = AheadInterceptor.class.getName();
        String general = StreamsConfig.consumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG);
        String main = StreamsConfig.mainConsumerPrefix(ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG);
        String users = Objects.requireNonNullElse(properties.getOrDefault(main, properties.get(general)), "");
        return users.isBlank() ? own : users + "," + own;
    }

    /** Sum of the main consumers' lags; a partition that was not fetched yet has none. */
    private static OptionalLong lag(Iterable<? extends Metric> metrics) {
        long sum = 0;
        boolean known = false;
        for (Metric metric : metrics) {
            if (metric.metricName().name().equals("records-lag")
                    && metric.metricName().group().equals("consumer-fetch-manager-metrics")
                    && metric.metricName().tags().containsKey("partition")
                    && metric.metricValue() instanceof Double value
                    && !value.isNaN()) {
                sum += value.longValue();
                known = true;
            }
        }
        return known ? OptionalLong.of(sum) : OptionalLong.empty();
    }

    private static long millis(Duration duration) {
        return duration.toMillis();
    }
}
