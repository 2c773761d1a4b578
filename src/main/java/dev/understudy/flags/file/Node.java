package dev.understudy.flags.file;

import java.util.List;
import java.util.Map;

/** What a flag file holds, with the places of its parts, before anybody asks what it means. */
sealed interface Node {
    Place place();

    /** In the order of the file; every key is there once. */
    record Fields(Place place, Map<String, Node> byKey) implements Node {}

    record Items(Place place, List<Node> items) implements Node {}

    /**
     * A single value.
     *
     * @param text as it was written, without quotes
     */
    record Value(Place place, Kind kind, String text) implements Node {}

    enum Kind {
        TEXT,
        NUMBER,
        /** Also YAML's {@code yes} and {@code on} where no quotes say that they are text. */
        TRUE,
        /** Also YAML's {@code no} and {@code off}. */
        FALSE,
        NOTHING
    }
}
