package dev.understudy.flags.launchdarkly;

import com.launchdarkly.logging.LDLogAdapter;
import com.launchdarkly.logging.LDLogLevel;
import com.launchdarkly.logging.LDSLF4J;
import com.launchdarkly.logging.Logs;
import com.launchdarkly.sdk.server.Components;
import com.launchdarkly.sdk.server.LDConfig;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider.ErrorInfo;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider.ErrorKind;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider.State;
import com.launchdarkly.sdk.server.interfaces.DataSourceStatusProvider.Status;
import com.launchdarkly.sdk.server.subsystems.ComponentConfigurer;
import com.launchdarkly.sdk.server.subsystems.DataSource;
import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.AnswerCache;
import dev.understudy.flags.BackupFile;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.Routing;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Flags of the LaunchDarkly service, streamed. Opened with the service's flags or, where the settings allow that and it
 * cannot be reached, with those kept last, and then stale; otherwise refused. Never without flags.
 */
public final class LaunchDarklyFlags implements InspectableFlags {
    private final String source;
    private final VersionFlags flags;
    private final Optional<BackupFile> backup;
    private @Nullable Instant keptAt;

    private LaunchDarklyFlags(String place, VersionFlags flags, Optional<BackupFile> backup) {
        this.source = "LaunchDarkly at " + place;
        this.flags = flags;
        this.backup = backup;
    }

    /**
     * Connects and waits until the flags are known.
     *
     * @throws FlagsUnavailableException naming the service, what is missing and what would be right
     */
    public static LaunchDarklyFlags open(LaunchDarklySettings settings, FlagKeys keys, ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        return open(settings, Components.streamingDataSource(), keys, defaultVersion);
    }

    static LaunchDarklyFlags open(
            LaunchDarklySettings settings,
            ComponentConfigurer<DataSource> source,
            FlagKeys keys,
            ModelVersion defaultVersion)
            throws FlagsUnavailableException {
        long deadline = System.nanoTime() + settings.startTimeout().toNanos();
        LDConfig.Builder config = new LDConfig.Builder()
                .dataSource(source)
                .events(
                        settings.sendEvents()
                                ? Components.sendEvents().allAttributesPrivate(true)
                                : Components.noEvents())
                .logging(Components.logging(LaunchDarklyFlags::channel).level(LDLogLevel.WARN))
                .startWait(settings.startTimeout());
        Optional<URI> baseUri = settings.baseUri();
        if (baseUri.isPresent()) {
            config.serviceEndpoints(Components.serviceEndpoints().relayProxy(baseUri.get()));
        }
        FlagBoard board = new FlagBoard(keys, defaultVersion, settings.sendEvents() ? 0 : AnswerCache.SLOTS);
        Optional<BackupFile> backup =
                settings.backup().map(kept -> new BackupFile("flags.launchdarkly.backup-file", kept));
        VersionFlags flags = new VersionFlags(settings.sdkKey(), config, board, backup);
        LaunchDarklyFlags opened = new LaunchDarklyFlags(settings.place(), flags, backup);
        try {
            opened.requireReady(settings, keys, deadline);
        } catch (FlagsUnavailableException | RuntimeException e) {
            opened.close();
            throw e;
        }
        return opened;
    }

    @Override
    public Routing route(String entityId, Map<String, String> attributes) {
        return flags.route(entityId, attributes);
    }

    @Override
    public List<FlagDescription> describe() {
        return flags.describe();
    }

    @Override
    public Explanation explain(String entityId, Map<String, String> attributes) {
        return flags.explain(entityId, attributes);
    }

    @Override
    public Set<String> reservedAttributes() {
        return VersionFlags.RESERVED;
    }

    @Override
    public FlagHealth health() {
        Status status = flags.sourceStatus();
        // The SDK is initialised a moment before it calls its source valid.
        boolean stale =
                status.getState() != State.VALID && !(status.getState() == State.INITIALIZING && flags.isInitialized());
        Instant kept = flags.isInitialized() ? null : keptAt; // which is older than that there is no connection
        Optional<Instant> staleSince =
                stale ? Optional.of(kept == null ? status.getStateSince() : kept) : Optional.empty();
        Optional<String> problem = stale
                ? Optional.of(source() + ": no connection (" + explain(status.getLastError())
                        + "); the flags received before stay in force" + outlook(status))
                : backup.flatMap(BackupFile::problem).or(() -> flags.known().problem());
        return new FlagHealth(source(), staleSince, problem, flags.unusableAnswers());
    }

    @Override
    public void onChange(Runnable listener) {
        flags.onChange(listener);
    }

    @Override
    public void close() {
        try {
            flags.close();
        } finally {
            backup.ifPresent(BackupFile::close);
        }
    }

    /** The SDK tries again for ever, but for some answers. */
    private static String outlook(Status status) {
        return status.getState() == State.OFF
                ? ". LaunchDarkly's SDK does not try again: " + remedy(code(status.getLastError())) + ", and restart"
                : "";
    }

    private static int code(@Nullable ErrorInfo error) {
        return error == null ? 0 : error.getStatusCode();
    }

    /** Without the channel that says, per evaluation, what is wrong with a flag: that is counted and in our health. */
    private static LDLogAdapter.Channel channel(String name) {
        return (name.endsWith("Evaluation") ? Logs.none() : LDSLF4J.adapter()).newChannel(name);
    }

    private String source() {
        return source;
    }

    private void requireReady(LaunchDarklySettings settings, FlagKeys keys, long deadline)
            throws FlagsUnavailableException {
        Status status = flags.sourceStatus();
        if (status.getState() == State.OFF) {
            ErrorInfo error = status.getLastError();
            throw new FlagsUnavailableException(
                    source() + " cannot be used: " + explain(error) + ", " + remedy(code(error)));
        }
        if (!flags.isInitialized()) {
            if (isContinuedFromBackup()) {
                return;
            }
            throw FlagsUnavailableException.unreached(
                    source(),
                    "sent no flags within " + DurationText.format(settings.startTimeout()) + " ("
                            + explain(status.getLastError())
                            + "): check flags.launchdarkly.base-uri and the network, or raise flags.startup-timeout"
                            + backup.map(BackupFile::nothingToGoOnWith).orElse(""));
        }
        if (!awaitKnown(deadline)) {
            List<String> missing = flags.known().missing();
            throw new FlagsUnavailableException(source() + " has no flag " + String.join(", ", missing)
                    + " in the environment of this SDK key: create " + (missing.size() == 1 ? "it" : "them")
                    + " as string flags (or, in place of " + keys.candidates() + ", boolean flags "
                    + keys.shadowPrefix() + "<version>), or name other keys under flags.keys");
        }
        if (backup.isPresent()) {
            backup.get().requireKept();
        }
    }

    private boolean isContinuedFromBackup() throws FlagsUnavailableException {
        Optional<BackupFile.Kept> kept =
                backup.isEmpty() ? Optional.empty() : backup.get().forStart();
        if (kept.isEmpty()) {
            return false;
        }
        try {
            flags.beginWith(FlagData.read(kept.get().document()));
        } catch (IllegalArgumentException e) {
            throw backup.get().unusable(String.valueOf(e.getMessage()), e);
        }
        keptAt = kept.get().at();
        return flags.known().missing().isEmpty();
    }

    private boolean awaitKnown(long deadline) throws FlagsUnavailableException {
        CountDownLatch known = new CountDownLatch(1);
        flags.onChange(() -> {
            if (flags.known().missing().isEmpty()) {
                known.countDown();
            }
        });
        if (flags.known().missing().isEmpty()) {
            return true;
        }
        try {
            return known.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FlagsUnavailableException("Waiting for the flags of " + source() + " was interrupted", e);
        }
    }

    private static String remedy(int code) {
        return code == 401 || code == 403
                ? "the key was refused; set flags.launchdarkly.sdk-key-file to the server-side SDK key of the environment"
                : "check that flags.launchdarkly.base-uri is LaunchDarkly or a relay proxy";
    }

    /** The kind of the error only: an exception's own text could hold anything. */
    private static String explain(@Nullable ErrorInfo error) {
        if (error == null) {
            return "no answer";
        }
        ErrorKind kind = error.getKind();
        return switch (kind) {
            case ERROR_RESPONSE -> "HTTP " + error.getStatusCode();
            case NETWORK_ERROR -> "network error";
            case INVALID_DATA -> "the answer was not LaunchDarkly's";
            case STORE_ERROR -> "the flags could not be stored";
            case UNKNOWN -> "unknown error";
        };
    }
}
