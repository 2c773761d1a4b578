package dev.understudy.model.onnx;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What ONNX Runtime's Java API does not tell about a model file: the operators, the class labels of its classifier,
 * and the files that hold weights outside it, wherever in the file they are named. Reads the protobuf encoding directly
 * (field numbers of onnx.proto); ONNX Runtime is the judge of whether the file is sound.
 *
 * @param operators operator types, of subgraphs too
 * @param classLabels the labels of the classifier as text in the order of its probabilities; empty if none was found
 * @param externalFiles locations of external weights, relative to the file, sorted
 */
record OnnxFile(Set<String> operators, List<String> classLabels, Set<String> externalFiles) {

    /** Reads the bytes; empty where they are no ONNX file or not a whole one, or it is nested too deeply. */
    static Optional<OnnxFile> parse(ByteBuffer file) {
        Reader reader = new Reader();
        try {
            reader.model(file.duplicate().order(ByteOrder.LITTLE_ENDIAN));
            return Optional.of(new OnnxFile(
                    Set.copyOf(reader.operators),
                    List.copyOf(reader.labels()),
                    Collections.unmodifiableSet(reader.external)));
        } catch (BufferUnderflowException | IllegalArgumentException notProtobuf) {
            return Optional.empty();
        }
    }

    private record Node(String operator, List<String> inputs, List<String> outputs, List<String> labels) {}

    private static final class Reader {
        private static final int VARINT = 0;
        private static final int FIXED64 = 1;
        private static final int BYTES = 2;
        private static final int GROUP = 3;
        private static final int END_OF_GROUP = 4;
        private static final int FIXED32 = 5;
        /** Graphs within graphs; protobuf itself gives up at 100 messages within messages. */
        private static final int DEEPEST = 100;

        final Set<String> operators = new LinkedHashSet<>();
        final Set<String> external = new TreeSet<>();
        private final List<Node> nodes = new ArrayList<>();
        /** Tensors by name as they are encoded: of all of them, labels are read from one at most. */
        private final Map<String, ByteBuffer> tensors = new HashMap<>();

        private int depth;

        void model(ByteBuffer in) {
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(7, BYTES)) {
                    graph(bytes(in), true);
                } else if (tag == tag(20, BYTES)) {
                    training(bytes(in));
                } else if (tag == tag(25, BYTES)) {
                    function(bytes(in));
                } else {
                    skip(in, tag);
                }
            }
        }

        private void training(ByteBuffer in) {
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(1, BYTES) || tag == tag(2, BYTES)) {
                    graph(bytes(in), false);
                } else {
                    skip(in, tag);
                }
            }
        }

        private void function(ByteBuffer in) {
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(7, BYTES)) {
                    node(bytes(in), false);
                } else {
                    skip(in, tag);
                }
            }
        }

        /**
         * A classifier and a ZipMap carry their labels; a graph without either looks the label up by ArgMax in a list
         * of classes: ArrayFeatureExtractor(classes, index), as skl2onnx writes it.
         */
        List<String> labels() {
            for (Node node : nodes) {
                if (!node.labels.isEmpty()) {
                    return node.labels;
                }
            }
            for (Node node : nodes) {
                if (node.operator.equals("ArrayFeatureExtractor") && !node.inputs.isEmpty()) {
                    ByteBuffer classes = tensors.get(node.inputs.get(0));
                    if (classes != null && isFedByArgMax(node)) {
                        return values(classes);
                    }
                }
            }
            return List.of();
        }

        private boolean isFedByArgMax(Node extractor) {
            String index = extractor.inputs.size() > 1 ? extractor.inputs.get(1) : "";
            for (int hops = 0; hops < 4; hops++) {
                Node producer = producer(index);
                if (producer == null || producer.inputs.isEmpty()) {
                    return false;
                }
                if (producer.operator.equals("ArgMax") || producer.operator.equals("TopK")) {
                    return true;
                }
                index = producer.inputs.get(0);
            }
            return false;
        }

        private @Nullable Node producer(String output) {
            for (Node node : nodes) {
                if (node.outputs.contains(output)) {
                    return node;
                }
            }
            return null;
        }

        private void graph(ByteBuffer in, boolean outermost) {
            deeper();
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(1, BYTES)) {
                    node(bytes(in), outermost);
                } else if (tag == tag(5, BYTES)) {
                    tensor(bytes(in));
                } else if (tag == tag(15, BYTES)) {
                    sparse(bytes(in));
                } else {
                    skip(in, tag);
                }
            }
            depth--;
        }

        private void deeper() {
            if (++depth > DEEPEST) {
                throw new IllegalArgumentException("nested more than " + DEEPEST + " levels deep");
            }
        }

        private void sparse(ByteBuffer in) {
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(1, BYTES) || tag == tag(2, BYTES)) {
                    tensor(bytes(in));
                } else {
                    skip(in, tag);
                }
            }
        }

        private void node(ByteBuffer in, boolean outermost) {
            String operator = "";
            List<String> inputs = new ArrayList<>();
            List<String> outputs = new ArrayList<>();
            List<String> labels = List.of();
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(1, BYTES)) {
                    inputs.add(text(in));
                } else if (tag == tag(2, BYTES)) {
                    outputs.add(text(in));
                } else if (tag == tag(4, BYTES)) {
                    operator = text(in);
                } else if (tag == tag(5, BYTES)) {
                    List<String> found = attribute(bytes(in));
                    labels = found.isEmpty() ? labels : found;
                } else {
                    skip(in, tag);
                }
            }
            operators.add(operator);
            if (outermost) {
                nodes.add(new Node(operator, inputs, outputs, labels));
            }
        }

        /** The labels if it is an attribute of labels, else nothing. */
        private List<String> attribute(ByteBuffer in) {
            String name = "";
            List<String> values = new ArrayList<>();
            ByteBuffer scan = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            while (scan.hasRemaining()) {
                long tag = varint(scan);
                if (tag == tag(1, BYTES)) {
                    name = text(scan);
                } else {
                    skip(scan, tag);
                }
            }
            // classlabels_ints, classlabels_int64s or classlabels_strings, by operator
            boolean labels = name.startsWith("classlabels_");
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(5, BYTES) || tag == tag(10, BYTES)) {
                    tensor(bytes(in));
                } else if (tag == tag(6, BYTES) || tag == tag(11, BYTES)) {
                    graph(bytes(in), false);
                } else if (tag == tag(22, BYTES) || tag == tag(23, BYTES)) {
                    sparse(bytes(in));
                } else if (labels && tag == tag(8, VARINT)) {
                    values.add(Long.toString(varint(in)));
                } else if (labels && tag == tag(8, BYTES)) {
                    packed(bytes(in), values);
                } else if (labels && tag == tag(9, BYTES)) {
                    values.add(text(in));
                } else {
                    skip(in, tag);
                }
            }
            return values;
        }

        private void tensor(ByteBuffer in) {
            ByteBuffer whole = in.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(8, BYTES)) {
                    tensors.put(text(in), whole);
                } else if (tag == tag(13, BYTES)) {
                    externalEntry(bytes(in));
                } else {
                    skip(in, tag);
                }
            }
        }

        /** The values of a tensor of texts or whole numbers; class labels are few, so none of one that is large. */
        private List<String> values(ByteBuffer tensor) {
            ByteBuffer in = tensor.duplicate().order(ByteOrder.LITTLE_ENDIAN);
            int type = 0;
            ByteBuffer raw = null;
            List<String> values = new ArrayList<>();
            while (in.remaining() < 1 << 16 && in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(2, VARINT)) {
                    type = (int) varint(in);
                } else if (tag == tag(6, BYTES)) {
                    values.add(text(in));
                } else if (tag == tag(5, BYTES) || tag == tag(7, BYTES)) {
                    packed(bytes(in), values);
                } else if (tag == tag(5, VARINT) || tag == tag(7, VARINT)) {
                    values.add(Long.toString(varint(in)));
                } else if (tag == tag(9, BYTES)) {
                    raw = bytes(in);
                } else {
                    skip(in, tag);
                }
            }
            boolean int64 = type == 7;
            if (raw != null && (int64 || type == 6)) {
                while (raw.remaining() >= (int64 ? 8 : 4)) {
                    values.add(int64 ? Long.toString(raw.getLong()) : Integer.toString(raw.getInt()));
                }
            }
            return values;
        }

        private void externalEntry(ByteBuffer in) {
            String key = "";
            String value = "";
            while (in.hasRemaining()) {
                long tag = varint(in);
                if (tag == tag(1, BYTES)) {
                    key = text(in);
                } else if (tag == tag(2, BYTES)) {
                    value = text(in);
                } else {
                    skip(in, tag);
                }
            }
            if (key.equals("location")) {
                external.add(value);
            }
        }

        private static void packed(ByteBuffer in, List<String> into) {
            while (in.hasRemaining()) {
                into.add(Long.toString(varint(in)));
            }
        }

        private static long tag(int field, int wireType) {
            return ((long) field << 3) | wireType;
        }

        private static long varint(ByteBuffer in) {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                byte next = in.get();
                value |= (long) (next & 0x7f) << shift;
                if (next >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("varint of more than ten bytes");
        }

        private static ByteBuffer bytes(ByteBuffer in) {
            long length = varint(in);
            if (length < 0 || length > in.remaining()) {
                throw new BufferUnderflowException();
            }
            ByteBuffer slice = in.slice(in.position(), (int) length).order(ByteOrder.LITTLE_ENDIAN);
            in.position(in.position() + (int) length);
            return slice;
        }

        private static String text(ByteBuffer in) {
            return StandardCharsets.UTF_8.decode(bytes(in)).toString();
        }

        private void skip(ByteBuffer in, long tag) {
            int wireType = (int) (tag & 7);
            switch (wireType) {
                case GROUP -> {
                    deeper();
                    for (long next = varint(in); (next & 7) != END_OF_GROUP; next = varint(in)) {
                        skip(in, next);
                    }
                    depth--;
                }
                case VARINT -> varint(in);
                case FIXED64 -> in.position(in.position() + 8);
                case BYTES -> bytes(in);
                case FIXED32 -> in.position(in.position() + 4);
                default -> throw new IllegalArgumentException("wire type " + wireType);
            }
        }
    }
}
