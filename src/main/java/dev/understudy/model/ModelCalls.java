package dev.understudy.model;

import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.ArrayList;
import java.util.List;

/** Scores batches so that what a row gets does not depend on the rows beside it. */
public final class ModelCalls {
    private ModelCalls() {}

    /**
     * Scores the rows in one call. If that call fails as a whole, each half is tried again, so that a row that breaks
     * the model fails alone: for one such row among n that is about 2 log2(n) further calls.
     *
     * @return one answer for each row, in order, with the duration and rows of the call that gave it
     */
    public static List<VersionAnswer> score(BatchScorer scorer, List<? extends Features> rows) {
        List<VersionAnswer> answers = new ArrayList<>(rows.size());
        score(scorer, rows, answers);
        return answers;
    }

    private static void score(BatchScorer scorer, List<? extends Features> rows, List<VersionAnswer> answers) {
        ScoredBatch batch = call(scorer, rows);
        if (rows.size() > 1 && failedAsAWhole(batch)) {
            int half = rows.size() / 2;
            score(scorer, rows.subList(0, half), answers);
            score(scorer, rows.subList(half, rows.size()), answers);
            return;
        }
        for (RowResult result : batch.results()) {
            answers.add(new VersionAnswer(scorer.version(), result, batch.nanos(), batch.rows()));
        }
    }

    /** Scorers promise not to throw; one that does is a failed call, not a failed pipeline stage. */
    private static ScoredBatch call(BatchScorer scorer, List<? extends Features> rows) {
        String problem;
        try {
            ScoredBatch batch = scorer.score(rows);
            if (batch.results().size() == rows.size()) {
                return batch;
            }
            problem = "gave " + batch.results().size() + " answers to " + rows.size() + " rows";
        } catch (RuntimeException e) {
            problem = "threw " + e.getClass().getName();
        }
        RowResult failed =
                new RowResult.Failed(RowResult.Failed.MODEL_FAILED, "version " + scorer.version() + " " + problem);
        return new ScoredBatch(rows.stream().map(row -> failed).toList(), 0, 0);
    }

    /** At least one row failed with the call, and none was scored: rows that do not fit the signature fail before. */
    private static boolean failedAsAWhole(ScoredBatch batch) {
        boolean failedWithCall = false;
        for (RowResult result : batch.results()) {
            if (result instanceof RowResult.Scored) {
                return false;
            }
            failedWithCall |= isModelFailure(result);
        }
        return failedWithCall;
    }

    /** Whether the model call failed, rather than the row. */
    public static boolean isModelFailure(RowResult result) {
        return result instanceof RowResult.Failed failed && failed.code().equals(RowResult.Failed.MODEL_FAILED);
    }
}
