package dev.understudy.rows;

import dev.understudy.domain.FeatureMap;
import java.util.Map;
import java.util.Optional;

/** What stands in one place of a file of rows: a row, or something that could not be read as one. */
public sealed interface Row {
    /** Number of the row, from 0; bad rows count. */
    long number();

    /** Line of the file where it begins, from 1. */
    long line();

    /**
     * A row that could be read.
     *
     * @param outcome what really happened, as text, where a column or key says so
     */
    record Good(
            long number,
            long line,
            FeatureMap features,
            Optional<String> requestId,
            Optional<String> entityId,
            Map<String, String> attributes,
            Optional<String> outcome)
            implements Row {}

    /**
     * A row that could not be read; the rows after it can.
     *
     * @param message for people, with the line; never a feature's value
     */
    record Bad(long number, long line, String message) implements Row {
        /** For programs. */
        public static final String CODE = "BAD_ROW";
    }
}
