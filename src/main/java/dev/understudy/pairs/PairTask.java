package dev.understudy.pairs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Task;
import dev.understudy.rows.JsonLines;
import dev.understudy.rows.RowsException;
import java.util.List;

/** Finds out which task pairs belong to, from what their sides hold. */
final class PairTask {
    private PairTask() {}

    /**
     * Multiclass where a side names a class other than 0 and 1, else binary.
     *
     * @throws RowsException if scores are no probabilities: then only people know whether they are values
     */
    static Task of(List<JsonLines.Line> lines) throws RowsException {
        Task task = Task.BINARY;
        String value = null;
        for (JsonLines.Line line : lines) {
            JsonNode row = line.object();
            if (row == null) {
                continue;
            }
            for (String name : List.of("production", "candidate")) {
                JsonNode side = row.path(name);
                JsonNode score = side.path("score");
                if (value == null && score.isNumber() && !(score.doubleValue() >= 0 && score.doubleValue() <= 1)) {
                    value = "line " + line.number() + ": \"" + name + ".score\" is " + score;
                }
                if (namesAnotherClass(side)) {
                    task = Task.MULTICLASS;
                }
            }
        }
        if (task == Task.BINARY && value != null) {
            throw new RowsException(value + ", not between 0 and 1, so this is no binary classification; say"
                    + " --task regression if they are values, or --task binary to leave the others out");
        }
        return task;
    }

    private static boolean namesAnotherClass(JsonNode side) {
        JsonNode label = side.path("label");
        if (label.isValueNode()
                && !label.isNull()
                && BinaryClasses.name(label.asText()).isEmpty()) {
            return true;
        }
        for (var names = side.path("probabilities").fieldNames(); names.hasNext(); ) {
            if (BinaryClasses.name(names.next()).isEmpty()) {
                return true;
            }
        }
        return false;
    }
}
