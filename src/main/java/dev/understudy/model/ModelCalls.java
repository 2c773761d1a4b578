package dev.understudy.model;

import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.VersionAnswer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/** Scores batches so that what a row gets does not depend on the rows beside it. */
public final class ModelCalls {
    private ModelCalls() {}

    /**
     * Scores the rows in one call, and rows that fail with their call again as {@link #isolating} says.
     *
     * @return one answer for each row, in order, with the duration and rows of the call that gave it
     */
    public static List<VersionAnswer> score(BatchScorer scorer, List<? extends Features> rows) {
        return answers(scorer, rows, call(scorer, rows));
    }

    /** What {@link #score} gives where its first call was already made. */
    public static List<VersionAnswer> answers(BatchScorer scorer, List<? extends Features> rows, ScoredBatch made) {
        return isolating(
                rows,
                answers(scorer, made),
                part -> answers(scorer, call(scorer, part)),
                answer -> isModelFailure(answer.result()));
    }

    /**
     * One call and nothing else. Scorers promise not to throw; one that does is a failed call, not a failed pipeline
     * stage.
     */
    public static ScoredBatch call(BatchScorer scorer, List<? extends Features> rows) {
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

    /**
     * Makes the call; rows that fail because the call failed are tried again, by halves until each is alone, so that a
     * row that breaks the model fails alone: for one such row among n that is about 2 log2(n) further calls.
     *
     * @param call gives one answer for each row, in order
     * @param failed whether an answer says that the call failed, rather than the row
     */
    public static <A> List<A> isolating(
            List<? extends Features> rows, Function<List<? extends Features>, List<A>> call, Predicate<A> failed) {
        return isolating(rows, call.apply(rows), call, failed);
    }

    private static <A> List<A> isolating(
            List<? extends Features> rows,
            List<A> made,
            Function<List<? extends Features>, List<A>> call,
            Predicate<A> failed) {
        List<Integer> broken = new ArrayList<>();
        for (int row = 0; row < made.size(); row++) {
            if (failed.test(made.get(row))) {
                broken.add(row);
            }
        }
        if (rows.size() <= 1 || broken.isEmpty()) {
            return made;
        }
        List<A> answers = new ArrayList<>(made);
        int half = broken.size() == rows.size() ? rows.size() / 2 : broken.size();
        for (List<Integer> chosen : List.of(broken.subList(0, half), broken.subList(half, broken.size()))) {
            if (!chosen.isEmpty()) {
                List<A> again = isolating(chosen.stream().map(rows::get).toList(), call, failed);
                for (int i = 0; i < chosen.size(); i++) {
                    answers.set(chosen.get(i), again.get(i));
                }
            }
        }
        return answers;
    }

    private static List<VersionAnswer> answers(BatchScorer scorer, ScoredBatch batch) {
        List<VersionAnswer> answers = new ArrayList<>(batch.results().size());
        for (RowResult result : batch.results()) {
            answers.add(new VersionAnswer(scorer.version(), result, batch.nanos(), batch.rows()));
        }
        return answers;
    }

    /** Whether the model call failed, rather than the row. */
    public static boolean isModelFailure(RowResult result) {
        return result instanceof RowResult.Failed failed && failed.code().equals(RowResult.Failed.MODEL_FAILED);
    }
}
