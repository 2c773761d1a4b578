package dev.understudy.evaluate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The segments for which evidence is kept: configured values of configured attributes. Values are declared rather than
 * found, so that every partition and every replay keeps the same segments.
 */
public final class Segments {
    /** The segment that every request is in. */
    public static final String ALL = "all";

    /** Stands for all values of an attribute that are not declared, and for a request without the attribute. */
    public static final String OTHER = "other";

    private static final int MAX_VALUES = 256;

    private final List<Attribute> attributes = new ArrayList<>();

    private record Attribute(String name, NavigableMap<String, String> segmentByValue, String other) {}

    /** @param declared attribute names and their values, as configured under {@code evaluate.segments} */
    public Segments(Map<String, List<String>> declared) {
        for (Map.Entry<String, List<String>> entry : new TreeMap<>(declared).entrySet()) {
            String name = entry.getKey();
            String key = "evaluate.segments." + name;
            requirePlain("evaluate.segments", name);
            if (name.indexOf('=') >= 0) {
                throw new IllegalArgumentException(
                        "evaluate.segments must name attributes without '=', was '" + name + "'");
            }
            Set<String> values = new LinkedHashSet<>(entry.getValue());
            if (values.isEmpty() || values.size() > MAX_VALUES) {
                throw new IllegalArgumentException(
                        key + " must list 1 to " + MAX_VALUES + " values, had " + values.size());
            }
            NavigableMap<String, String> segmentByValue = new TreeMap<>();
            for (String value : values) {
                requirePlain(key, value);
                if (value.equals(OTHER)) {
                    throw new IllegalArgumentException(
                            key + " must not list '" + OTHER + "': it stands for the values that are not listed");
                }
                segmentByValue.put(value, name + "=" + value);
            }
            attributes.add(
                    new Attribute(name, Collections.unmodifiableNavigableMap(segmentByValue), name + "=" + OTHER));
        }
    }

    /**
     * Shows the segments of a request, {@link #ALL} left out, each as {@code attribute=value}.
     *
     * @return how many of its values are not declared
     */
    public int forEach(Map<String, String> requestAttributes, Consumer<String> segment) {
        int undeclared = 0;
        for (Attribute attribute : attributes) {
            String value = requestAttributes.get(attribute.name());
            String known = value == null ? null : attribute.segmentByValue().get(value);
            if (known == null) {
                undeclared++;
                segment.accept(attribute.other());
            } else {
                segment.accept(known);
            }
        }
        return undeclared;
    }

    /** How many segments there can be, {@link #ALL} left out. */
    int count() {
        int count = 0;
        for (Attribute attribute : attributes) {
            count += attribute.segmentByValue().size() + 1;
        }
        return count;
    }

    /** How many segments one request is in, {@link #ALL} left out. */
    int perRequest() {
        return attributes.size();
    }

    /** The declared values, the same text for the same segments. */
    @Override
    public String toString() {
        return attributes.stream()
                .map(attribute -> attribute.segmentByValue().values().toString())
                .collect(Collectors.joining(" "));
    }

    private static void requirePlain(String key, String text) {
        if (text.isEmpty() || text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    key + " must not be empty or hold control characters, was '" + text + "'");
        }
    }
}
