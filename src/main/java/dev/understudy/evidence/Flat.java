package dev.understudy.evidence;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigInteger;
import java.nio.ByteOrder;

/** Integers in a byte array, little-endian: 16, 32, 64 and 128 bits wide. */
final class Flat {
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Flat() {}

    static int getUnsignedShort(byte[] bytes, int at) {
        return (short) SHORT.get(bytes, at) & 0xFFFF;
    }

    static void putShort(byte[] bytes, int at, int value) {
        SHORT.set(bytes, at, (short) value);
    }

    static int getInt(byte[] bytes, int at) {
        return (int) INT.get(bytes, at);
    }

    static void putInt(byte[] bytes, int at, int value) {
        INT.set(bytes, at, value);
    }

    static long getLong(byte[] bytes, int at) {
        return (long) LONG.get(bytes, at);
    }

    static void putLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, value);
    }

    static void addLong(byte[] bytes, int at, long value) {
        LONG.set(bytes, at, (long) LONG.get(bytes, at) + value);
    }

    static void minLong(byte[] bytes, int at, long value) {
        if (value < getLong(bytes, at)) {
            putLong(bytes, at, value);
        }
    }

    static void maxLong(byte[] bytes, int at, long value) {
        if (value > getLong(bytes, at)) {
            putLong(bytes, at, value);
        }
    }

    /** Adds high·2^64 + low to the 128-bit integer at {@code at} (low word first), modulo 2^128. */
    static void add128(byte[] bytes, int at, long high, long low) {
        long before = getLong(bytes, at);
        long sum = before + low;
        putLong(bytes, at, sum);
        addLong(bytes, at + 8, high + (Long.compareUnsigned(sum, before) < 0 ? 1 : 0));
    }

    /** Adds a signed 64-bit value to a 128-bit one. */
    static void add128(byte[] bytes, int at, long value) {
        add128(bytes, at, value >> 63, value);
    }

    /** Adds the exact product a·b to a 128-bit value. */
    static void addProduct128(byte[] bytes, int at, long a, long b) {
        add128(bytes, at, Math.multiplyHigh(a, b), a * b);
    }

    /** Adds the 128-bit integer at {@code at} of one array to that of another. */
    static void merge128(byte[] into, byte[] from, int at) {
        add128(into, at, getLong(from, at + 8), getLong(from, at));
    }

    /** Adds the 64-bit integers from {@code first} to {@code end} of one array to those of another. */
    static void addLongs(byte[] into, byte[] from, int first, int end) {
        for (int at = first; at < end; at += 8) {
            addLong(into, at, getLong(from, at));
        }
    }

    static BigInteger get128(byte[] bytes, int at) {
        BigInteger low = BigInteger.valueOf(getLong(bytes, at));
        if (low.signum() < 0) {
            low = low.add(BigInteger.ONE.shiftLeft(64));
        }
        return BigInteger.valueOf(getLong(bytes, at + 8)).shiftLeft(64).add(low);
    }
}
