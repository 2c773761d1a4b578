package dev.understudy.flags.flagsmith;

import com.fasterxml.jackson.databind.node.ObjectNode;
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
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Flags of a Flagsmith server, evaluated here. Opened with the server's flags or, where the settings allow that and it
 * cannot be reached, with those kept last, and then stale; otherwise refused. Never without flags.
 *
 * <p>The SDK reads the environment document and evaluates it. The document is fetched by ourselves, because the SDK's
 * client ({@code flagsmith-java-client} 7.4.3)
 *
 * <ul>
 *   <li>does not say that a fetch failed, so that nobody would know that the flags are stale, nor that they have changed;
 *   <li>takes up to 15 s to start, whatever it is told; that it failed shows with the first question only;
 *   <li>asks four times a poll while a server refuses;
 *   <li>reads the first page of a document alone, and so does not know all entities that have flags of their own;
 *   <li>keeps those it knows when a document has none any more.
 * </ul>
 *
 * <p>Percentages are sticky as the SDK makes them: an option hashes the id of the flag's state with the entity, a segment
 * its own id. Both grow without losing anybody; of several options only the first and the last do. Where the server makes
 * a new state of a flag, under another id, everybody is drawn anew, and {@link #health()} says so.
 */
public final class FlagsmithFlags implements InspectableFlags {
    private static final Logger LOG = LoggerFactory.getLogger(FlagsmithFlags.class);
    private static final Duration START_PAUSE = Duration.ofMillis(100);
    private static final Duration SHORTEST_FETCH = Duration.ofSeconds(1);
    private static final Duration LONGEST_FETCH = Duration.ofSeconds(15);

    private final String source;
    private final FlagKeys keys;
    private final ModelVersion defaultVersion;
    private final DocumentSource documents;
    private final Duration fetchLimit;
    private final Clock clock;
    private final Optional<BackupFile> backup;
    private final ChangeListeners listeners = new ChangeListeners();
    private final LongAdder unusableAnswers = new LongAdder();
    private final ScheduledExecutorService poller;
    private Instant fresh;
    private volatile FlagState state;
    private volatile @Nullable Stale stale;

    /** Since when nothing fresh has come, and why. */
    private record Stale(Instant since, String why) {}

    private FlagsmithFlags(FlagsmithSettings settings, FlagKeys keys, ModelVersion defaultVersion, Clock clock)
            throws FlagsUnavailableException {
        this.source = "Flagsmith at " + settings.place();
        this.keys = keys;
        this.defaultVersion = defaultVersion;
        this.documents = new DocumentSource(settings);
        this.fetchLimit = fetchLimit(settings.pollInterval());
        this.clock = clock;
        this.backup = settings.backup().map(kept -> new BackupFile("flags.flagsmith.backup-file", kept));
        this.fresh = clock.instant();
        try {
            this.state = first(settings);
        } catch (FlagsUnavailableException | RuntimeException e) {
            backup.ifPresent(BackupFile::close);
            throw e;
        }
        this.poller = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "flags-flagsmith");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Connects and waits until the flags are known.
     *
     * @throws FlagsUnavailableException naming the server, what is missing and what would be right
     */
    public static FlagsmithFlags open(
            FlagsmithSettings settings, FlagKeys keys, ModelVersion defaultVersion, Clock clock)
            throws FlagsUnavailableException {
        FlagsmithFlags opened = new FlagsmithFlags(settings, keys, defaultVersion, clock);
        long interval = settings.pollInterval().toNanos();
        Future<?> unused = opened.poller.scheduleWithFixedDelay(opened::look, interval, interval, TimeUnit.NANOSECONDS);
        return opened;
    }

    @Override
    public Routing route(String entityId, Map<String, String> attributes) {
        Answer answer = state.answer(entityId, attributes);
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
        return Set.of();
    }

    @Override
    public FlagHealth health() {
        Stale now = stale;
        FlagState flags = state;
        return now == null
                ? new FlagHealth(
                        source,
                        Optional.empty(),
                        backup.flatMap(BackupFile::problem)
                                .or(() -> flags.known().problem())
                                .or(flags::redrawn),
                        unusableAnswers.sum())
                : new FlagHealth(
                        source,
                        Optional.of(now.since),
                        Optional.of(
                                source + ": no fresh flags (" + now.why + "); the flags received before stay in force"),
                        unusableAnswers.sum());
    }

    @Override
    public void onChange(Runnable listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        poller.shutdownNow();
        backup.ifPresent(BackupFile::close);
    }

    private FlagState first(FlagsmithSettings settings) throws FlagsUnavailableException {
        long deadline = System.nanoTime() + settings.startTimeout().toNanos();
        String failure = "";
        List<String> missing = List.of();
        try {
            do {
                try {
                    Instant asked = clock.instant();
                    ObjectNode sent = documents.fetch(until(deadline));
                    FlagState first = state(sent, null);
                    missing = first.known().missing();
                    if (missing.isEmpty()) {
                        fresh = asked;
                        keep(sent);
                        return first;
                    }
                } catch (NoDocumentException e) {
                    if (e.isLasting()) {
                        throw new FlagsUnavailableException(source + " cannot be used: " + e.why() + ", " + remedy(e));
                    }
                    failure = e.why();
                }
            } while (isTimeForAnother(deadline));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new FlagsUnavailableException("Waiting for the flags of " + source + " was interrupted", e);
        }
        if (missing.isEmpty()) {
            return kept(failure, settings);
        }
        throw new FlagsUnavailableException(source + " has no flag " + String.join(", ", missing)
                + " in the environment of this key: create " + (missing.size() == 1 ? "it" : "them")
                + " with names of versions as values (or, in place of " + keys.candidates() + ", flags "
                + keys.shadowPrefix() + "<version>), or name other keys under flags.keys");
    }

    /** The flags that were kept, where a start without the server may go on with them. */
    private FlagState kept(String failure, FlagsmithSettings settings) throws FlagsUnavailableException {
        if (backup.isPresent()) {
            Optional<BackupFile.Kept> kept = backup.get().forStart();
            if (kept.isPresent()) {
                try {
                    FlagState first = state(DocumentSource.read(kept.get().document()), null);
                    if (first.known().missing().isEmpty()) {
                        fresh = kept.get().at();
                        report(failure);
                        return first;
                    }
                } catch (NoDocumentException e) {
                    throw backup.get().unusable(e.why(), e);
                }
            }
        }
        throw FlagsUnavailableException.unreached(
                source,
                "sent no flags within " + DurationText.format(settings.startTimeout()) + " (" + failure
                        + "): check flags.flagsmith.base-uri and the network, or raise flags.startup-timeout"
                        + backup.map(BackupFile::nothingToGoOnWith).orElse(""));
    }

    /** A file that cannot be written is refused at the start. */
    private void keep(ObjectNode sent) throws FlagsUnavailableException {
        if (backup.isPresent()) {
            backup.get().keep(sent.toString());
            backup.get().requireKept();
        }
    }

    /** Waits a little before. A question in the very last moment would have only its haste to tell of. */
    private static boolean isTimeForAnother(long deadline) throws InterruptedException {
        if (until(deadline).compareTo(START_PAUSE.multipliedBy(2)) < 0) {
            return false;
        }
        TimeUnit.NANOSECONDS.sleep(START_PAUSE.toNanos());
        return true;
    }

    private static Duration until(long deadline) {
        return Duration.ofNanos(deadline - System.nanoTime());
    }

    /** Three polls, so that a server that falls silent is noticed soon, within reason. */
    private static Duration fetchLimit(Duration pollInterval) {
        Duration three = pollInterval.multipliedBy(3);
        Duration atLeast = three.compareTo(SHORTEST_FETCH) < 0 ? SHORTEST_FETCH : three;
        return atLeast.compareTo(LONGEST_FETCH) > 0 ? LONGEST_FETCH : atLeast;
    }

    private static String remedy(NoDocumentException refusal) {
        return refusal.isRefused()
                ? "the key was refused; set flags.flagsmith.environment-key-file to a server-side key of the environment,"
                        + " and see that its organisation may serve flags"
                : "check that flags.flagsmith.base-uri is the API of a Flagsmith, e.g. http://flagsmith:8000/api/v1/";
    }

    private FlagState state(ObjectNode sent, @Nullable FlagState before) throws NoDocumentException {
        return new FlagState(FlagDocument.of(sent, keys), keys, defaultVersion, before);
    }

    /** One look; an exception from here would end the polling without a word. */
    private void look() {
        Instant asked = clock.instant();
        try {
            ObjectNode sent = documents.fetch(fetchLimit);
            FlagDocument document = FlagDocument.of(sent, keys);
            if (!document.equals(state.document())) {
                take(new FlagState(document, keys, defaultVersion, state));
                backup.ifPresent(file -> file.keep(sent.toString()));
            }
            fresh = asked;
            if (stale != null) {
                stale = null;
                LOG.info("Flags are fresh again, source={}", source);
            }
        } catch (NoDocumentException e) {
            report(e.why());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // we are being closed
        } catch (RuntimeException | Error e) {
            report("they could not be taken over, " + e.getClass().getSimpleName());
        }
    }

    private void take(FlagState next) {
        next.redrawn().ifPresent(what -> LOG.warn("Rollout drawn anew, source={} problem={}", source, what));
        state = next;
        LOG.info("Flags changed, source={}", source);
        listeners.tell();
    }

    private void report(String why) {
        if (stale == null) {
            LOG.warn("No fresh flags, source={} problem={}", source, why);
        }
        stale = new Stale(fresh, why);
    }
}
