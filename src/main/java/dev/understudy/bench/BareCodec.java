package dev.understudy.bench;

import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * {@code PredictionRequest} and {@code Prediction} in Avro binary, by hand and for this one purpose: features go straight to
 * the model's columns, ids are copied as bytes, and nothing is checked that a loop written for one producer need not check.
 */
final class BareCodec {
    /** Magic byte and schema id. */
    static final int WIRE_PREFIX = 5;

    private static final int DOUBLE_BRANCH = 1;
    private static final int LONG_BRANCH = 2;
    private static final byte[] MODEL = "bench".getBytes(StandardCharsets.UTF_8);
    private static final byte[] VERSION = "v1".getBytes(StandardCharsets.UTF_8);
    private static final byte[] FLAG = "ml-model-version".getBytes(StandardCharsets.UTF_8);
    private static final int SCORED = 0;
    private static final int DEFAULT = 3;

    private final byte[][] names;
    private final Map<String, Integer> columns = new HashMap<>();
    private final byte[] prefix;
    private byte[] out = new byte[512];
    private int end;
    private int at;

    /** Where a request's ids stand in its bytes, each from its length on. */
    static final class Ids {
        int requestFrom;
        int requestTo;
        int entityFrom;
        int entityTo;
    }

    BareCodec(List<String> features, byte[] prefix) {
        this.names = features.stream()
                .map(name -> name.getBytes(StandardCharsets.UTF_8))
                .toArray(byte[][]::new);
        for (int column = 0; column < names.length; column++) {
            columns.put(features.get(column), column);
        }
        this.prefix = prefix;
    }

    /** Reads a request; its features go to a row of the buffer. */
    void decode(byte[] in, Ids ids, FloatBuffer rows, int row) {
        at = WIRE_PREFIX;
        ids.requestFrom = at;
        skipText(in);
        ids.requestTo = at;
        ids.entityFrom = at;
        skipText(in);
        ids.entityTo = at;
        for (long count = readLong(in); count != 0; count = readLong(in)) {
            for (long i = 0; i < count; i++) {
                skipText(in);
                skipText(in);
            }
        }
        readLong(in);
        int base = row * names.length;
        int place = 0;
        for (long count = readLong(in); count != 0; count = readLong(in)) {
            for (long i = 0; i < count; i++) {
                int column = column(in, place++);
                float value = switch ((int) readLong(in)) {
                    case DOUBLE_BRANCH -> (float) readDouble(in);
                    case LONG_BRANCH -> readLong(in);
                    default -> throw new IllegalArgumentException("a feature must be a number");
                };
                rows.put(base + column, value);
            }
        }
    }

    /** Features come in the same order nearly always. */
    private int column(byte[] in, int place) {
        int length = (int) readLong(in);
        int from = at;
        at += length;
        if (place < names.length && Arrays.equals(in, from, at, names[place], 0, names[place].length)) {
            return place;
        }
        Integer known = columns.get(new String(in, from, length, StandardCharsets.UTF_8));
        if (known == null) {
            throw new IllegalArgumentException("a feature must be one of the model's");
        }
        return known;
    }

    private void skipText(byte[] in) {
        int length = (int) readLong(in);
        at += length;
    }

    private long readLong(byte[] in) {
        long value = 0;
        int shift = 0;
        byte part;
        do {
            part = in[at++];
            value |= (long) (part & 0x7f) << shift;
            shift += 7;
        } while (part < 0);
        return (value >>> 1) ^ -(value & 1);
    }

    private double readDouble(byte[] in) {
        long bits = 0;
        for (int i = 7; i >= 0; i--) {
            bits = (bits << 8) | (in[at + i] & 0xff);
        }
        at += Double.BYTES;
        return Double.longBitsToDouble(bits);
    }

    /** The prediction of a request, with the schema's fields in their order. */
    byte[] encode(
            byte[] request,
            Ids ids,
            int partition,
            long offset,
            long label,
            float score,
            long batchNanos,
            int batchRows,
            long scoredAt) {
        end = 0;
        raw(prefix, 0, prefix.length);
        raw(request, ids.requestFrom, ids.requestTo);
        raw(request, ids.entityFrom, ids.entityTo);
        number(partition);
        number(offset);
        text(MODEL);
        number(1);
        text(VERSION);
        number(SCORED);
        number(1);
        real(score);
        number(1);
        text(Long.toString(label).getBytes(StandardCharsets.ISO_8859_1));
        // Probabilities, vector, error code and error message are null.
        number(0);
        number(0);
        number(0);
        number(0);
        text(FLAG);
        number(1);
        text(VERSION);
        number(DEFAULT);
        // Epoch, then queueNanos.
        number(0);
        number(0);
        number(batchNanos);
        number(batchRows);
        number(scoredAt);
        // No shadow targets, and fresh flags.
        number(0);
        number(0);
        return Arrays.copyOf(out, end);
    }

    private void text(byte[] bytes) {
        number(bytes.length);
        raw(bytes, 0, bytes.length);
    }

    private void raw(byte[] bytes, int from, int to) {
        reserve(to - from);
        System.arraycopy(bytes, from, out, end, to - from);
        end += to - from;
    }

    private void number(long value) {
        reserve(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            out[end++] = (byte) ((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        out[end++] = (byte) rest;
    }

    private void real(double value) {
        reserve(Double.BYTES);
        long bits = Double.doubleToRawLongBits(value);
        for (int i = 0; i < Double.BYTES; i++) {
            out[end++] = (byte) (bits >>> (8 * i));
        }
    }

    private void reserve(int more) {
        if (end + more > out.length) {
            out = Arrays.copyOf(out, Math.max(2 * out.length, end + more));
        }
    }
}
