package dev.understudy.flags.file;

import dev.understudy.domain.ModelVersion;
import dev.understudy.flags.Explanation;
import dev.understudy.flags.FlagDescription;
import dev.understudy.flags.FlagHealth;
import dev.understudy.flags.FlagKeys;
import dev.understudy.flags.FlagsUnavailableException;
import dev.understudy.flags.InspectableFlags;
import dev.understudy.flags.Routing;
import dev.understudy.flags.launchdarkly.EmbeddedFlags;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flags from a file that people edit while the pipeline runs. A content that is empty, half written or wrong never comes
 * into force: the last good one stays, and {@link #health()} says what is wrong, where, and what would be right.
 */
public final class FileFlags implements InspectableFlags {
    private static final Logger LOG = LoggerFactory.getLogger(FileFlags.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    private final Path path;
    private final String source;
    private final FlagFile format;
    private final Settling settling;
    private final Clock clock;
    private final EmbeddedFlags flags;
    private final ScheduledExecutorService watcher;
    private Sighting inForce;
    private @Nullable Sighting refused;
    private volatile Trouble trouble = new Trouble(Optional.empty(), Optional.empty());

    /** What keeps the latest content from being in force, and since when. */
    private record Trouble(Optional<Instant> since, Optional<String> what) {}

    private FileFlags(Path path, FlagFile format, Settling settling, Clock clock, EmbeddedFlags flags, Sighting first) {
        this.path = path;
        this.source = "file " + path;
        this.format = format;
        this.settling = settling;
        this.clock = clock;
        this.flags = flags;
        this.inForce = first;
        this.watcher = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "flags-file");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Reads the file and begins to watch it.
     *
     * @throws FlagsUnavailableException naming the file, the place in it and what would be right
     */
    public static FileFlags open(FileFlagSettings settings, FlagKeys keys, ModelVersion defaultVersion, Clock clock)
            throws FlagsUnavailableException {
        Path path = settings.path();
        FlagFile format = new FlagFile(keys, defaultVersion);
        Settling settling = new Settling(settings.settle());
        Sighting first = firstSettled(settings, settling);
        if (first instanceof Sighting.Unreadable unreadable) {
            String place = "Flag file " + path;
            throw unreadable.reached()
                    ? new FlagsUnavailableException(place + " " + unreadable.why())
                    : FlagsUnavailableException.unreached(place, unreadable.why());
        }
        try {
            Map<String, String> definitions = format.read(((Sighting.Content) first).text(), isJson(path));
            FileFlags opened = new FileFlags(
                    path, format, settling, clock, new EmbeddedFlags(keys, defaultVersion, definitions), first);
            long poll = settings.pollInterval().toNanos();
            Future<?> unused = opened.watcher.scheduleWithFixedDelay(opened::look, poll, poll, TimeUnit.NANOSECONDS);
            return opened;
        } catch (FlagFileException e) {
            throw new FlagsUnavailableException("Flag file " + path + ", " + e.getMessage(), e);
        }
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
        return EmbeddedFlags.reservedAttributes();
    }

    @Override
    public FlagHealth health() {
        Trouble now = trouble;
        return new FlagHealth(source, now.since(), now.what().or(flags::problem), flags.unusableAnswers());
    }

    @Override
    public void onChange(Runnable listener) {
        flags.onChange(listener);
    }

    @Override
    public void close() {
        watcher.shutdownNow();
        flags.close();
    }

    /** The file may be in the middle of being written also when we start. */
    private static Sighting firstSettled(FileFlagSettings settings, Settling settling)
            throws FlagsUnavailableException {
        long begin = System.nanoTime();
        Duration limit = START_LIMIT.plus(settings.settle());
        Sighting seen = Sighting.of(settings.path());
        while (!settling.isSettled(seen, System.nanoTime())) {
            if (System.nanoTime() - begin > limit.toNanos()) {
                throw new FlagsUnavailableException("Flag file " + settings.path() + " has kept changing for " + limit
                        + "; it must stay the same for " + settings.settle());
            }
            try {
                TimeUnit.NANOSECONDS.sleep(Math.min(
                        settings.pollInterval().toNanos(),
                        Math.max(1, settings.settle().toNanos())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new FlagsUnavailableException("Reading flag file " + settings.path() + " was interrupted", e);
            }
            seen = Sighting.of(settings.path());
        }
        return seen;
    }

    /** One look; an exception from here would end the watching without a word. */
    private void look() {
        try {
            Sighting seen = Sighting.of(path);
            boolean settled = settling.isSettled(seen, System.nanoTime());
            if (seen.equals(inForce)) {
                recovered();
            } else if (settled && !seen.equals(refused)) {
                take(seen);
            }
        } catch (RuntimeException e) {
            report("Flag file " + path + " could not be taken over (" + e + ")");
        }
    }

    private void take(Sighting seen) {
        if (seen instanceof Sighting.Content content) {
            try {
                flags.replace(format.read(content.text(), isJson(path)));
                inForce = seen;
                recovered();
                LOG.info("Flags changed, file={}", path);
            } catch (FlagFileException e) {
                refused = seen;
                report("Flag file " + path + ", " + e.getMessage());
            }
        } else if (seen instanceof Sighting.Unreadable unreadable) {
            refused = seen;
            report("Flag file " + path + " " + unreadable.why());
        }
    }

    private void recovered() {
        refused = null;
        if (trouble.what().isPresent()) {
            trouble = new Trouble(Optional.empty(), Optional.empty());
        }
    }

    private void report(String what) {
        Instant since = trouble.since().orElseGet(clock::instant);
        trouble = new Trouble(Optional.of(since), Optional.of(what + ". The last good flags stay in force."));
        LOG.warn("{}. The last good flags stay in force.", what);
    }

    /** Whether the file is JSON, by its name. */
    static boolean isJson(Path path) {
        return path.getFileName() != null && path.getFileName().toString().endsWith(".json");
    }
}
