package dev.understudy.model.onnx;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Probabilities by class name in the model's order: an array beside the shared names, since one is made per row. */
final class ClassProbabilities extends AbstractMap<String, Double> {
    private final List<String> names;
    private final double[] values;

    ClassProbabilities(List<String> names, double[] values) {
        this.names = names;
        this.values = values;
    }

    @Override
    public @Nullable Double get(@Nullable Object name) {
        for (int i = 0; i < values.length; i++) {
            if (names.get(i).equals(name)) {
                return values[i];
            }
        }
        return null;
    }

    @Override
    public boolean containsKey(@Nullable Object name) {
        return get(name) != null;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (other instanceof ClassProbabilities o && names.equals(o.names)) {
            return Arrays.equals(values, o.values);
        }
        return super.equals(other);
    }

    @Override
    public int hashCode() {
        return super.hashCode();
    }

    @Override
    public Set<Map.Entry<String, Double>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public int size() {
                return values.length;
            }

            @Override
            public Iterator<Map.Entry<String, Double>> iterator() {
                return new Iterator<>() {
                    private int next;

                    @Override
                    public boolean hasNext() {
                        return next < values.length;
                    }

                    @Override
                    public Map.Entry<String, Double> next() {
                        if (next >= values.length) {
                            throw new NoSuchElementException();
                        }
                        String name = Objects.requireNonNull(names.get(next));
                        return Map.entry(name, values[next++]);
                    }
                };
            }
        };
    }
}
