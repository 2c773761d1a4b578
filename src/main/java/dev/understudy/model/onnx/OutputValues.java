package dev.understudy.model.onnx;

import ai.onnxruntime.OnnxMap;
import ai.onnxruntime.OnnxSequence;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import dev.understudy.model.ModelSignature.ElementType;
import java.lang.reflect.Array;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The values of one output after a call, by row. */
sealed interface OutputValues {
    /** Number of values per row. */
    int perRow();

    /** A value as a number; NaN for texts. */
    double number(int row, int index);

    /** A value as text: whole numbers without a point. */
    String text(int row, int index);

    /** A row as plain Java values: a number, a text, a boolean, a list of them, or a map. */
    Object plain(int row);

    /** Numbers in a direct buffer of ours or a copy of ONNX Runtime's. */
    record Numbers(ByteBuffer buffer, ElementType type, long[] rowShape, int perRow) implements OutputValues {
        @Override
        public double number(int row, int index) {
            int at = row * perRow + index;
            return switch (type) {
                case FLOAT -> buffer.getFloat(at * 4);
                case DOUBLE -> buffer.getDouble(at * 8);
                case INT64 -> buffer.getLong(at * 8);
                case INT32 -> buffer.getInt(at * 4);
                case BOOL -> buffer.get(at);
                case STRING -> Double.NaN;
            };
        }

        @Override
        public String text(int row, int index) {
            return String.valueOf(value(row, index));
        }

        private Object value(int row, int index) {
            int at = row * perRow + index;
            return switch (type) {
                case FLOAT -> (Object) buffer.getFloat(at * 4);
                case DOUBLE -> buffer.getDouble(at * 8);
                case INT64 -> buffer.getLong(at * 8);
                case INT32 -> buffer.getInt(at * 4);
                case BOOL -> buffer.get(at) != 0;
                case STRING -> throw new IllegalStateException("texts are not numbers");
            };
        }

        @Override
        public Object plain(int row) {
            return nested(rowShape, 0, new int[1], index -> value(row, index));
        }
    }

    /** Texts. */
    record Texts(String[] values, long[] rowShape, int perRow) implements OutputValues {
        @Override
        public double number(int row, int index) {
            return Double.NaN;
        }

        @Override
        public String text(int row, int index) {
            return values[row * perRow + index];
        }

        @Override
        public Object plain(int row) {
            return nested(rowShape, 0, new int[1], index -> text(row, index));
        }
    }

    /** One map per row, as ZipMap gives; values in the order of the class names. */
    record Maps(List<Map<String, Double>> rows, List<String> names) implements OutputValues {
        @Override
        public int perRow() {
            return names.size();
        }

        @Override
        public double number(int row, int index) {
            Double value = rows.get(row).get(names.get(index));
            return value == null ? Double.NaN : value;
        }

        @Override
        public String text(int row, int index) {
            return String.valueOf(number(row, index));
        }

        @Override
        public Object plain(int row) {
            return rows.get(row);
        }
    }

    /** Reads what a call returned for an output that was not pinned. */
    static OutputValues read(String name, OnnxValue value, int rows, List<String> classNames) throws OrtException {
        if (value instanceof OnnxTensor tensor) {
            long[] shape = tensor.getInfo().getShape();
            long elements = 1;
            for (long dimension : shape) {
                elements *= dimension;
            }
            if (elements % rows != 0 || (rows > 1 && (shape.length == 0 || shape[0] != rows))) {
                throw new OrtException("output '" + name + "' has shape " + java.util.Arrays.toString(shape) + " for "
                        + rows + " rows");
            }
            boolean batchFirst = shape.length > 0 && shape[0] == rows;
            long[] rowShape = batchFirst ? java.util.Arrays.copyOfRange(shape, 1, shape.length) : shape;
            int perRow = (int) (elements / rows);
            ElementType type = SignatureReader.elementType(tensor.getInfo());
            if (type == null) {
                throw new OrtException("output '" + name + "' has the unsupported type " + tensor.getInfo().type);
            }
            if (type == ElementType.STRING) {
                List<String> flat = new ArrayList<>((int) elements);
                flatten(tensor.getValue(), flat);
                return new Texts(flat.toArray(String[]::new), rowShape, perRow);
            }
            return new Numbers(tensor.getByteBuffer().order(ByteOrder.nativeOrder()), type, rowShape, perRow);
        }
        if (value instanceof OnnxSequence sequence && sequence.getInfo().isSequenceOfMaps()) {
            List<Map<String, Double>> maps = new ArrayList<>(rows);
            for (OnnxValue element : sequence.getValue()) {
                try (OnnxMap map = (OnnxMap) element) {
                    Map<String, Double> byName = new LinkedHashMap<>();
                    for (Map.Entry<?, ?> entry : map.getValue().entrySet()) {
                        byName.put(String.valueOf(entry.getKey()), ((Number) entry.getValue()).doubleValue());
                    }
                    maps.add(ordered(byName, classNames));
                }
            }
            if (maps.size() != rows) {
                throw new OrtException("output '" + name + "' has " + maps.size() + " maps for " + rows + " rows");
            }
            List<String> names = classNames.isEmpty() ? List.copyOf(maps.get(0).keySet()) : classNames;
            return new Maps(maps, names);
        }
        throw new OrtException(
                "output '" + name + "' is a " + value.getType() + ", not a tensor or a sequence of maps");
    }

    private static Map<String, Double> ordered(Map<String, Double> map, List<String> names) {
        Map<String, Double> ordered = new LinkedHashMap<>();
        if (names.isEmpty()) {
            map.entrySet().stream()
                    .sorted(Map.Entry.comparingByKey(OutputValues::compareLabels))
                    .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
        } else {
            for (String name : names) {
                Double value = map.get(name);
                if (value != null) {
                    ordered.put(name, value);
                }
            }
            map.forEach(ordered::putIfAbsent);
        }
        return ordered;
    }

    // Numbers by value, texts by alphabet: the order in which scikit-learn keeps classes.
    private static int compareLabels(String a, String b) {
        try {
            return Long.compare(Long.parseLong(a), Long.parseLong(b));
        } catch (NumberFormatException texts) {
            return a.compareTo(b);
        }
    }

    private static void flatten(Object value, List<String> into) {
        if (value.getClass().isArray()) {
            for (int i = 0; i < Array.getLength(value); i++) {
                flatten(Array.get(value, i), into);
            }
        } else {
            into.add((String) value);
        }
    }

    /** Nested lists in the row's shape; a row of one value is that value. */
    private static Object nested(long[] shape, int depth, int[] next, java.util.function.IntFunction<Object> value) {
        if (depth == shape.length || (depth == 0 && shape.length == 1 && shape[0] == 1)) {
            return value.apply(next[0]++);
        }
        List<Object> list = new ArrayList<>();
        for (long i = 0; i < shape[depth]; i++) {
            list.add(nested(shape, depth + 1, next, value));
        }
        return list;
    }
}
