package dev.understudy.shadow;

import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.RowResult;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ScoredBatch;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Calls production, the candidate and production once more on the same rows, one after the other on the same thread.
 *
 * <p>Whoever is called first finds the rows out of the caches and pays for it, so the three calls take all six orders in
 * turn: over six trials of a target each has stood twice in each place. Used by all stream threads at once.
 */
final class LikeForLikeTrials {
    private static final List<List<Call>> ORDERS = List.of(
            List.of(Call.PRODUCTION, Call.CANDIDATE, Call.PRODUCTION_AGAIN),
            List.of(Call.PRODUCTION_AGAIN, Call.PRODUCTION, Call.CANDIDATE),
            List.of(Call.CANDIDATE, Call.PRODUCTION_AGAIN, Call.PRODUCTION),
            List.of(Call.PRODUCTION_AGAIN, Call.CANDIDATE, Call.PRODUCTION),
            List.of(Call.PRODUCTION, Call.PRODUCTION_AGAIN, Call.CANDIDATE),
            List.of(Call.CANDIDATE, Call.PRODUCTION, Call.PRODUCTION_AGAIN));

    private final double share;
    private final SplittableRandom random;
    private final Map<ForkTarget, AtomicInteger> trials = new ConcurrentHashMap<>();

    private enum Call {
        PRODUCTION,
        CANDIDATE,
        PRODUCTION_AGAIN
    }

    /** The three calls; no row that failed with one of them was tried again. */
    record Trial(ScoredBatch production, ScoredBatch candidate, ScoredBatch productionAgain) {
        BatchTimes times() {
            return new BatchTimes(
                    production.results().size(),
                    production.nanos(),
                    candidate.nanos(),
                    productionAgain.nanos(),
                    failed(production) || failed(productionAgain),
                    failed(candidate));
        }

        private static boolean failed(ScoredBatch batch) {
            return batch.results().stream()
                    .anyMatch(result -> ModelCalls.isModelFailure(result)
                            || (result instanceof RowResult.Failed failed
                                    && failed.code().equals(RowResult.Failed.TIMED_OUT)));
        }
    }

    /** @param share of batches, 0 to 1 */
    LikeForLikeTrials(double share, long seed) {
        this.share = share;
        this.random = new SplittableRandom(seed);
    }

    /** Draws whether a batch is to be tried, whatever is in it. */
    boolean isDue() {
        synchronized (random) {
            return random.nextDouble() < share;
        }
    }

    /** @param rows that fit both versions, so that all calls have the same */
    Trial run(ForkTarget target, BatchScorer production, BatchScorer candidate, List<? extends Features> rows) {
        int number =
                trials.computeIfAbsent(target, first -> new AtomicInteger()).getAndIncrement();
        Map<Call, ScoredBatch> made = new EnumMap<>(Call.class);
        for (Call call : ORDERS.get(Math.floorMod(number, ORDERS.size()))) {
            made.put(call, ModelCalls.call(call == Call.CANDIDATE ? candidate : production, rows));
        }
        return new Trial(
                Objects.requireNonNull(made.get(Call.PRODUCTION)),
                Objects.requireNonNull(made.get(Call.CANDIDATE)),
                Objects.requireNonNull(made.get(Call.PRODUCTION_AGAIN)));
    }
}
