package dev.understudy.shadow;

import dev.understudy.domain.Features;
import dev.understudy.domain.ForkTarget;
import dev.understudy.domain.RowResult;
import dev.understudy.model.ModelCalls;
import dev.understudy.model.ScoredBatch;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Calls production and the candidate on the same rows, on the same thread, each several times in a row.
 *
 * <p>The first call of a version on some rows takes a multiple of the next one: code, weights and rows are out of the
 * caches. For large trees on a single row the second still depends on how long ago the version was called before, since the
 * processor learns their branches, and production is called here for trials alone. So a version is called until it has
 * scored {@value #ROWS_TO_GET_WARM} rows, and then twice more: one of these is the trial, and production's other one is
 * production once more. Nothing comes between a version's calls that would take the caches away. Which version is called
 * first, and which of its two calls is the trial, change from trial to trial: over four of a target both versions have
 * stood in each place equally often. A batch has one trial at most, for the next one of the same batch would find production
 * warm and its candidate cold. Used by all stream threads at once.
 */
final class LikeForLikeTrials {
    /** By measurement: single rows of a model of 1.5 MB are alike after eight calls, batches of 16 after one. */
    static final int ROWS_TO_GET_WARM = 8;

    /** A call that takes longer is not repeated to get warm: a trial is to take three times the calls' limit at most. */
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final double share;
    private final SplittableRandom random;
    private final Map<ForkTarget, AtomicInteger> trials = new ConcurrentHashMap<>();

    /** A version, as a trial calls it. */
    interface Calls {
        /** What any batch asks of it: its answers are the batch's. */
        ScoredBatch first(List<? extends Features> rows);

        /** One more call, to be timed. */
        ScoredBatch again(List<? extends Features> rows);
    }

    /** The calls of a trial; no row that failed with one of them was tried again. */
    record Trial(Run production, Run candidate) {
        BatchTimes times() {
            return new BatchTimes(
                    production.timed().results().size(),
                    production.timed().nanos(),
                    candidate.timed().nanos(),
                    production.other().nanos(),
                    production.failed(),
                    candidate.failed());
        }
    }

    /**
     * The calls of one version, in a row. A call that timed out is the last one, and stands for those that were not made.
     *
     * @param first not timed
     * @param timed one of the last two, as {@code other}
     */
    record Run(ScoredBatch first, ScoredBatch timed, ScoredBatch other) {
        /** Whether one of the last two failed as a whole: of those that only make warm there are more with fewer rows. */
        boolean failed() {
            return Stream.of(timed, other)
                    .flatMap(batch -> batch.results().stream())
                    .anyMatch(result -> ModelCalls.isModelFailure(result) || isTimeOut(result));
        }
    }

    /** @param share of the batches tried with each target, 0 to 1; never more than 1/n where a batch has n of them */
    LikeForLikeTrials(double share, long seed) {
        this.share = share;
        this.random = new SplittableRandom(seed);
    }

    /**
     * Draws which target of a batch is to be tried, whatever is in it. That of one whose versions cannot be called is lost, so
     * that the others are tried no more often than they would be.
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
    Trial run(ForkTarget target, Calls production, Calls candidate, List<? extends Features> rows) {
        int number =
                trials.computeIfAbsent(target, first -> new AtomicInteger()).getAndIncrement();
        boolean earlierIsTimed = (number & 2) == 0;
        if ((number & 1) == 0) {
            Run ofProduction = run(production, rows, earlierIsTimed);
            return new Trial(ofProduction, run(candidate, rows, earlierIsTimed));
        }
        Run ofCandidate = run(candidate, rows, earlierIsTimed);
        return new Trial(run(production, rows, earlierIsTimed), ofCandidate);
    }

    private static Run run(Calls version, List<? extends Features> rows, boolean earlierIsTimed) {
        ScoredBatch first = version.first(rows);
        ScoredBatch made = first;
        for (int scored = rows.size();
                scored < ROWS_TO_GET_WARM && made.nanos() < LONG_NANOS && !isTimedOut(made);
                scored += rows.size()) {
            made = version.again(rows);
        }
        if (isTimedOut(made)) {
            return new Run(first, made, made);
        }
        ScoredBatch earlier = version.again(rows);
        ScoredBatch later = isTimedOut(earlier) ? earlier : version.again(rows);
        return earlierIsTimed ? new Run(first, earlier, later) : new Run(first, later, earlier);
    }

    private static boolean isTimedOut(ScoredBatch batch) {
        return batch.results().stream().anyMatch(LikeForLikeTrials::isTimeOut);
    }

    private static boolean isTimeOut(RowResult result) {
        return result instanceof RowResult.Failed failed && failed.code().equals(RowResult.Failed.TIMED_OUT);
    }
}
