package dev.understudy.evidence;

import java.util.Arrays;

/**
 * Distinct entities in a fixed section of a byte array, by 32-bit fingerprints. Up to 255 of them are kept one by one,
 * in order, so that small counts are exact; beyond that the same bytes hold a HyperLogLog of 1024 registers, into which
 * the fingerprints are folded. Whether the section is sparse depends on the set alone, so merging is canonical.
 *
 * <p>The estimate is Ertl's improved raw estimator (O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches", 2017, arXiv 1702.01284, algorithm 6), whose standard error is 1.04/√1024 = 3.25 % without the bias of the
 * original at small counts. {@link #lowerBound} is three standard errors below. Fingerprints that collide make it
 * smaller still (noticeable from some 10^8 entities), and too small is the safe side: it makes the prior stronger.
 */
final class DistinctCount {
    private static final int INDEX_BITS = 10;
    private static final int REGISTERS = 1 << INDEX_BITS;
    private static final int RANK_BITS = 32 - INDEX_BITS;
    /** More are estimated, and then a lower bound is given. */
    static final int EXACT_UP_TO = 255;

    private static final int DENSE = -1;
    private static final double THREE_STANDARD_ERRORS = 3 * 1.04 / 32;

    /** Bytes of the section: how many fingerprints (or {@link #DENSE}), then the fingerprints or registers. */
    static final int SIZE = 4 + REGISTERS;

    private DistinctCount() {}

    static void add(byte[] bytes, int at, int fingerprint) {
        int count = Flat.getInt(bytes, at);
        if (count == DENSE) {
            raise(bytes, at, fingerprint);
            return;
        }
        int low = 0;
        int high = count;
        while (low < high) {
            int middle = (low + high) >>> 1;
            int order = Integer.compareUnsigned(Flat.getInt(bytes, at + 4 + 4 * middle), fingerprint);
            if (order == 0) {
                return;
            }
            if (order < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (count == EXACT_UP_TO) {
            makeDense(bytes, at);
            raise(bytes, at, fingerprint);
            return;
        }
        int slot = at + 4 + 4 * low;
        System.arraycopy(bytes, slot, bytes, slot + 4, 4 * (count - low));
        Flat.putInt(bytes, slot, fingerprint);
        Flat.putInt(bytes, at, count + 1);
    }

    private static void makeDense(byte[] bytes, int at) {
        int count = Flat.getInt(bytes, at);
        int[] fingerprints = new int[count];
        for (int i = 0; i < count; i++) {
            fingerprints[i] = Flat.getInt(bytes, at + 4 + 4 * i);
        }
        Flat.putInt(bytes, at, DENSE);
        Arrays.fill(bytes, at + 4, at + SIZE, (byte) 0);
        for (int fingerprint : fingerprints) {
            raise(bytes, at, fingerprint);
        }
    }

    /** The register is the fingerprint's first ten bits, its value the position of the first 1 in the other 22. */
    private static void raise(byte[] bytes, int at, int fingerprint) {
        int register = at + 4 + (fingerprint >>> RANK_BITS);
        int rest = fingerprint << INDEX_BITS;
        int rank = rest == 0 ? RANK_BITS + 1 : Integer.numberOfLeadingZeros(rest) + 1;
        if (rank > bytes[register]) {
            bytes[register] = (byte) rank;
        }
    }

    /** Adds what another section has seen. */
    static void merge(byte[] into, byte[] from, int at) {
        int count = Flat.getInt(from, at);
        if (count == DENSE) {
            if (Flat.getInt(into, at) != DENSE) {
                makeDense(into, at);
            }
            for (int i = at + 4; i < at + SIZE; i++) {
                into[i] = (byte) Math.max(into[i], from[i]);
            }
            return;
        }
        for (int i = 0; i < count; i++) {
            add(into, at, Flat.getInt(from, at + 4 + 4 * i));
        }
    }

    /** Exact up to 255; above, a number that the true one undercuts with a probability of about 0.1 %. */
    static long lowerBound(byte[] bytes, int at) {
        int count = Flat.getInt(bytes, at);
        if (count != DENSE) {
            return count;
        }
        return Math.max(EXACT_UP_TO + 1, (long) Math.floor(estimate(bytes, at) * (1 - THREE_STANDARD_ERRORS)));
    }

    private static double estimate(byte[] bytes, int at) {
        int[] registersOfRank = new int[RANK_BITS + 2];
        for (int i = at + 4; i < at + SIZE; i++) {
            registersOfRank[bytes[i]]++;
        }
        double z = REGISTERS * tau(1 - (double) registersOfRank[RANK_BITS + 1] / REGISTERS);
        for (int rank = RANK_BITS; rank >= 1; rank--) {
            z = 0.5 * (z + registersOfRank[rank]);
        }
        z += REGISTERS * sigma((double) registersOfRank[0] / REGISTERS);
        return (double) REGISTERS * REGISTERS / (2 * StrictMath.log(2) * z);
    }

    /** σ(x) = x + Σ x^(2^k)·2^(k−1); finite here, because a dense section has a register that is not 0. */
    private static double sigma(double x) {
        double power = x;
        double weight = 1;
        double sum = x;
        double before;
        do {
            power *= power;
            before = sum;
            sum += power * weight;
            weight += weight;
        } while (sum != before);
        return sum;
    }

    /** τ(x) = (1 − x − Σ (1 − x^(2^−k))²·2^−k) / 3. */
    private static double tau(double x) {
        if (x == 0 || x == 1) {
            return 0;
        }
        double root = x;
        double weight = 1;
        double sum = 1 - x;
        double before;
        do {
            root = Math.sqrt(root);
            before = sum;
            weight *= 0.5;
            sum -= (1 - root) * (1 - root) * weight;
        } while (sum != before);
        return sum / 3;
    }
}
