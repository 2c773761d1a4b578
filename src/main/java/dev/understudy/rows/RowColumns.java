package dev.understudy.rows;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which columns of a CSV file are not features. JSON lines have keys of their own for these.
 *
 * @param header whether the first line names the columns
 * @param attributes columns that become attributes under their own names
 * @param outcome column that says what really happened
 * @param ignored columns that are left out
 */
public record RowColumns(
        boolean header,
        Optional<String> requestId,
        Optional<String> entityId,
        List<String> attributes,
        Optional<String> outcome,
        List<String> ignored) {
    public RowColumns {
        attributes = List.copyOf(attributes);
        ignored = List.copyOf(ignored);
    }

    /** A file with a header whose columns are all features. */
    public static RowColumns onlyFeatures() {
        return new RowColumns(true, Optional.empty(), Optional.empty(), List.of(), Optional.empty(), List.of());
    }

    Set<String> named() {
        Set<String> names = new LinkedHashSet<>();
        requestId.ifPresent(names::add);
        entityId.ifPresent(names::add);
        names.addAll(attributes);
        outcome.ifPresent(names::add);
        names.addAll(ignored);
        return names;
    }
}
