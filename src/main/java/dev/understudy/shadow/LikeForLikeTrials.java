package dev.understudy.shadow;

import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.RowResult;
import dev.understudy.model.BatchScorer;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ScoredBatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Calls production and the candidate on the same rows, in turn, on the same thread.
 *
 * <p>The first call of a version on some rows takes a multiple of the next one: code, weights and rows are out of the
 * caches, and for trees on a single row every further call is faster still, since the processor learns their branches. So a
 * trial has three rounds, and each calls both versions: the first is not timed, one of the others is the trial, and
 * production's call in the remaining one is production once more. The trial and that call change places, as do the two
 * versions within a round, so that over four trials of a target both versions have been called equally often before, by
 * each other, in each place. A batch has one trial at most, for the next one of the same batch would find production warm
 * and its candidate cold. Used by all stream threads at once.
 */
final class LikeForLikeTrials {
    private final double share;
    private final SplittableRandom random;
    private final Map<ForkTarget, AtomicInteger> trials = new ConcurrentHashMap<>();

    /**
     * The calls of a trial; no row that failed with one of them was tried again.
     *
     * @param first not timed; gives what an ordinary call of the batch would have given
     */
    record Trial(Round first, Round timed, Round again) {
        BatchTimes times() {
            return new BatchTimes(
                    timed.production().results().size(),
                    timed.production().nanos(),
                    timed.candidate().nanos(),
                    again.production().nanos(),
                    Stream.of(first, timed, again).map(Round::production).anyMatch(Trial::failed),
                    Stream.of(first, timed, again).map(Round::candidate).anyMatch(Trial::failed));
        }

        private static boolean failed(ScoredBatch batch) {
            return batch.results().stream()
                    .anyMatch(result -> ModelCalls.isModelFailure(result)
                            || (result instanceof RowResult.Failed failed
                                    && failed.code().equals(RowResult.Failed.TIMED_OUT)));
        }
    }

    /** One call of each version. */
    record Round(ScoredBatch production, ScoredBatch candidate) {}

    /** @param share of the batches that have a trial of a target, 0 to 1; where there are several, at most one of each n */
    LikeForLikeTrials(double share, long seed) {
        this.share = share;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Draws which target of a batch is to be tried, whatever is in it.
     *
     * @param targets of the batch, in any order
     * @return each with the same probability, or none
     */
    <T> Optional<T> draw(List<T> targets) {
        double drawn;
        synchronized (random) {
            drawn = random.nextDouble();
        }
        double each = Math.min(share, 1.0 / targets.size());
        return drawn < each * targets.size()
                ? Optional.of(targets.get(Math.min((int) (drawn / each), targets.size() - 1)))
                : Optional.empty();
    }

    /** @param rows that fit both versions, so that all calls have the same */
    Trial run(ForkTarget target, BatchScorer production, BatchScorer candidate, List<? extends Features> rows) {
        int number =
                trials.computeIfAbsent(target, first -> new AtomicInteger()).getAndIncrement();
        boolean productionFirst = (number & 1) == 0;
        Round first = round(productionFirst, production, candidate, rows);
        Round second = round(productionFirst, production, candidate, rows);
        Round third = round(productionFirst, production, candidate, rows);
        return (number & 2) == 0 ? new Trial(first, second, third) : new Trial(first, third, second);
    }

    private static Round round(
            boolean productionFirst, BatchScorer production, BatchScorer candidate, List<? extends Features> rows) {
        if (productionFirst) {
            ScoredBatch ofProduction = ModelCalls.call(production, rows);
            return new Round(ofProduction, ModelCalls.call(candidate, rows));
        }
        ScoredBatch ofCandidate = ModelCalls.call(candidate, rows);
        return new Round(ModelCalls.call(production, rows), ofCandidate);
    }
}
