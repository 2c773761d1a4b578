package dev.understudy.model.onnx;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes ONNX files field by field (numbers of onnx.proto): such as no exporter writes. */
final class OnnxBytes {
    private static final int FLOAT = 1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    static OnnxBytes message() {
        return new OnnxBytes();
    }

    OnnxBytes field(int number, OnnxBytes message) {
        return field(number, message.toByteArray());
    }

    OnnxBytes field(int number, String text) {
        return field(number, text.getBytes(StandardCharsets.UTF_8));
    }

    OnnxBytes field(int number, long value) {
        varint((long) number << 3);
        varint(value);
        return this;
    }

    private OnnxBytes field(int number, byte[] content) {
        varint(((long) number << 3) | 2);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    /** A group, which protobuf skips where it does not know it. */
    OnnxBytes group(int number, OnnxBytes content) {
        varint(((long) number << 3) | 3);
        bytes.writeBytes(content.toByteArray());
        varint(((long) number << 3) | 4);
        return this;
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) ((left & 0x7f) | 0x80));
            left >>>= 7;
        }
        bytes.write((int) left);
    }

    byte[] toByteArray() {
        return bytes.toByteArray();
    }

    /** A whole model of operator set 17. */
    static byte[] model(OnnxBytes graph) {
        return message()
                .field(1, 8)
                .field(8, message().field(1, "").field(2, 17))
                .field(7, graph.field(2, "graph"))
                .toByteArray();
    }

    static OnnxBytes node(String operator, String input, String output) {
        return message().field(1, input).field(2, output).field(4, operator);
    }

    /** A whole number as an attribute of a node. */
    static OnnxBytes attribute(String name, long value) {
        return message().field(1, name).field(3, value).field(20, 2);
    }

    /** An input or output of floats; the first dimension is the batch. */
    static OnnxBytes floats(String name, long... dimensions) {
        OnnxBytes shape = message().field(1, message().field(2, "N"));
        for (long dimension : dimensions) {
            shape.field(1, message().field(1, dimension));
        }
        OnnxBytes tensor = message().field(1, FLOAT).field(2, shape);
        return message().field(1, name).field(2, message().field(1, tensor));
    }
}
