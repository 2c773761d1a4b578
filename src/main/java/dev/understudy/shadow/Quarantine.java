package dev.understudy.shadow;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.ModelVersion;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps versions that do harm from being called, as a circuit breaker does: a version that fails or times out again and
 * again, that hangs, or during whose calls the process dies again, is not called for a while and then tried once more. Each
 * time in a row lasts twice as long as the one before. Survives the process. Used by all stream threads at once.
 */
final class Quarantine {
    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

    static final Duration LONGEST = Duration.ofHours(1);
    /** Deaths further apart than this are taken for accidents. */
    static final Duration DEATHS_WITHIN = Duration.ofMinutes(10);
    /** Batches in a row without any answer. */
    static final int BATCHES = 3;
    /** Rows in them: a few requests that a candidate cannot answer are no reason when traffic is low. */
    static final int ROWS = 30;

    private final QuarantineFile file;
    private final Duration first;
    private final InstantSource clock;
    private final Map<ModelVersion, State> states = new LinkedHashMap<>();

    /** What came of the calls of a version on one batch. */
    enum Outcome {
        /** No call was made, or none of the rows fitted the version. */
        NOT_CALLED,
        /** At least one row was answered. */
        ANSWERED,
        FAILED,
        TIMED_OUT
    }

    private static final class State {
        QuarantineEntry entry;
        /** The thread whose batch tries the version at the end of its quarantine. */
        @Nullable
        Thread triedBy;

        int batchesInARow;
        int rowsInARow;
        int timeOutsInARow;

        State(QuarantineEntry entry) {
            this.entry = entry;
        }
    }

    /**
     * Goes on with what the file says.
     *
     * @param first how long the first quarantine of a version lasts: {@code shadow.quarantine}
     */
    Quarantine(QuarantineFile file, Duration first, InstantSource clock) {
        this.file = file;
        this.first = first;
        this.clock = clock;
        for (QuarantineEntry entry : file.read()) {
            Instant died = entry.lastDeath();
            // A clock that was wrong when it was written must not make the next death the second.
            states.put(
                    entry.version(),
                    new State(died != null && died.isAfter(clock.instant()) ? entry.withoutDeath() : entry));
        }
    }

    /**
     * Why the version must not be called now; empty when it may be, and then {@link #report} has to follow. At the end of
     * a quarantine one batch tries it, while others still wait.
     */
    synchronized Optional<String> refusal(ModelVersion version) {
        State state = states.get(version);
        if (state == null || !state.entry.shut()) {
            return Optional.empty();
        }
        if (state.triedBy == null && !clock.instant().isBefore(until(state))) {
            state.triedBy = Thread.currentThread();
            return Optional.empty();
        }
        return Optional.of(
                "version " + version + " is in quarantine until " + until(state) + ": " + state.entry.reason());
    }

    /**
     * Whether the process may have died during a call of the version a short while ago, or died and the version is tried
     * again: then it must be called alone, so that the next death says whose it was.
     */
    synchronized boolean isSuspect(ModelVersion version) {
        State state = states.get(version);
        if (state == null) {
            return false;
        }
        Instant died = state.entry.lastDeath();
        return died != null && (state.entry.shut() || clock.instant().isBefore(died.plus(DEATHS_WITHIN)));
    }

    /**
     * Says what came of a batch on which the version was allowed, on the thread that asked. What comes of a batch that
     * began before the quarantine changes nothing.
     */
    synchronized void report(ModelVersion version, Outcome outcome, int rows) {
        State state = states.get(version);
        if (state == null && outcome != Outcome.FAILED && outcome != Outcome.TIMED_OUT) {
            return;
        }
        State known = state(version);
        if (known.entry.shut() && known.triedBy != Thread.currentThread()) {
            return;
        }
        switch (outcome) {
            case NOT_CALLED -> known.triedBy = null;
            case ANSWERED -> answered(known);
            case FAILED, TIMED_OUT -> unanswered(known, outcome, rows);
        }
    }

    /** The version hangs, and the process is about to be halted. */
    synchronized void hung(ModelVersion version, Duration age) {
        shut(state(version), "a call hung for " + DurationText.format(age.truncatedTo(ChronoUnit.SECONDS)));
    }

    /** The process before this one died while it was calling the version. */
    synchronized void died(ModelVersion version) {
        State state = state(version);
        Instant now = clock.instant();
        Instant before = state.entry.lastDeath();
        boolean again = before != null && now.isBefore(before.plus(DEATHS_WITHIN));
        state.entry = state.entry.died(now);
        if (again || state.entry.shut()) {
            shut(state, "the shadow process died again while it was being called");
        } else {
            LOG.warn("stage=shadow model={} was being called when the shadow process died", version);
            save();
        }
    }

    private void answered(State state) {
        state.batchesInARow = 0;
        state.rowsInARow = 0;
        state.timeOutsInARow = 0;
        if (state.triedBy != null) {
            state.triedBy = null;
            state.entry = state.entry.released(clock.instant());
            LOG.info("stage=shadow model={} answers again and is released from quarantine", state.entry.version());
            save();
        }
    }

    private void unanswered(State state, Outcome outcome, int rows) {
        state.batchesInARow++;
        state.rowsInARow += rows;
        state.timeOutsInARow = outcome == Outcome.TIMED_OUT ? state.timeOutsInARow + 1 : 0;
        boolean often = state.batchesInARow >= BATCHES && state.rowsInARow >= ROWS;
        if (state.triedBy != null || often || state.timeOutsInARow >= BATCHES) {
            shut(
                    state,
                    outcome == Outcome.TIMED_OUT
                            ? "batch after batch took longer than shadow.time-limit"
                            : "batch after batch failed");
        }
    }

    private void shut(State state, String reason) {
        Instant now = clock.instant();
        QuarantineEntry entry = state.entry;
        // Since it was released it has to have been well for as long as it had been away.
        Instant before = entry.until();
        boolean again =
                entry.shut() || (before != null && now.isBefore(before.plus(length(Math.max(1, entry.times())))));
        int times = again ? entry.times() + 1 : 1;
        Duration length = length(times);
        state.entry = entry.shutUntil(now.plus(length), times, reason);
        state.triedBy = null;
        state.batchesInARow = 0;
        state.rowsInARow = 0;
        state.timeOutsInARow = 0;
        LOG.warn(
                "stage=shadow model={} is in quarantine for {} (time {} in a row): {}",
                entry.version(),
                DurationText.format(length),
                times,
                reason);
        save();
    }

    /** Of the n-th quarantine in a row. */
    private Duration length(int times) {
        Duration length = first;
        for (int i = 1; i < times && length.compareTo(LONGEST) < 0; i++) {
            length = length.multipliedBy(2);
        }
        return length.compareTo(LONGEST) < 0 || first.compareTo(LONGEST) > 0 ? length : LONGEST;
    }

    /** Never further away than a quarantine lasts, which only a clock that was wrong can have made it. */
    private Instant until(State state) {
        Instant until = state.entry.until();
        if (until == null) {
            return Instant.MIN;
        }
        int times = Math.max(1, state.entry.times());
        Instant latest = clock.instant().plus(length(times));
        if (until.isAfter(latest)) {
            state.entry = state.entry.shutUntil(latest, times, state.entry.reason());
            return latest;
        }
        return until;
    }

    private State state(ModelVersion version) {
        return states.computeIfAbsent(version, unknown -> new State(QuarantineEntry.none(unknown)));
    }

    /** What cannot be written still holds for this process; a full disk is no candidate's fault. */
    private void save() {
        try {
            file.write(states.values().stream().map(state -> state.entry).toList());
        } catch (UncheckedIOException e) {
            LOG.error("stage=shadow the quarantine is known to this process only: {}", e.getMessage(), e);
        }
    }
}
