package dev.understudy.shadow;

import dev.understudy.domain.DurationText;
import dev.understudy.domain.Features;
import dev.understudy.domain.ModelVersion;
import dev.understudy.domain.RowResult;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ModelSignature;
import dev.understudy.model.ScoredBatch;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;

/**
 * A version on one batch: its calls are marked, watched, and have a time limit together. What goes beyond the limit is
 * {@code TIMED_OUT}, whatever was answered; after it no call is made any more. Used by one thread.
 */
final class GuardedScorer implements BatchScorer, LikeForLikeTrials.Calls {
    private final BatchScorer scorer;
    private final CallGuard guard;
    private final Duration limit;
    private long usedNanos;
    private int mostRows;
    private boolean answered;
    private boolean failed;

    GuardedScorer(BatchScorer scorer, CallGuard guard, Duration limit) {
        this.scorer = scorer;
        this.guard = guard;
        this.limit = limit;
    }

    @Override
    public ScoredBatch score(List<? extends Features> rows) {
        mostRows = Math.max(mostRows, rows.size());
        if (isOver()) {
            return notCalled(rows);
        }
        Thread caller = Thread.currentThread();
        ScoredBatch made =
                guard.call(scorer.version(), rows.size(), usedNanos, () -> scorer.endCallOf(caller), () -> timed(rows));
        if (isOver()) {
            return new ScoredBatch(
                    made.results().stream()
                            .map(result -> result instanceof RowResult.Scored || ModelCalls.isModelFailure(result)
                                    ? timedOut()
                                    : result)
                            .toList(),
                    made.nanos(),
                    made.rows());
        }
        for (RowResult result : made.results()) {
            answered |= result instanceof RowResult.Scored;
            failed |= ModelCalls.isModelFailure(result);
        }
        return made;
    }

    private ScoredBatch notCalled(List<? extends Features> rows) {
        return new ScoredBatch(rows.stream().map(row -> timedOut()).toList(), 0, 0);
    }

    @Override
    public ScoredBatch first(List<? extends Features> rows) {
        return ModelCalls.call(this, rows);
    }

    /** Has the time limit to itself and no part in what came of the batch: a version is not to fail by being measured. */
    @Override
    public ScoredBatch again(List<? extends Features> rows) {
        return isOver() ? notCalled(rows) : new GuardedScorer(scorer, guard, limit).first(rows);
    }

    /** Waiting for its turn is not the version's time. */
    private ScoredBatch timed(List<? extends Features> rows) {
        long start = System.nanoTime();
        try {
            return ModelCalls.call(scorer, rows);
        } finally {
            usedNanos += System.nanoTime() - start;
        }
    }

    /** What came of it. */
    Quarantine.Outcome outcome() {
        if (isOver()) {
            return Quarantine.Outcome.TIMED_OUT;
        }
        if (answered) {
            return Quarantine.Outcome.ANSWERED;
        }
        return failed ? Quarantine.Outcome.FAILED : Quarantine.Outcome.NOT_CALLED;
    }

    /** Rows that it was asked for. */
    int rows() {
        return mostRows;
    }

    private boolean isOver() {
        return usedNanos > limit.toNanos();
    }

    private RowResult timedOut() {
        return new RowResult.Failed(
                RowResult.Failed.TIMED_OUT,
                "version " + scorer.version() + " took longer for a batch than shadow.time-limit="
                        + DurationText.format(limit));
    }

    @Override
    public ModelVersion version() {
        return scorer.version();
    }

    @Override
    public String sha256() {
        return scorer.sha256();
    }

    @Override
    public ModelSignature signature() {
        return scorer.signature();
    }

    @Override
    public BitSet fitting(List<? extends Features> rows) {
        return scorer.fitting(rows);
    }

    @Override
    public void endCallOf(Thread caller) {
        scorer.endCallOf(caller);
    }

    /** The version itself lives on. */
    @Override
    public void close() {}
}
