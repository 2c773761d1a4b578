package dev.understudy.model.onnx;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.understudy.domain.FeatureVisitor;
import dev.understudy.domain.Features;
import dev.understudy.domain.RowResult;
import dev.understudy.domain.Suggestion;
import dev.understudy.model.ModelSignature.ElementType;
import dev.understudy.model.onnx.InputLayout.Entry;
import dev.understudy.model.onnx.InputLayout.Target;
import dev.understudy.model.onnx.InputLayout.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The input rows of one model call, written straight into direct buffers that ONNX Runtime reads in place. Reused from
 * call to call, tensors too, since making a tensor costs about as much as scoring a row of a small model. Used by one
 * thread at a time.
 */
final class InputBuffers implements FeatureVisitor, AutoCloseable {
    private static final int FIRST_CAPACITY = 16;

    private final OrtEnvironment environment;
    private final InputLayout layout;
    private final UnknownFeatures unknownFeatures;
    private final int maxRows;
    private final Column[] columns;
    private int capacity;

    // The row being written.
    private int row;
    private int filled;
    private int stamp;
    private final int[][] stamps;
    private int position;
    private final @Nullable Entry[] lastOrder;
    private RowResult.@Nullable Failed failure;

    /** One input's storage: a direct buffer, or texts. */
    private static final class Column {
        final Tensor tensor;
        ByteBuffer buffer = ByteBuffer.allocateDirect(0);
        String[] texts = new String[0];

        @Nullable
        OnnxTensor[] byRows = new OnnxTensor[0];

        Column(Tensor tensor) {
            this.tensor = tensor;
        }
    }

    InputBuffers(OrtEnvironment environment, InputLayout layout, UnknownFeatures unknownFeatures, int maxRows) {
        this.environment = environment;
        this.layout = layout;
        this.unknownFeatures = unknownFeatures;
        this.maxRows = maxRows;
        List<Tensor> tensors = layout.tensors();
        this.columns = new Column[tensors.size()];
        this.stamps = new int[tensors.size()][];
        for (int t = 0; t < columns.length; t++) {
            columns[t] = new Column(tensors.get(t));
            stamps[t] = new int[tensors.get(t).rowElements()];
        }
        this.lastOrder = new Entry[layout.rowElements + 8];
        ensureCapacity(Math.min(FIRST_CAPACITY, maxRows));
    }

    /** How many rows a call may have. */
    int maxRows() {
        return maxRows;
    }

    /** Makes room for the rows, and returns for how many there is room. Keeps no tensor made before. */
    int ensureCapacity(int rows) {
        if (rows <= capacity) {
            return capacity;
        }
        int wanted = Math.min(maxRows, Math.max(rows, capacity * 2));
        closeTensors();
        for (Column column : columns) {
            int elements = wanted * column.tensor.rowElements();
            column.byRows = new OnnxTensor[wanted + 1];
            if (column.tensor.input().type() == ElementType.STRING) {
                column.texts = Arrays.copyOf(column.texts, elements);
            } else {
                ByteBuffer larger = ByteBuffer.allocateDirect(
                                elements * width(column.tensor.input().type()))
                        .order(ByteOrder.nativeOrder());
                larger.put(column.buffer.duplicate().clear());
                column.buffer = larger.clear();
            }
        }
        capacity = wanted;
        return capacity;
    }

    /** Writes one row; null when it fits the signature. */
    RowResult.@Nullable Failed write(int intoRow, Features features) {
        row = intoRow;
        filled = 0;
        position = 0;
        failure = null;
        if (++stamp == 0) { // after 2^32 rows the stamps start again
            for (int[] each : stamps) {
                Arrays.fill(each, 0);
            }
            stamp = 1;
        }
        features.forEach(this);
        if (failure == null && filled < layout.rowElements) {
            failure = missingFeature();
        }
        return failure;
    }

    /** Copies a row, so that a call can have more rows than were asked for. */
    void repeat(int fromRow, int intoRow) {
        for (Column column : columns) {
            int elements = column.tensor.rowElements();
            if (column.tensor.input().type() == ElementType.STRING) {
                System.arraycopy(column.texts, fromRow * elements, column.texts, intoRow * elements, elements);
            } else {
                int bytes = elements * width(column.tensor.input().type());
                column.buffer.put(intoRow * bytes, column.buffer, fromRow * bytes, bytes);
            }
        }
    }

    /** The inputs' names, in the order of their numbers. */
    List<String> names() {
        return layout.tensors().stream().map(t -> t.input().name()).toList();
    }

    /** The first rows as the model's inputs. */
    Map<String, OnnxTensor> tensors(int rows) throws OrtException {
        Map<String, OnnxTensor> tensors = new LinkedHashMap<>();
        for (int t = 0; t < columns.length; t++) {
            tensors.put(columns[t].tensor.input().name(), tensor(t, rows));
        }
        return tensors;
    }

    private OnnxTensor tensor(int input, int rows) throws OrtException {
        Column column = columns[input];
        OnnxTensor cached = column.byRows[rows];
        if (cached != null) {
            return cached;
        }
        Tensor tensor = column.tensor;
        long[] shape = new long[tensor.rowShape().length + 1];
        shape[0] = rows;
        System.arraycopy(tensor.rowShape(), 0, shape, 1, tensor.rowShape().length);
        int elements = rows * tensor.rowElements();
        ElementType type = tensor.input().type();
        if (type == ElementType.STRING) {
            // ONNX Runtime copies texts when the tensor is made: nothing to keep.
            return OnnxTensor.createTensor(environment, Arrays.copyOf(column.texts, elements), shape);
        }
        ByteBuffer view = column.buffer.slice(0, elements * width(type)).order(ByteOrder.nativeOrder());
        OnnxTensor made = OnnxTensor.createTensor(environment, view, shape, javaType(type));
        column.byRows[rows] = made;
        return made;
    }

    /** Tensors that are not kept must be closed after the call. */
    boolean keepsTensor(int input) {
        return columns[input].tensor.input().type() != ElementType.STRING;
    }

    @Override
    public void missing(String name) {
        Entry entry = find(name);
        for (Target target = entry == null ? null : entry.target(); target != null; target = target.next()) {
            missing(name, target);
        }
    }

    @Override
    public void number(String name, double value) {
        Entry entry = find(name);
        for (Target target = entry == null ? null : entry.target(); target != null; target = target.next()) {
            if (isScalar(name, target, "a number")) {
                number(name, target, Math.max(target.column(), 0), value);
            }
        }
    }

    @Override
    public void integer(String name, long value) {
        Entry entry = find(name);
        for (Target target = entry == null ? null : entry.target(); target != null; target = target.next()) {
            if (!isScalar(name, target, "a whole number")) {
                continue;
            }
            Column column = columns[target.tensor()];
            int columnIndex = Math.max(target.column(), 0);
            int element = row * column.tensor.rowElements() + columnIndex;
            switch (column.tensor.input().type()) {
                case FLOAT -> column.buffer.putFloat(element * 4, (float) value);
                case DOUBLE -> column.buffer.putDouble(element * 8, (double) value);
                case INT64 -> column.buffer.putLong(element * 8, value);
                case INT32 -> {
                    if (value != (int) value) {
                        fail(RowResult.Failed.OUT_OF_RANGE, name, "does not fit", target);
                        continue;
                    }
                    column.buffer.putInt(element * 4, (int) value);
                }
                case BOOL -> {
                    if (value != 0 && value != 1) {
                        fail(RowResult.Failed.OUT_OF_RANGE, name, "is neither 0 nor 1", target);
                        continue;
                    }
                    column.buffer.put(element, (byte) value);
                }
                case STRING -> {
                    fail(RowResult.Failed.WRONG_TYPE, name, "is a whole number", target);
                    continue;
                }
            }
            fill(name, target.tensor(), columnIndex);
        }
    }

    @Override
    public void bool(String name, boolean value) {
        Entry entry = find(name);
        for (Target target = entry == null ? null : entry.target(); target != null; target = target.next()) {
            if (!isScalar(name, target, "a boolean")) {
                continue;
            }
            Column column = columns[target.tensor()];
            int columnIndex = Math.max(target.column(), 0);
            int element = row * column.tensor.rowElements() + columnIndex;
            int bit = value ? 1 : 0;
            switch (column.tensor.input().type()) {
                case FLOAT -> column.buffer.putFloat(element * 4, bit);
                case DOUBLE -> column.buffer.putDouble(element * 8, bit);
                case INT64 -> column.buffer.putLong(element * 8, bit);
                case INT32 -> column.buffer.putInt(element * 4, bit);
                case BOOL -> column.buffer.put(element, (byte) bit);
                case STRING -> {
                    fail(RowResult.Failed.WRONG_TYPE, name, "is a boolean", target);
                    continue;
                }
            }
            fill(name, target.tensor(), columnIndex);
        }
    }

    @Override
    public void text(String name, String value) {
        Entry entry = find(name);
        for (Target target = entry == null ? null : entry.target(); target != null; target = target.next()) {
            Column column = columns[target.tensor()];
            if (column.tensor.input().type() != ElementType.STRING) {
                fail(RowResult.Failed.WRONG_TYPE, name, "is a text", target);
            } else if (isScalar(name, target, "a text")) {
                int columnIndex = Math.max(target.column(), 0);
                column.texts[row * column.tensor.rowElements() + columnIndex] = value;
                fill(name, target.tensor(), columnIndex);
            }
        }
    }

    @Override
    public void vector(String name, double[] value) {
        Entry entry = find(name);
        for (Target target = entry == null ? null : entry.target(); target != null; target = target.next()) {
            Column column = columns[target.tensor()];
            if (column.tensor.input().type() == ElementType.STRING
                    || (target.column() != Target.WHOLE && column.tensor.rowElements() > 1)) {
                fail(RowResult.Failed.WRONG_TYPE, name, "is a vector", target);
            } else if (value.length != column.tensor.rowElements()) {
                fail(
                        RowResult.Failed.WRONG_LENGTH,
                        name,
                        "has " + value.length + (value.length == 1 ? " value" : " values"),
                        target);
            } else {
                for (int i = 0; i < value.length && failure == null; i++) {
                    number(name, target, i, value[i]);
                }
            }
        }
    }

    private void number(String name, Target target, int columnIndex, double value) {
        Column column = columns[target.tensor()];
        int element = row * column.tensor.rowElements() + columnIndex;
        switch (column.tensor.input().type()) {
            case FLOAT -> {
                float narrow = (float) value;
                if (!Float.isFinite(narrow)) {
                    notFinite(name, target, columnIndex, value);
                    return;
                }
                column.buffer.putFloat(element * 4, narrow);
            }
            case DOUBLE -> {
                if (!Double.isFinite(value)) {
                    notFinite(name, target, columnIndex, value);
                    return;
                }
                column.buffer.putDouble(element * 8, value);
            }
            case INT64 -> {
                if (!isWhole(name, target, value, 0x1p63)) {
                    return;
                }
                column.buffer.putLong(element * 8, (long) value);
            }
            case INT32 -> {
                if (!isWhole(name, target, value, 0x1p31)) {
                    return;
                }
                column.buffer.putInt(element * 4, (int) value);
            }
            case BOOL -> {
                fail(RowResult.Failed.WRONG_TYPE, name, "is a number", target);
                return;
            }
            case STRING -> {
                fail(RowResult.Failed.WRONG_TYPE, name, "is a number", target);
                return;
            }
        }
        fill(name, target.tensor(), columnIndex);
    }

    private void notFinite(String name, Target target, int columnIndex, double value) {
        if (!Double.isNaN(value)) {
            fail(RowResult.Failed.OUT_OF_RANGE, name, "does not fit a finite " + typeName(target), target);
        } else if (layout.missingIsNan) {
            writeNan(target.tensor(), columnIndex);
            fill(name, target.tensor(), columnIndex);
        } else {
            fail(RowResult.Failed.MISSING_FEATURE, name, "is not a number (NaN)", target);
        }
    }

    private boolean isWhole(String name, Target target, double value, double limit) {
        if (Double.isNaN(value)) {
            fail(RowResult.Failed.MISSING_FEATURE, name, "is not a number (NaN)", target);
        } else if (value < -limit || value >= limit) {
            fail(RowResult.Failed.OUT_OF_RANGE, name, "does not fit", target);
        } else if (value != Math.rint(value)) {
            fail(RowResult.Failed.WRONG_TYPE, name, "has a fraction", target);
        } else {
            return true;
        }
        return false;
    }

    private void missing(String name, Target target) {
        ElementType type = columns[target.tensor()].tensor.input().type();
        boolean floating = type == ElementType.FLOAT || type == ElementType.DOUBLE;
        if (!layout.missingIsNan || !floating || (target.column() == Target.WHOLE && isLong(target))) {
            fail(RowResult.Failed.MISSING_FEATURE, name, "has no value", target);
            return;
        }
        int columnIndex = Math.max(target.column(), 0);
        writeNan(target.tensor(), columnIndex);
        fill(name, target.tensor(), columnIndex);
    }

    private void writeNan(int tensor, int columnIndex) {
        Column column = columns[tensor];
        int element = row * column.tensor.rowElements() + columnIndex;
        if (column.tensor.input().type() == ElementType.FLOAT) {
            column.buffer.putFloat(element * 4, Float.NaN);
        } else {
            column.buffer.putDouble(element * 8, Double.NaN);
        }
    }

    private boolean isLong(Target target) {
        return columns[target.tensor()].tensor.rowElements() > 1;
    }

    private boolean isScalar(String name, Target target, String given) {
        if (target.column() != Target.WHOLE || !isLong(target)) {
            return true;
        }
        fail(RowResult.Failed.WRONG_TYPE, name, "is " + given, target);
        return false;
    }

    /** Rows mostly come with their features in the same order: then the name is compared once, not hashed. */
    private @Nullable Entry find(String name) {
        int at = position++;
        if (at < lastOrder.length) {
            Entry expected = lastOrder[at];
            if (expected != null && expected.name().equals(name)) {
                return expected;
            }
        }
        Entry entry = layout.entry(name);
        if (entry == null) {
            if (unknownFeatures == UnknownFeatures.REFUSE && failure == null) {
                failure = new RowResult.Failed(
                        RowResult.Failed.UNKNOWN_FEATURE,
                        "unknown feature '" + name + "'" + Suggestion.orFullStop(name, layout.knownNames())
                                + " The model expects " + some(layout.names()));
            }
        } else if (at < lastOrder.length) {
            lastOrder[at] = entry;
        }
        return entry;
    }

    private void fill(String name, int tensor, int columnIndex) {
        if (stamps[tensor][columnIndex] == stamp) {
            if (failure == null) {
                failure = new RowResult.Failed(
                        RowResult.Failed.DUPLICATE_FEATURE,
                        "feature '" + name + "' fills a place of input '"
                                + columns[tensor].tensor.input().name() + "' that another feature filled already: "
                                + "give the input whole or by columns, each feature once");
            }
            return;
        }
        stamps[tensor][columnIndex] = stamp;
        filled++;
    }

    private void fail(String code, String name, String what, Target target) {
        if (failure == null) {
            failure = new RowResult.Failed(
                    code, "feature '" + name + "' " + what + "; the model expects " + layout.expectation(target));
        }
    }

    private RowResult.Failed missingFeature() {
        for (int t = 0; t < columns.length; t++) {
            List<String> features = columns[t].tensor.input().features();
            for (int c = 0; c < stamps[t].length; c++) {
                if (stamps[t][c] != stamp) {
                    int missing = layout.rowElements - filled;
                    boolean whole = features.size() != stamps[t].length;
                    String name = whole ? features.get(0) : features.get(c);
                    String others = !whole && missing > 1 ? " (" + missing + " are missing in all)" : "";
                    return new RowResult.Failed(
                            RowResult.Failed.MISSING_FEATURE,
                            "feature '" + name + "' is missing" + others + "; the model expects "
                                    + layout.expectation(new Target(t, whole ? Target.WHOLE : c, null)));
                }
            }
        }
        throw new IllegalStateException("a row of " + layout.rowElements + " elements lacks none");
    }

    private static String some(List<String> names) {
        int shown = Math.min(names.size(), 12);
        String list = String.join(", ", names.subList(0, shown));
        return shown == names.size() ? list : list + " ... (" + names.size() + " in all)";
    }

    private String typeName(Target target) {
        return InputLayout.typeName(columns[target.tensor()].tensor.input().type());
    }

    static int width(ElementType type) {
        return switch (type) {
            case FLOAT, INT32 -> 4;
            case DOUBLE, INT64 -> 8;
            case BOOL -> 1;
            case STRING -> throw new IllegalArgumentException("texts have no width");
        };
    }

    static OnnxJavaType javaType(ElementType type) {
        return switch (type) {
            case FLOAT -> OnnxJavaType.FLOAT;
            case DOUBLE -> OnnxJavaType.DOUBLE;
            case INT64 -> OnnxJavaType.INT64;
            case INT32 -> OnnxJavaType.INT32;
            case BOOL -> OnnxJavaType.BOOL;
            case STRING -> OnnxJavaType.STRING;
        };
    }

    private void closeTensors() {
        for (Column column : columns) {
            for (OnnxTensor tensor : column.byRows) {
                if (tensor != null) {
                    tensor.close();
                }
            }
            Arrays.fill(column.byRows, null);
        }
    }

    @Override
    public void close() {
        closeTensors();
    }
}
