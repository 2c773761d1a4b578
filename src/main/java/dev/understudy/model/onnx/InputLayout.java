package dev.understudy.model.onnx;

import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.ModelSignature.Input;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Which feature goes where in the model's inputs. */
final class InputLayout {
    /** One input tensor: the shape and number of elements of one row. */
    record Tensor(Input input, long[] rowShape, int rowElements) {
        /** The input takes one vector rather than named columns. */
        boolean isVector() {
            return rowElements > 1 && input.features().size() == 1;
        }
    }

    /**
     * A place that a feature fills.
     *
     * @param column column of the tensor, or {@link #WHOLE}
     * @param next another place filled by the same feature
     */
    record Target(int tensor, int column, @Nullable Target next) {
        static final int WHOLE = -1;
    }

    /** A feature's name with its places; found by position while rows keep the same order of features. */
    record Entry(String name, Target target) {}

    private final List<Tensor> tensors;
    private final Map<String, Entry> entries = new HashMap<>();
    private final List<String> names;
    final boolean missingIsNan;
    final int rowElements;

    InputLayout(List<Tensor> tensors, boolean missingIsNan) {
        this.tensors = List.copyOf(tensors);
        this.missingIsNan = missingIsNan;
        int elements = 0;
        List<String> all = new ArrayList<>();
        for (int t = 0; t < tensors.size(); t++) {
            Tensor tensor = tensors.get(t);
            elements += tensor.rowElements;
            List<String> features = tensor.input.features();
            if (features.size() == tensor.rowElements) {
                for (int column = 0; column < features.size(); column++) {
                    add(features.get(column), t, column);
                    all.add(features.get(column));
                }
            } else {
                add(features.get(0), t, Target.WHOLE);
                all.add(features.get(0));
            }
        }
        // A tensor may also be given whole under the input's own name, unless a feature has that name.
        for (int t = 0; t < tensors.size(); t++) {
            String name = tensors.get(t).input.name();
            if (!entries.containsKey(name)) {
                add(name, t, Target.WHOLE);
            }
        }
        this.rowElements = elements;
        this.names = List.copyOf(all);
    }

    private void add(String feature, int tensor, int column) {
        Entry present = entries.get(feature);
        entries.put(feature, new Entry(feature, new Target(tensor, column, present == null ? null : present.target())));
    }

    List<Tensor> tensors() {
        return tensors;
    }

    @Nullable
    Entry entry(String feature) {
        return entries.get(feature);
    }

    Collection<String> knownNames() {
        return new TreeSet<>(entries.keySet());
    }

    /** Feature names in the order of the model's columns. */
    List<String> names() {
        return names;
    }

    /** What the model expects at the target, for messages. */
    String expectation(Target target) {
        Tensor tensor = tensors.get(target.tensor);
        ElementType type = tensor.input.type();
        if (target.column == Target.WHOLE && tensor.rowElements > 1) {
            return "a vector of " + tensor.rowElements + " numbers (" + typeName(type) + ") for input '"
                    + tensor.input.name() + "'";
        }
        String what = switch (type) {
            case FLOAT, DOUBLE -> "a number";
            case INT64, INT32 -> "a whole number";
            case BOOL -> "a boolean";
            case STRING -> "a text";
        };
        String place = tensor.input.features().size() > 1
                ? " for column " + (target.column + 1) + " of input '" + tensor.input.name() + "'"
                : " for input '" + tensor.input.name() + "'";
        return what + " (" + typeName(type) + ")" + place;
    }

    static String typeName(ElementType type) {
        return type.name().toLowerCase(java.util.Locale.ROOT);
    }
}
