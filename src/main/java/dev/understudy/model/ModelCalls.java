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
     * Scores the rows in one call. Rows that fail because the call failed are tried again, by halves until each is
     * alone, so that a row that breaks the model fails alone: for one such row among n that is about 2 log2(n) further
     * calls.
     *
     * @return one answer for each row, in order, with the duration and rows of the call that gave it
     */
    public static List<VersionAnswer> score(BatchScorer scorer, List<? extends Features> rows) {
        ScoredBatch batch = call(scorer, rows);
        List<VersionAnswer> answers = new ArrayList<>(rows.size());
        List<Integer> broken = new ArrayList<>();
        for (int row = 0; row < rows.size(); row++) {
            RowResult result = batch.results().get(row);
            answers.add(new VersionAnswer(scorer.version(), result, batch.nanos(), batch.rows()));
            if (isModelFailure(result)) {
                broken.add(row);
            }
        }
        if (rows.size() > 1 && !broken.isEmpty()) {
            int half = broken.size() == rows.size() ? rows.size() / 2 : broken.size();
            scoreAgain(scorer, rows, broken.subList(0, half), answers);
            scoreAgain(scorer, rows, broken.subList(half, broken.size()), answers);
        }
        return answers;
    }

    private static void scoreAgain(
            BatchScorer scorer, List<? extends Features> rows, List<Integer> chosen, List<VersionAnswer> answers) {
        if (chosen.isEmpty()) {
            return;
        }
        List<VersionAnswer> again = score(scorer, chosen.stream().map(rows::get).toList());
        for (int i = 0; i < chosen.size(); i++) {
            answers.set(chosen.get(i), again.get(i));
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

    /** Whether the model call failed, rather than the row. */
    public static boolean isModelFailure(RowResult result) {
        return result instanceof RowResult.Failed failed && failed.code().equals(RowResult.Failed.MODEL_FAILED);
    }
}
