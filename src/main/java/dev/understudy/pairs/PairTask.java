package dev.understudy.pairs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Task;
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
    static Task of(List<? extends JsonNode> rows) throws RowsException {
        Task task = Task.BINARY;
        boolean probabilities = true;
        for (JsonNode row : rows) {
            for (JsonNode side : List.of(row.path("production"), row.path("candidate"))) {
                JsonNode score = side.path("score");
                probabilities &= !score.isNumber() || (score.doubleValue() >= 0 && score.doubleValue() <= 1);
                if (namesAnotherClass(side)) {
                    task = Task.MULTICLASS;
                }
            }
        }
        if (task == Task.BINARY && !probabilities) {
            throw new RowsException("the scores are not all between 0 and 1, so this is no binary classification; say"
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
