package dev.understudy.evidence;

import java.math.BigInteger;
import java.util.Arrays;

/** K = 64 buckets of (n_k, S_k) in a byte array: how often and how much, by the hash of an entity or of a time block. */
final class Buckets {
    static final int K = 64;
    /** Bytes of a section. */
    static final int SIZE = K * 16;

    private Buckets() {}

    static void add(byte[] bytes, int at, int bucket, long value) {
        Flat.addLong(bytes, at + 16 * bucket, 1);
        Flat.addLong(bytes, at + 16 * bucket + 8, value);
    }

    static long[] counts(byte[] bytes, int at) {
        return column(bytes, at, 16);
    }

    static long[] sums(byte[] bytes, int at) {
        return column(bytes, at + 8, 16);
    }

    static BigInteger[] exactSums(byte[] bytes, int at) {
        return exact(sums(bytes, at));
    }

    static BigInteger[] exact(long[] values) {
        return Arrays.stream(values).mapToObj(BigInteger::valueOf).toArray(BigInteger[]::new);
    }

    /** K longs, {@code stride} bytes apart. */
    static long[] column(byte[] bytes, int at, int stride) {
        long[] values = new long[K];
        for (int k = 0; k < K; k++) {
            values[k] = Flat.getLong(bytes, at + stride * k);
        }
        return values;
    }

    static BigInteger total(long[] values) {
        return total(exact(values));
    }

    static BigInteger total(BigInteger[] values) {
        return Arrays.stream(values).reduce(BigInteger.ZERO, BigInteger::add);
    }

    /**
     * K/(K−1) · Σ (S_k − n_k·S/n)² / n², exactly, for sums in units of 1/unit: the variance of the mean when observations
     * of one bucket may depend on each other. Empty buckets add 0.
     */
    static double variance(long[] counts, BigInteger[] sums, BigInteger unit) {
        BigInteger n = total(counts);
        BigInteger sum = total(sums);
        BigInteger squares = BigInteger.ZERO;
        for (int k = 0; k < K; k++) {
            BigInteger deviation = n.multiply(sums[k]).subtract(sum.multiply(BigInteger.valueOf(counts[k])));
            squares = squares.add(deviation.multiply(deviation));
        }
        return Exact.ratio(
                squares.multiply(BigInteger.valueOf(K)),
                n.pow(4).multiply(unit).multiply(unit).multiply(BigInteger.valueOf(K - 1)));
    }

    /** n²/Σn_k²: as many buckets of equal size would be worth as much. */
    static double effective(long[] counts) {
        BigInteger n = total(counts);
        BigInteger squares = BigInteger.ZERO;
        for (long count : counts) {
            squares = squares.add(BigInteger.valueOf(count).pow(2));
        }
        return Exact.ratio(n.multiply(n), squares);
    }
}
