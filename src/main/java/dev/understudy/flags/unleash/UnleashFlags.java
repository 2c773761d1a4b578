package dev.understudy.flags.unleash;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.Answer;
import dev.understudy.flags.BackupFile;
import dev.understudy.flags.ChangeListeners;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.Routing;
import io.getunleash.repository.HttpFeatureFetcher;
import io.getunleash.util.UnleashConfig;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flags of an Unleash server, polled. Opened with the server's flags or, where the settings allow that and it cannot be
 * reached, with those kept last, and then stale; otherwise refused. Never without flags.
 */
public final class UnleashFlags implements InspectableFlags {
    private static final Logger LOG = LoggerFactory.getLogger(UnleashFlags.class);
    private static final Duration START_PAUSE = Duration.ofMillis(200);
    private static final Duration EVENTS_INTERVAL = Duration.ofMinutes(1);

    private final String source;
    private final UnleashSettings settings;
    private final FlagKeys keys;
    private final ModelVersion defaultVersion;
    private final Duration httpTimeout;
    private final FlagPoller poller;
    private final Optional<BackupFile> backup;
    private final Optional<UsageEvents> events;
    private final ScheduledExecutorService thread;
    private final ChangeListeners listeners = new ChangeListeners();
    private final LongAdder unusableAnswers = new LongAdder();
    private volatile FlagState state;
    private boolean hasServersFlags;

    private UnleashFlags(UnleashSettings settings, FlagKeys keys, ModelVersion defaultVersion)
            throws FlagDocumentException {
        this.source = "Unleash at " + settings.url();
        this.settings = settings;
        this.keys = keys;
        this.defaultVersion = defaultVersion;
        this.httpTimeout = httpTimeout(settings.pollInterval());
        UnleashConfig config = config(settings, httpTimeout);
        this.poller = new FlagPoller(
                source,
                () -> new HttpFeatureFetcher(config),
                this::take,
                settings.pollInterval().plus(httpTimeout.multipliedBy(3)),
                Clock.systemUTC());
        this.backup = settings.backup().map(kept -> new BackupFile("flags.unleash.backup-file", kept));
        this.events = settings.sendEvents() ? Optional.of(new UsageEvents(config)) : Optional.empty();
        this.state = state(FlagDocument.NONE);
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "flags-unleash");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Connects and waits until the flags are known.
     *
     * @throws FlagsUnavailableException naming the server, what is missing and what would be right
     */
    public static UnleashFlags open(UnleashSettings settings, FlagKeys keys, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        UnleashFlags opened;
        try {
            opened = new UnleashFlags(settings, keys, defaultVersion);
        } catch (FlagDocumentException | LinkageError e) {
            throw new FlagsUnavailableException(
                    "Unleash's engine cannot be used (" + e + "): it is native code, unpacked into "
                            + System.getProperty("java.io.tmpdir")
                            + "; set -Djava.io.tmpdir to a folder from which code may be run",
                    e);
        }
        try {
            opened.start();
        } catch (FlagsUnavailableException | RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    @Override
    public Routing route(String entityId, Map<String, String> attributes) {
        Answer answer = state.route(entityId, attributes);
        if (answer.unusable() != 0) {
            unusableAnswers.add(answer.unusable());
        }
        return answer.routing();
    }

    @Override
    public List<FlagDescription> describe() {
        return state.describe();
    }

    @Override
    public Explanation explain(String entityId, Map<String, String> attributes) {
        return state.explain(entityId, attributes);
    }

    @Override
    public Set<String> reservedAttributes() {
        return FlagState.RESERVED;
    }

    @Override
    public FlagHealth health() {
        Optional<FlagPoller.Stale> stale = poller.stale();
        Optional<String> problem = stale.isPresent()
                ? Optional.of(source + ": no fresh flags (" + stale.get().why()
                        + "); the flags received before stay in force")
                : problem();
        return new FlagHealth(source, stale.map(FlagPoller.Stale::since), problem, unusableAnswers.sum());
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        try {
            if (events.isPresent() && !thread.isShutdown()) {
                Future<?> unused = thread.submit(events.get()::send);
                thread.shutdown();
                if (!thread.awaitTermination(httpTimeout.toNanos() * 2, TimeUnit.NANOSECONDS)) {
                    LOG.warn("The last counts of the flags were not sent, source={}", source);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            thread.shutdownNow();
            backup.ifPresent(BackupFile::close);
        }
    }

    private void start() throws FlagsUnavailableException {
        if (!isReadyInTime() && !isContinuedFromBackup()) {
            throw refusal();
        }
        if (backup.isPresent()) {
            backup.get().requireKept();
        }
        repeat(poller::look, settings.pollInterval());
        events.ifPresent(counts -> repeat(counts::send, EVENTS_INTERVAL));
    }

    private void repeat(Runnable task, Duration interval) {
        Future<?> unused =
                thread.scheduleWithFixedDelay(task, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    private boolean isReadyInTime() throws FlagsUnavailableException {
        Future<Boolean> ready = thread.submit(this::isReadyOrRefused);
        try {
            return ready.get(settings.startTimeout().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            ready.cancel(true);
            return false;
        } catch (ExecutionException e) {
            throw new IllegalStateException(source + " could not be asked", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FlagsUnavailableException("Waiting for the flags of " + source + " was interrupted", e);
        }
    }

    /** Looks until the flags are known (true) or the token is refused (false). */
    private boolean isReadyOrRefused() throws InterruptedException {
        while (true) {
            poller.look();
            if (poller.failure().isEmpty() && missing().isEmpty()) {
                return true;
            }
            if (poller.isTokenRefused()) {
                return false;
            }
            TimeUnit.NANOSECONDS.sleep(
                    Math.min(START_PAUSE.toNanos(), settings.pollInterval().toNanos()));
        }
    }

    /** A server that answers is believed, also where it refuses the token or lacks the flags. */
    private boolean isContinuedFromBackup() throws FlagsUnavailableException {
        if (backup.isEmpty() || hasSpoken()) {
            return false;
        }
        Optional<BackupFile.Kept> kept = backup.get().forStart();
        if (kept.isEmpty()) {
            return false;
        }
        try {
            if (replace(FlagDocument.read(kept.get().document(), keys, defaultVersion), false)) {
                poller.beginWith(kept.get().at());
            }
        } catch (FlagDocumentException e) {
            throw backup.get().unusable(e.why(), e);
        }
        return missing().isEmpty();
    }

    private boolean hasSpoken() {
        return poller.hasAnswered() || poller.isRefused();
    }

    private FlagsUnavailableException refusal() {
        String failure = poller.failure().map(FlagPoller.Failure::what).orElse("no answer");
        if (poller.isTokenRefused()) {
            return new FlagsUnavailableException(source + " cannot be used: " + failure
                    + ", the token was refused; set flags.unleash.token-file to a backend token of the environment"
                    + " (not a frontend, admin or personal one)");
        }
        if (!poller.hasAnswered()) {
            String problem = "sent no flags within " + DurationText.format(settings.startTimeout()) + " (" + failure
                    + "): check flags.unleash.url and the network, or raise flags.startup-timeout";
            return poller.isRefused()
                    ? new FlagsUnavailableException(source + " " + problem)
                    : FlagsUnavailableException.unreached(
                            source,
                            problem + backup.map(BackupFile::nothingToGoOnWith).orElse(""));
        }
        List<String> missing = missing();
        return new FlagsUnavailableException(source + " has no flag " + String.join(", ", missing)
                + " in the environment and projects of this token: create " + (missing.size() == 1 ? "it" : "them")
                + " with strategy variants that are named like versions (or, in place of " + keys.candidates()
                + ", flags " + keys.shadowPrefix() + "<version>), or name other keys under flags.keys");
    }

    private List<String> missing() {
        return state.known().missing();
    }

    /** What is wrong with the flags themselves or with keeping them, for people. */
    private Optional<String> problem() {
        FlagState now = state;
        if (now.known().missing().contains(keys.serving())) {
            return Optional.of("flag '" + keys.serving() + "' does not exist, so the default version " + defaultVersion
                    + " serves; create it with variants that are named like versions");
        }
        return backup.flatMap(BackupFile::problem)
                .or(() -> now.known().problem())
                .or(() -> now.document().complaint());
    }

    private void take(String document) throws FlagDocumentException {
        if (replace(FlagDocument.read(document, keys, defaultVersion), true)) {
            LOG.info("Flags changed, source={}", source);
            listeners.tell();
        }
        backup.ifPresent(file -> file.keep(document));
    }

    /** A look that was under way when the time to start was over may still come: then the server's flags stay. */
    private synchronized boolean replace(FlagDocument document, boolean isFromServer) throws FlagDocumentException {
        if (document.equals(state.document()) || (hasServersFlags && !isFromServer)) {
            return false;
        }
        FlagState next = state(document);
        state = next;
        hasServersFlags |= isFromServer;
        events.ifPresent(counts -> counts.follow(next.engine()));
        return true;
    }

    private FlagState state(FlagDocument document) throws FlagDocumentException {
        return new FlagState(document, keys, defaultVersion, settings.sendEvents());
    }

    /** As long as a poll, but at least one second and at most ten. */
    private static Duration httpTimeout(Duration pollInterval) {
        return Duration.ofMillis(Math.min(10_000, Math.max(1_000, pollInterval.toMillis())));
    }

    private static UnleashConfig config(UnleashSettings settings, Duration httpTimeout) {
        return UnleashConfig.builder()
                .unleashAPI(settings.api())
                .apiKey(settings.apiToken())
                .appName(settings.appName())
                .fetchTogglesInterval(Math.max(1, settings.pollInterval().toSeconds()))
                .fetchTogglesConnectTimeout(httpTimeout)
                .fetchTogglesReadTimeout(httpTimeout)
                .sendMetricsInterval(EVENTS_INTERVAL.toSeconds())
                .sendMetricsConnectTimeout(httpTimeout)
                .sendMetricsReadTimeout(httpTimeout)
                .scheduledExecutor(new CaughtTask())
                .build();
    }
}
