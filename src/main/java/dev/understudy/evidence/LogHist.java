package dev.understudy.evidence;

/**
 * Log-linear bins over non-negative longs: 2^m bins to each power of two, one bin to a value below 2^m. Pure functions;
 * the counters live in {@link PackedCounters}.
 *
 * <pre>
 * index(v) = v &lt; 2^m ? v : ((e−m+1) &lt;&lt; m) + (v &gt;&gt;&gt; (e−m)) − 2^m,   e = 63 − nlz(v)
 * low(i)   = i &lt; 2^m ? i : ((i &amp; (2^m−1)) + 2^m) &lt;&lt; ((i &gt;&gt; m) − 1)
 * width(i) = i &lt; 2^m ? 1 : 2^((i &gt;&gt; m) − 1)
 * </pre>
 *
 * A value is reported as low + (width − 1)/2, the middle of its bin. As width &lt;= low/2^m, the error is below 2^-(m+1)
 * of the value. Both the bin and the error depend on the value alone, so histograms merge by addition and the result
 * has no memory of the order.
 */
final class LogHist {
    /** Bits of the latency histograms. */
    static final int LATENCY_BITS = 7;
    /** Relative error of the latency histograms, 0.39 %. */
    static final double LATENCY_ERROR = 0x1p-8;

    private LogHist() {}

    static int index(long value, int m) {
        if (value < (1L << m)) {
            return (int) value;
        }
        int e = 63 - Long.numberOfLeadingZeros(value);
        return ((e - m + 1) << m) + (int) (value >>> (e - m)) - (1 << m);
    }

    static long low(int index, int m) {
        if (index < (1 << m)) {
            return index;
        }
        return ((index & ((1L << m) - 1)) + (1L << m)) << ((index >> m) - 1);
    }

    static long width(int index, int m) {
        return index < (1 << m) ? 1 : 1L << ((index >> m) - 1);
    }

    /** Middle of the bin. */
    static double middle(int index, int m) {
        return low(index, m) + (width(index, m) - 1) / 2.0;
    }

    /** Rank of the q-quantile among n values: max(1, ceil(q·n)), where q·n is taken as whole when it is so but for rounding. */
    static long rank(double q, long n) {
        return Math.max(1, (long) Math.ceil(q * n - 1e-12));
    }
}
