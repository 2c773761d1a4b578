package dev.understudy.domain;

import java.util.LinkedHashMap;
import java.util.Map;

/** Features held as a map, for rows read from files and for tests; the pipeline reads encoded ones. */
public record FeatureMap(Map<String, FeatureValue> values) implements Features {
    public FeatureMap {
        values = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Copies any features into a map. */
    public static FeatureMap copyOf(Features features) {
        Map<String, FeatureValue> copy = new LinkedHashMap<>();
        features.forEach(new FeatureVisitor() {
            @Override
            public void missing(String name) {
                copy.put(name, new FeatureValue.Missing());
            }

            @Override
            public void number(String name, double value) {
                copy.put(name, new FeatureValue.Real(value));
            }

            @Override
            public void integer(String name, long value) {
                copy.put(name, new FeatureValue.Whole(value));
            }

            @Override
            public void bool(String name, boolean value) {
                copy.put(name, new FeatureValue.Bool(value));
            }

            @Override
            public void text(String name, String value) {
                copy.put(name, new FeatureValue.Text(value));
            }

            @Override
            public void vector(String name, double[] value) {
                copy.put(name, new FeatureValue.Vector(value));
            }
        });
        return new FeatureMap(copy);
    }

    @Override
    public void forEach(FeatureVisitor visitor) {
        for (Map.Entry<String, FeatureValue> entry : values.entrySet()) {
            String name = entry.getKey();
            FeatureValue value = entry.getValue();
            if (value instanceof FeatureValue.Real n) {
                visitor.number(name, n.value());
            } else if (value instanceof FeatureValue.Whole i) {
                visitor.integer(name, i.value());
            } else if (value instanceof FeatureValue.Bool b) {
                visitor.bool(name, b.value());
            } else if (value instanceof FeatureValue.Text t) {
                visitor.text(name, t.value());
            } else if (value instanceof FeatureValue.Vector v) {
                visitor.vector(name, v.value());
            } else {
                visitor.missing(name);
            }
        }
    }
}
