package dev.understudy.kafka.avro;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Collects Avro binary in an array that grows and is used again; byte for byte what Avro's own encoder writes. */
final class AvroBuffer {
    private static final VarHandle DOUBLE =
            MethodHandles.byteArrayViewVarHandle(double[].class, ByteOrder.LITTLE_ENDIAN);

    /** Characters up to which it is tried to write a text as ASCII, one by one. */
    private static final int SHORT = 64;

    private byte[] bytes = new byte[512];
    private int length;

    void clear() {
        length = 0;
    }

    byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    void writeRaw(byte[] source, int start, int end) {
        reserve(end - start);
        System.arraycopy(source, start, bytes, length, end - start);
        length += end - start;
    }

    void writeRaw(AvroBuffer other) {
        writeRaw(other.bytes, 0, other.length);
    }

    void writeByte(int value) {
        reserve(1);
        bytes[length++] = (byte) value;
    }

    /** The 4-byte big-endian number of the wire format, which is not Avro. */
    void writeFixedInt(int value) {
        writeByte(value >>> 24);
        writeByte(value >>> 16);
        writeByte(value >>> 8);
        writeByte(value);
    }

    void writeLong(long value) {
        reserve(10);
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            bytes[length++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[length++] = (byte) rest;
    }

    /** The branch of a union of null and something else, in this order. */
    void writeBranch(@Nullable Object value) {
        writeLong(value == null ? 0 : 1);
    }

    void writeDouble(double value) {
        reserve(Double.BYTES);
        DOUBLE.set(bytes, length, value);
        length += Double.BYTES;
    }

    void writeBoolean(boolean value) {
        writeByte(value ? 1 : 0);
    }

    void writeString(String value) {
        if (value.length() <= SHORT && isAsciiWritten(value)) {
            return;
        }
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        writeLong(utf8.length);
        writeRaw(utf8, 0, utf8.length);
    }

    /** Most texts are: no array is made for them. */
    private boolean isAsciiWritten(String value) {
        int start = length;
        writeLong(value.length());
        reserve(value.length());
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0x7f) {
                length = start;
                return false;
            }
            bytes[length++] = (byte) c;
        }
        return true;
    }

    private void reserve(int more) {
        if (more > bytes.length - length) {
            bytes = Arrays.copyOf(bytes, Math.max(Math.addExact(length, more), (int) Math.min(2L * length, 1L << 30)));
        }
    }
}
