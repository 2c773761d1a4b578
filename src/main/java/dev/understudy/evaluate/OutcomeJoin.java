package dev.understudy.evaluate;

import dev.understudy.avro.Outcome;
import dev.understudy.evaluate.JoinRow.Known;
import dev.understudy.evaluate.JoinRow.Side;
import dev.understudy.evaluate.JoinRow.State;
import dev.understudy.evidence.Truth;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.jspecify.annotations.Nullable;

/**
 * Joins comparisons with outcomes of the same entity and request id, whichever comes first. A row is let go once nothing
 * can be joined with it any more; {@link #sweep} finds such rows little by little.
 *
 * <p>What is joined and how it is counted depends on the times in the records, not on which topic was read first.
 */
final class OutcomeJoin {
    private static final String COUNTS = "outcomes";

    /** A label is a class name; what is longer is something else. */
    private static final int LONGEST_LABEL = 1_000;

    private static final long LEAST_LOOKS = 100;

    private static final OutcomeCounts TOO_LATE = new OutcomeCounts(0, 0, 0, 1, 0, 0, 0);
    private static final OutcomeCounts DUPLICATE = new OutcomeCounts(0, 0, 0, 0, 1, 0, 0);
    private static final OutcomeCounts CONFLICTING = new OutcomeCounts(0, 0, 0, 0, 0, 1, 0);
    private static final OutcomeCounts UNMATCHED = new OutcomeCounts(0, 0, 0, 0, 0, 0, 1);
    private static final OutcomeCounts NO_LONGER_UNMATCHED = new OutcomeCounts(0, 0, 0, 0, 0, 0, -1);

    private final KeyValueStore<String, byte[]> rows;
    private final InPlaceStore progress;
    private final Duration retention;
    private final Duration maturity;
    private final Taker taker;
    private OutcomeCounts counts;
    private @Nullable String sweptThrough;
    private long putSinceSweep;

    /** Where joined comparisons go. */
    @FunctionalInterface
    interface Taker {
        void joined(String entityId, Side side, Truth truth);
    }

    OutcomeJoin(
            KeyValueStore<String, byte[]> rows,
            InPlaceStore progress,
            EvaluateSettings.Outcomes settings,
            Taker taker) {
        this.rows = rows;
        this.progress = progress;
        this.retention = settings.retention();
        this.maturity = settings.maturity();
        this.taker = taker;
        byte[] known = progress.get(COUNTS);
        this.counts = known == null ? OutcomeCounts.NONE : OutcomeCounts.decode(ByteBuffer.wrap(known));
    }

    OutcomeCounts counts() {
        return counts;
    }

    /** Joins a comparison with the outcome of its request, or keeps it until that comes. */
    void add(String entityId, String requestId, Side side) {
        String key = key(entityId, requestId);
        JoinRow row = find(key);
        if (row == null) {
            put(key, new JoinRow(side.requestTimeMillis(), null, List.of(side)));
            return;
        }
        Known known = row.known();
        if (known == null) {
            List<Side> sides = new ArrayList<>(row.sides());
            sides.add(side);
            put(key, new JoinRow(row.timeMillis(), null, sides));
            return;
        }
        State state = join(entityId, List.of(side), known.truth(), known.observedAtMillis());
        if (known.state() == State.WAITING) {
            count(NO_LONGER_UNMATCHED);
            countJoined(state, side.requestTimeMillis(), known.observedAtMillis());
            put(
                    key,
                    new JoinRow(
                            row.timeMillis(), new Known(known.truth(), known.observedAtMillis(), state), List.of()));
        }
    }

    /**
     * Joins an outcome with the comparisons of its request that came, or keeps it until they come.
     *
     * @param readAtMillis how far event time has come; the time of the row if it is new
     * @throws IllegalArgumentException if the label is no class name
     */
    void add(Outcome outcome, long readAtMillis) {
        Truth truth = Observations.truth(outcome);
        if (truth.label() != null && truth.label().length() > LONGEST_LABEL) {
            throw new IllegalArgumentException("an outcome's label must have at most " + LONGEST_LABEL
                    + " characters, had " + truth.label().length());
        }
        long observedAt = outcome.getObservedAt();
        String key = key(outcome.getEntityId(), outcome.getRequestId());
        JoinRow row = find(key);
        if (row == null) {
            count(UNMATCHED);
            put(key, new JoinRow(readAtMillis, new Known(truth, observedAt, State.WAITING), List.of()));
            return;
        }
        Known known = row.known();
        if (known != null) {
            count(known.truth().equals(truth) ? DUPLICATE : CONFLICTING);
            return;
        }
        List<Side> sides = row.sides();
        State state = join(outcome.getEntityId(), sides, truth, observedAt);
        countJoined(state, sides.get(0).requestTimeMillis(), observedAt);
        put(key, new JoinRow(row.timeMillis(), new Known(truth, observedAt, state), List.of()));
    }

    /** @return what became of the outcome, as the first comparison of its request has it, whether it came before it or after */
    private State join(String entityId, List<Side> sides, Truth truth, long observedAtMillis) {
        for (Side side : sides) {
            if (!isTooLate(side, observedAtMillis)) {
                taker.joined(entityId, side, truth);
            }
        }
        return isTooLate(sides.get(0), observedAtMillis) ? State.TOO_LATE : State.JOINED;
    }

    private boolean isTooLate(Side side, long observedAtMillis) {
        return observedAtMillis - side.requestTimeMillis() > retention.toMillis();
    }

    private void countJoined(State state, long requestTimeMillis, long observedAtMillis) {
        if (state == State.TOO_LATE) {
            count(TOO_LATE);
            return;
        }
        boolean early = observedAtMillis < requestTimeMillis;
        boolean late = observedAtMillis - requestTimeMillis > maturity.toMillis();
        count(new OutcomeCounts(1, early ? 1 : 0, late ? 1 : 0, 0, 0, 0, 0));
    }

    private void count(OutcomeCounts more) {
        counts = counts.plus(more);
        progress.put(COUNTS, counts.encode());
    }

    /** Request ids are unique within an entity at most. */
    private static String key(String entityId, String requestId) {
        return entityId + "\n" + requestId;
    }

    private @Nullable JoinRow find(String key) {
        byte[] row = rows.get(key);
        return row == null ? null : JoinRow.decode(row);
    }

    private void put(String key, JoinRow row) {
        rows.put(key, row.encode());
        putSinceSweep++;
    }

    /**
     * Looks at further rows, twice as many as were put since the last time, and lets go of those that are older than two
     * retentions: within one an outcome may be observed, within the other it may be read. So each row is looked at in time
     * and no look takes long.
     *
     * @param readThroughMillis how far event time has come
     */
    void sweep(long readThroughMillis) {
        long oldest = readThroughMillis - retention.multipliedBy(2).toMillis();
        long looks = LEAST_LOOKS + 2 * putSinceSweep;
        putSinceSweep = 0;
        List<String> old = new ArrayList<>();
        String last = null;
        try (KeyValueIterator<String, byte[]> from = rows.range(sweptThrough, null)) {
            for (long look = 0; look < looks && from.hasNext(); look++) {
                KeyValue<String, byte[]> row = from.next();
                last = row.key;
                if (JoinRow.timeMillis(row.value) < oldest) {
                    old.add(row.key);
                }
            }
            sweptThrough = from.hasNext() ? last : null;
        }
        old.forEach(rows::delete);
    }
}
