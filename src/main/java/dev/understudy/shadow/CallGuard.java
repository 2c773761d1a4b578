package dev.understudy.shadow;

import dev.understudy.domain.ModelVersion;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.CallWatch;
import dev.understudy.model.LoadGuard;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between SHADOW and the native code of models: ends calls that take too long, halts the process when one does not
 * end, knows after the process died which version took it down, and keeps such versions in quarantine. Used by all stream
 * threads at once.
 */
public final class CallGuard implements LoadGuard, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallGuard.class);

    /** A process whose parent was killed holds its files until its life line ends it, which may wait for a call. */
    private static final Duration ORPHAN_LIMIT = Duration.ofSeconds(20);

    private final ShadowSettings settings;
    private final CallMarks marks;
    /** A version that is suspected of taking the process down is called while no other is. */
    private final ReadWriteLock turns = new ReentrantReadWriteLock();

    private final Quarantine quarantine;
    private final CallWatch watch;
    private final Runnable halt;

    private CallGuard(ShadowSettings settings, CallMarks marks, Quarantine quarantine, Runnable halt) {
        this.settings = settings;
        this.marks = marks;
        this.quarantine = quarantine;
        this.halt = halt;
        this.watch = new CallWatch(
                "call-guard",
                List.of(
                        new CallWatch.Limit("shadow.time-limit", settings.timeLimit(), CallWatch.Call::end),
                        new CallWatch.Limit("shadow.hang-limit", settings.hangLimit(), this::hangs)));
    }

    /**
     * Goes on where the process before this one ended.
     *
     * @param folder for what has to survive the process
     * @param halt ends the process without running shutdown hooks, which might wait for the call that hangs
     * @throws IllegalStateException if another process that runs has the folder, or what is in it cannot be understood
     */
    public static CallGuard open(Path folder, ShadowSettings settings, InstantSource clock, Runnable halt) {
        CallMarks marks = CallMarks.open(folder.resolve("calls-in-flight"), ORPHAN_LIMIT);
        Quarantine quarantine =
                new Quarantine(new QuarantineFile(folder.resolve(QuarantineFile.NAME)), settings.quarantine(), clock);
        marks.left().forEach(quarantine::died);
        marks.forgetLeft();
        return new CallGuard(settings, marks, quarantine, halt);
    }

    /** Why the version must not be called now; empty when it may be, and then {@link #report} has to follow. */
    Optional<String> refusal(ModelVersion version) {
        return quarantine.refusal(version);
    }

    /** A scorer for one batch: its calls on it have {@code shadow.time-limit} together. */
    GuardedScorer guard(BatchScorer scorer) {
        return new GuardedScorer(scorer, this, settings.timeLimit());
    }

    /** Says what came of the calls on a batch on which the version was not refused. */
    void report(ModelVersion version, Quarantine.Outcome outcome, int rows) {
        quarantine.report(version, outcome, rows);
    }

    @Override
    public void load(ModelVersion version, Runnable load) {
        // A load cannot be asked to end, and may take longer than a call.
        long spareNanos = settings.loadTimeout().toNanos();
        call(version, 0, -spareNanos, () -> {}, () -> {
            load.run();
            return version;
        });
    }

    /**
     * Makes a call on this thread, marked and watched.
     *
     * @param usedNanos of the version's time before this call
     * @param end asks it to end
     */
    <T> T call(ModelVersion version, int rows, long usedNanos, Runnable end, Supplier<T> work) {
        Lock turn = quarantine.isSuspect(version) ? turns.writeLock() : turns.readLock();
        turn.lock();
        try {
            CallMarks.Mark mark = marks.begin(version);
            try {
                T made = watch.watch(version, rows, System.nanoTime() - usedNanos, end, work);
                mark.end();
                return made;
            } catch (RuntimeException e) {
                mark.end();
                throw e;
            } catch (Error e) {
                // Such as a lack of memory; it ends the process, and then the mark says whose call it was.
                mark.keep();
                throw e;
            }
        } finally {
            turn.unlock();
        }
    }

    private void hangs(CallWatch.Call call) {
        try {
            quarantine.hung(call.version(), call.age());
            marks.clear();
            LOG.error(
                    "stage=shadow model={} rows={} thread={} call hangs since {}, limit shadow.hang-limit={}: halting the"
                            + " process for its supervisor to restart",
                    call.version(),
                    call.rows(),
                    call.thread(),
                    call.age(),
                    settings.hangLimit());
        } finally {
            halt.run();
        }
    }

    @Override
    public void close() {
        watch.close();
        marks.close();
    }
}
