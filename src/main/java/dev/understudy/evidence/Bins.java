package dev.understudy.evidence;

/** Distances between two histograms over the same bins. They warn; they never promote and never reject. */
final class Bins {
    private Bins() {}

    /** min(B−1, floor(x·B)) for x in [0, 1]. */
    static int of(double x, int bins) {
        return Math.min(bins - 1, (int) (x * bins));
    }

    /** Σ (q−p)·ln(q/p), p = (n_b + ½)/(n + B/2), q likewise for the candidate. */
    static double psi(long[] production, long[] candidate) {
        double bins = production.length;
        double nProd = total(production) + 0.5 * bins;
        double nCand = total(candidate) + 0.5 * bins;
        double sum = 0;
        for (int b = 0; b < production.length; b++) {
            double p = (production[b] + 0.5) / nProd;
            double q = (candidate[b] + 0.5) / nCand;
            sum += (q - p) * StrictMath.log(q / p);
        }
        return sum;
    }

    /** Jensen-Shannon divergence in bits, unsmoothed, 0·log 0 = 0; the divergence, not its square root. */
    static double jensenShannonBits(long[] production, long[] candidate) {
        double nProd = total(production);
        double nCand = total(candidate);
        double sum = 0;
        for (int b = 0; b < production.length; b++) {
            double p = production[b] / nProd;
            double q = candidate[b] / nCand;
            double middle = (p + q) / 2;
            sum += term(p, middle) + term(q, middle);
        }
        return Math.max(0, sum / 2 / StrictMath.log(2));
    }

    private static double term(double p, double middle) {
        return p == 0 ? 0 : p * StrictMath.log(p / middle);
    }

    /** Largest distance of the two cumulative histograms. */
    static double kolmogorovSmirnov(long[] production, long[] candidate) {
        long nProd = total(production);
        long nCand = total(candidate);
        long sumProd = 0;
        long sumCand = 0;
        double largest = 0;
        for (int b = 0; b < production.length; b++) {
            sumProd += production[b];
            sumCand += candidate[b];
            largest = Math.max(largest, Math.abs((double) sumCand / nCand - (double) sumProd / nProd));
        }
        return largest;
    }

    /** Area between the two cumulative histograms over bins of width 1/B: Wasserstein-1 distance. */
    static double wasserstein(long[] production, long[] candidate) {
        long nProd = total(production);
        long nCand = total(candidate);
        long sumProd = 0;
        long sumCand = 0;
        double sum = 0;
        for (int b = 0; b < production.length - 1; b++) {
            sumProd += production[b];
            sumCand += candidate[b];
            sum += Math.abs((double) sumCand / nCand - (double) sumProd / nProd);
        }
        return sum / production.length;
    }

    static long total(long[] counts) {
        long total = 0;
        for (long count : counts) {
            total += count;
        }
        return total;
    }
}
