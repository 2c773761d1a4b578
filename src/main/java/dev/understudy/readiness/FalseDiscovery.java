package dev.understudy.readiness;

import java.util.BitSet;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The e-Benjamini-Hochberg procedure (R. Wang, A. Ramdas, "False discovery rate control with e-values", JRSS B 2022, arXiv
 * 2009.02824): of the hypotheses rejected, a share of at most α is true, whatever the dependence between them.
 */
final class FalseDiscovery {
    private FalseDiscovery() {}

    /** Indexes of the k* largest values, k* = max{k : ln e_(k) &gt;= ln(S/(α·k))}; none when there is no such k. */
    static BitSet rejected(double[] logEvidence, double alpha) {
        int[] order = IntStream.range(0, logEvidence.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -logEvidence[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        int largest = 0;
        for (int k = 1; k <= order.length; k++) {
            if (logEvidence[order[k - 1]] >= StrictMath.log(order.length / (alpha * k))) {
                largest = k;
            }
        }
        BitSet rejected = new BitSet();
        for (int k = 0; k < largest; k++) {
            rejected.set(order[k]);
        }
        return rejected;
    }
}
