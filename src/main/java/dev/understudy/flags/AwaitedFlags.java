package dev.understudy.flags;

import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RoutingDecision;
import dev.understudy.domain.RoutingReason;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flags of a source that could not be reached at the start. Until it is, the default version serves everybody with reason
 * FALLBACK, nothing is shadowed, and {@link #health()} says so; from then on the source answers.
 */
public final class AwaitedFlags implements ModelFlags {
    private static final Logger LOG = LoggerFactory.getLogger(AwaitedFlags.class);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    /** Connects to a source and waits until its flags are known. */
    public interface Opener {
        ModelFlags open() throws FlagsUnavailableException;
    }

    private final Opener opener;
    private final Predicate<Throwable> isForPeople;
    private final String source;
    private final ModelVersion defaultVersion;
    private final Routing fallback;
    private final Instant since;
    private final ChangeListeners listeners = new ChangeListeners();
    private final LongAdder unusableAnswers = new LongAdder();
    private final ScheduledExecutorService thread;
    private boolean closed;
    private volatile String problem;
    private volatile @Nullable ModelFlags reached;

    private AwaitedFlags(
            Opener opener,
            Predicate<Throwable> isForPeople,
            FlagKeys keys,
            ModelVersion defaultVersion,
            Instant since,
            String source,
            String problem) {
        this.opener = opener;
        this.isForPeople = isForPeople;
        this.source = source;
        this.defaultVersion = defaultVersion;
        this.fallback = new Routing(
                new RoutingDecision(defaultVersion, keys.serving(), null, RoutingReason.FALLBACK), List.of());
        this.since = since;
        this.problem = problem;
        this.thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "flags-awaited");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Opens a source; one that cannot be reached is tried again and again.
     *
     * @param isForPeople which unchecked exceptions of a later attempt have a message that may be shown; of others it
     *     could hold anything
     * @throws FlagsUnavailableException if the source answered, and cannot be used
     */
    public static ModelFlags open(
            Opener opener, Predicate<Throwable> isForPeople, FlagKeys keys, ModelVersion defaultVersion, Clock clock)
            throws FlagsUnavailableException {
        Instant since = clock.instant();
        try {
            return opener.open();
        } catch (FlagsUnavailableException e) {
            String source = e.unreached().orElseThrow(() -> e);
            AwaitedFlags awaited =
                    new AwaitedFlags(opener, isForPeople, keys, defaultVersion, since, source, message(e));
            LOG.warn("The default version serves everybody until there are flags, problem={}", message(e));
            Future<?> unused = awaited.thread.scheduleWithFixedDelay(
                    awaited::tryAgain, PAUSE.toNanos(), PAUSE.toNanos(), TimeUnit.NANOSECONDS);
            return awaited;
        }
    }

    @Override
    public Routing route(String entityId, Map<String, String> attributes) {
        ModelFlags flags = reached;
        if (flags != null) {
            return flags.route(entityId, attributes);
        }
        unusableAnswers.increment();
        return fallback;
    }

    @Override
    public FlagHealth health() {
        ModelFlags flags = reached;
        if (flags == null) {
            return new FlagHealth(
                    source,
                    Optional.of(since),
                    Optional.of(problem + ". Until there are flags, the default version " + defaultVersion
                            + " serves everybody"),
                    unusableAnswers.sum());
        }
        FlagHealth health = flags.health();
        return new FlagHealth(
                health.source(),
                health.staleSince(),
                health.problem(),
                health.unusableAnswers() + unusableAnswers.sum());
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        thread.shutdownNow();
        ModelFlags flags;
        synchronized (this) {
            closed = true;
            flags = reached;
        }
        if (flags != null) {
            flags.close();
        }
    }

    /** An exception from here would end the attempts without a word. */
    private void tryAgain() {
        try {
            ModelFlags opened = opener.open();
            if (take(opened)) {
                opened.onChange(listeners::tell);
                LOG.info("There are flags, source={}", source);
                listeners.tell();
                thread.shutdown();
            } else {
                opened.close();
            }
        } catch (FlagsUnavailableException e) {
            report(message(e));
        } catch (RuntimeException | Error e) {
            report(source + " could not be opened ("
                    + (isForPeople.test(e) ? message(e) : e.getClass().getSimpleName()) + ")");
        }
    }

    private synchronized boolean take(ModelFlags opened) {
        if (closed) {
            return false;
        }
        reached = opened;
        return true;
    }

    private void report(String now) {
        if (!now.equals(problem)) {
            LOG.warn("There are no flags yet, problem={}", now);
        }
        problem = now;
    }

    private static String message(Throwable e) {
        return String.valueOf(e.getMessage());
    }
}
