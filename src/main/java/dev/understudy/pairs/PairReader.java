package dev.understudy.pairs;

import dev.understudy.domain.Task;
import dev.understudy.rows.JsonFields.BadFieldException;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.RowsException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads a file of pairs row by row. What cannot be used is a {@link Row} with a problem and not the end. */
public final class PairReader {
    /** So many rows say which task it is; they are held until the first is given. */
    private static final int AHEAD = 1_000;

    private final JsonLines lines;
    private final Deque<JsonLines.Line> ahead = new ArrayDeque<>();
    private final Task task;
    private final PairParser parser;

    /**
     * A row.
     *
     * @param line its number, from 1
     * @param pair null where there is a problem
     * @param problem for people; empty where there is none
     */
    public record Row(long line, @Nullable LoggedPair pair, String problem) {}

    /**
     * Begins to read.
     *
     * @param task empty to find out from the first thousand rows
     * @param threshold a binary score at or above it means class 1, where a side has no label
     * @throws RowsException if the rows do not say which task it is
     */
    public PairReader(JsonLines lines, Optional<Task> task, double threshold) throws RowsException {
        this.lines = lines;
        if (task.isEmpty()) {
            for (JsonLines.Line line = lines.next(); line != null; line = lines.next()) {
                ahead.add(line);
                if (ahead.size() == AHEAD) {
                    break;
                }
            }
        }
        this.task = task.isPresent() ? task.get() : PairTask.of(List.copyOf(ahead));
        this.parser = new PairParser(this.task, threshold);
    }

    /** Which task the pairs belong to. */
    public Task task() {
        return task;
    }

    /** Whether the pairs given so far say when they were. */
    public boolean isTimed() {
        return parser.isTimed();
    }

    /** The next row that is not blank, or null after the last. */
    public @Nullable Row next() throws RowsException {
        JsonLines.Line line = ahead.isEmpty() ? lines.next() : ahead.poll();
        if (line == null) {
            return null;
        }
        if (line.object() == null) {
            return new Row(line.number(), null, line.problem());
        }
        try {
            return new Row(line.number(), parser.parse(line.object(), line.number()), "");
        } catch (BadFieldException e) {
            return new Row(line.number(), null, String.valueOf(e.getMessage()));
        }
    }
}
