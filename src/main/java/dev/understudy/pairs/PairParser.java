package dev.understudy.pairs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.understudy.domain.Task;
import dev.understudy.evidence.Answer;
import dev.understudy.evidence.Arm;
import dev.understudy.evidence.Truth;
import dev.understudy.rows.JsonFields;
import dev.understudy.rows.JsonFields.BadFieldException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the rows of a file of pairs, in their order. */
final class PairParser {
    private static final List<String> ROW_KEYS = List.of(
            "requestId", "entityId", "time", "attributes", "production", "candidate", "outcome", "batch", "served");
    private static final List<String> SIDE_KEYS =
            List.of("score", "label", "probabilities", "latencyNanos", "latencyMicros", "error");
    private static final List<String> OUTCOME_KEYS = List.of("label", "value", "businessValue");

    private final Task task;
    private final double threshold;
    private @Nullable Boolean timed;

    /** @param threshold a binary score at or above it is the positive label, where a side gives no label */
    PairParser(Task task, double threshold) {
        this.task = task;
        this.threshold = threshold;
    }

    /**
     * The row.
     *
     * @param line its number, which stands in for ids that it lacks
     */
    LoggedPair parse(JsonNode object, long line) throws BadFieldException {
        JsonFields row = new JsonFields(object, ROW_KEYS);
        String requestId = row.text("requestId");
        String id = requestId == null ? "line-" + line : requestId;
        String entityId = row.text("entityId");
        Long time = row.millis("time");
        Side production = side(row, "production");
        Side candidate = side(row, "candidate");
        LoggedPair pair = new LoggedPair(
                entityId == null ? id : entityId,
                time == null ? 0 : time,
                row.texts("attributes"),
                production.answer,
                candidate.answer,
                production.timedOut,
                candidate.timedOut,
                row.text("batch"),
                served(row),
                outcome(row));
        checkTime(time != null);
        return pair;
    }

    /**
     * A row without a time would stand in 1970, and with others of today the stage would seem to have lasted for decades.
     */
    private void checkTime(boolean hasTime) throws BadFieldException {
        if (timed == null) {
            timed = hasTime;
        } else if (timed != hasTime) {
            throw new BadFieldException(
                    (hasTime ? "\"time\" is here but not in earlier rows" : "\"time\" is missing but in earlier rows")
                            + "; all rows must have one, or none");
        }
    }

    /** Whether the rows read so far have times. */
    boolean isTimed() {
        return timed != null && timed;
    }

    private record Side(Answer answer, boolean timedOut) {}

    private Side side(JsonFields row, String name) throws BadFieldException {
        JsonNode node = row.node(name);
        if (node == null || !node.isObject()) {
            throw row.wrong(name, "an object such as {\"score\": 0.4}", node);
        }
        JsonFields side = new JsonFields(node, SIDE_KEYS, name + ".");
        long nanos = nanos(name, side);
        String error = side.text("error");
        if (error != null) {
            return new Side(Answer.failed(nanos), error.equals("TIMEOUT") || error.equals("TIMED_OUT"));
        }
        Double score = side.number("score");
        String label = side.text("label");
        Map<String, Double> probabilities = side.numbers("probabilities");
        if (score == null && label == null && probabilities.isEmpty()) {
            throw new BadFieldException(
                    "\"" + name + "\" must have \"score\", \"label\", \"probabilities\" or \"error\"");
        }
        label = label == null ? label(name, score, probabilities) : known(name + ".label", label);
        return new Side(new Answer(false, score, label, probabilities, nanos), false);
    }

    private @Nullable String label(String name, @Nullable Double score, Map<String, Double> probabilities)
            throws BadFieldException {
        if (!probabilities.isEmpty()) {
            String best = null;
            double highest = Double.NEGATIVE_INFINITY;
            for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
                if (entry.getValue() > highest) {
                    highest = entry.getValue();
                    best = entry.getKey();
                }
            }
            return best == null ? null : known(name + ".probabilities", best);
        }
        return score == null || task != Task.BINARY ? null : score >= threshold ? "1" : "0";
    }

    /** The class by its name in the evidence. */
    private String known(String field, String label) throws BadFieldException {
        if (task != Task.BINARY) {
            return label;
        }
        return BinaryClasses.name(label)
                .orElseThrow(() -> new BadFieldException(
                        "the class in \"" + field + "\" must be 0 or 1 (false or true), as the task is binary, was \""
                                + label + "\"; is it --task multiclass?"));
    }

    private static long nanos(String name, JsonFields side) throws BadFieldException {
        Double nanos = side.number("latencyNanos");
        Double micros = side.number("latencyMicros");
        if (nanos != null && micros != null) {
            throw new BadFieldException(
                    "\"" + name + "\" must have latencyNanos or latencyMicros, had both, " + nanos + " and " + micros);
        }
        double value = nanos != null ? nanos : micros != null ? 1_000 * micros : 0;
        if (!(value >= 0 && value < 1e18)) {
            String field = nanos != null ? "latencyNanos" : "latencyMicros";
            throw side.wrong(field, "0 or more, and below 1e18 nanoseconds", side.node(field));
        }
        return Math.round(value);
    }

    private static Arm served(JsonFields row) throws BadFieldException {
        String served = row.text("served");
        if (served == null || served.equals("production")) {
            return Arm.PRODUCTION;
        }
        if (served.equals("candidate")) {
            return Arm.CANDIDATE;
        }
        throw row.wrong("served", "production or candidate", row.node("served"));
    }

    private @Nullable Truth outcome(JsonFields row) throws BadFieldException {
        JsonNode node = row.node("outcome");
        if (node == null) {
            return null;
        }
        if (node.isObject()) {
            JsonFields outcome = new JsonFields(node, OUTCOME_KEYS, "outcome.");
            String label = outcome.text("label");
            Double value = outcome.number("value");
            Double business = outcome.number("businessValue");
            if (label == null && value == null && business == null) {
                throw new BadFieldException("\"outcome\" must have a label, a value or a businessValue");
            }
            return new Truth(label == null ? null : known("outcome.label", label), value, business);
        }
        if (!node.isValueNode()) {
            throw row.wrong("outcome", "a number, a text, a boolean or an object", node);
        }
        if (task == Task.REGRESSION) {
            if (!node.isNumber() || !Double.isFinite(node.doubleValue())) {
                throw row.wrong("outcome", "a finite number for regression", node);
            }
            return new Truth(null, node.doubleValue(), null);
        }
        return new Truth(known("outcome", node.asText()), null, null);
    }
}
