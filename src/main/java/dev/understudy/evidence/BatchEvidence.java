package dev.understudy.evidence;

import dev.understudy.domain.References;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Latency of the like-for-like batches of a pair. One observation is a batch, not a request: rows of a batch share one
 * latency. The same batches give the same bytes, whatever their order and the parts in which they were counted.
 *
 * <pre>
 * header     {@link Header}
 * reference  τ in ns (0 for none), tolerance as a raw double
 * counts     batches, rows
 * gates      tail and typical latency over time blocks; distinct blocks of all batches and of those without a failure
 * ratio      Σ ln(T_c/T_p) in units of 2^-32, 128 bits
 * noise      n, Σ and Σ² of ln(T_p again/T_p)
 * directory, chunks   {@link PackedCounters}: a latency histogram of each side
 * </pre>
 *
 * Not safe for concurrent use.
 */
public final class BatchEvidence implements Evidence {
    private static final int TAIL_NANOS = Header.SIZE;
    private static final int TOLERANCE = TAIL_NANOS + 8;
    private static final int BATCHES = TOLERANCE + 8;
    private static final int ROWS = BATCHES + 8;
    private static final GateSection TAIL = new GateSection(ROWS + 8, 0, false);
    private static final GateSection TYPICAL = new GateSection(TAIL.end(), Quantised.BITS, false);
    private static final int ALL_BLOCKS = TYPICAL.end();
    private static final int ANSWERED_BLOCKS = ALL_BLOCKS + DistinctCount.SIZE;
    private static final int RATIO_SUM = ANSWERED_BLOCKS + DistinctCount.SIZE;
    private static final int NOISE_COUNT = RATIO_SUM + 16;
    private static final int NOISE_SUM = NOISE_COUNT + 8;
    private static final int NOISE_SQUARED = NOISE_SUM + 16;
    private static final int LATENCY_PROD = 0;
    private static final int LATENCY_CAND = LatencyHistogram.OCTAVES;
    private static final PackedCounters COUNTERS = new PackedCounters(NOISE_SQUARED + 16, 2 * LatencyHistogram.OCTAVES);
    private static final int SIZE = COUNTERS.directory() + PackedCounters.directorySize(COUNTERS.count());

    private static final double LN_10 = StrictMath.log(10);

    private byte[] bytes;

    private BatchEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing. */
    public static BatchEvidence create(EvidenceShape shape) {
        byte[] bytes = Header.create(
                SIZE, Header.BATCHES, Detail.FULL, 0, shape.timeBlock().toMillis());
        References references = shape.references();
        if (references.tailNanos().isPresent()) {
            Flat.putLong(bytes, TAIL_NANOS, references.tailNanos().getAsLong());
            Flat.putLong(bytes, TOLERANCE, Double.doubleToLongBits(references.tailTolerance()));
        }
        return new BatchEvidence(bytes);
    }

    /**
     * Takes over the bytes of earlier evidence without copying: {@link #add} changes them.
     *
     * @throws IllegalArgumentException if they are not evidence of batches of this version
     */
    public static BatchEvidence wrap(byte[] bytes) {
        return new BatchEvidence(Header.require(bytes, Header.BATCHES, SIZE, SIZE));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts one batch. */
    public void add(BatchObservation batch) {
        Flat.addLong(bytes, BATCHES, 1);
        Flat.addLong(bytes, ROWS, batch.rows());
        long block = Header.blockHash(bytes, batch.eventTimeMillis());
        int bucket = GateSection.bucket(block);
        int fingerprint = GateSection.fingerprint(block);
        DistinctCount.add(bytes, ALL_BLOCKS, fingerprint);
        long tail = Flat.getLong(bytes, TAIL_NANOS);
        if (tail > 0) {
            TAIL.add(bytes, bucket, tailDifference(batch, tail, tolerance()));
        }
        boolean production = !batch.productionFailed() && batch.productionNanos() > 0;
        boolean candidate = !batch.candidateFailed() && batch.candidateNanos() > 0;
        if (production && candidate) {
            double log = StrictMath.log((double) batch.candidateNanos() / batch.productionNanos());
            TYPICAL.add(bytes, bucket, typicalDifference(log));
            DistinctCount.add(bytes, ANSWERED_BLOCKS, fingerprint);
            Flat.add128(bytes, RATIO_SUM, Quantised.of(log));
        }
        if (production && batch.productionAgainNanos() > 0) {
            long log = Quantised.of(StrictMath.log((double) batch.productionAgainNanos() / batch.productionNanos()));
            Flat.addLong(bytes, NOISE_COUNT, 1);
            Flat.add128(bytes, NOISE_SUM, log);
            Flat.addProduct128(bytes, NOISE_SQUARED, log, log);
        }
        if (production) {
            count(LATENCY_PROD, batch.productionNanos());
        }
        if (candidate) {
            count(LATENCY_CAND, batch.candidateNanos());
        }
    }

    /** 1{T_p &gt; τ} − 1{T_c &gt; (1+m)·τ}; a failed call exceeds. */
    static int tailDifference(BatchObservation batch, long tailNanos, double tolerance) {
        boolean production = batch.productionFailed() || batch.productionNanos() > tailNanos;
        boolean candidate = batch.candidateFailed() || batch.candidateNanos() > (1 + tolerance) * tailNanos;
        return (production ? 1 : 0) - (candidate ? 1 : 0);
    }

    /** clamp(ln(T_p/T_c), ±ln 10)/ln 10 in units of 2^-32, for {@code log} = ln(T_c/T_p). */
    static long typicalDifference(double log) {
        return Quantised.of(Math.max(-1, Math.min(1, -log / LN_10)));
    }

    private void count(int first, long nanos) {
        int index = LatencyHistogram.index(nanos);
        if (!COUNTERS.increment(bytes, first, index)) {
            bytes = COUNTERS.grow(bytes, SIZE, first, index);
        }
    }

    /**
     * Adds all that other evidence has counted. Where the references of the tail differ, or one side has none, the sum has
     * none, because exceedances of different limits cannot be added.
     *
     * @throws IllegalArgumentException if kind or time blocks differ
     */
    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireMergeable(bytes, from);
        if (Arrays.equals(bytes, TAIL_NANOS, BATCHES, from, TAIL_NANOS, BATCHES)) {
            TAIL.merge(bytes, from);
        } else {
            Arrays.fill(bytes, TAIL_NANOS, BATCHES, (byte) 0);
            Arrays.fill(bytes, TAIL.at(), TAIL.end(), (byte) 0);
        }
        Flat.addLongs(bytes, from, BATCHES, TAIL.at());
        TYPICAL.merge(bytes, from);
        DistinctCount.merge(bytes, from, ALL_BLOCKS);
        DistinctCount.merge(bytes, from, ANSWERED_BLOCKS);
        Flat.merge128(bytes, from, RATIO_SUM);
        Flat.addLongs(bytes, from, NOISE_COUNT, NOISE_SUM);
        Flat.merge128(bytes, from, NOISE_SUM);
        Flat.merge128(bytes, from, NOISE_SQUARED);
        bytes = COUNTERS.merge(bytes, from, SIZE);
    }

    /** Batches counted, failed ones included. */
    public long batches() {
        return Flat.getLong(bytes, BATCHES);
    }

    /** Rows in them. */
    public long rows() {
        return Flat.getLong(bytes, ROWS);
    }

    /** The reference of the tail; empty where none was declared, or where merged parts had different ones. */
    public OptionalLong tailNanos() {
        long tail = Flat.getLong(bytes, TAIL_NANOS);
        return tail == 0 ? OptionalLong.empty() : OptionalLong.of(tail);
    }

    private double tolerance() {
        return Double.longBitsToDouble(Flat.getLong(bytes, TOLERANCE));
    }

    /**
     * TAIL_LATENCY (empty without a reference) or TYPICAL_LATENCY; {@code users} are distinct time blocks and both cluster
     * variances are over time blocks.
     */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case TAIL_LATENCY -> overBlocks(TAIL.read(bytes, ALL_BLOCKS));
            case TYPICAL_LATENCY -> overBlocks(TYPICAL.read(bytes, ANSWERED_BLOCKS));
            case ERRORS, FLIPS, SCORE_SHIFT, ACCURACY, BRIER, ABSOLUTE_ERROR ->
                throw new IllegalArgumentException("batches have no evidence of " + metric);
        };
    }

    private static Optional<GateStatistics> overBlocks(Optional<GateStatistics> statistics) {
        return statistics.map(s ->
                new GateStatistics(s.n(), s.mean(), s.s2(), s.vIid(), s.vUsers(), s.vUsers(), s.kEff(), s.users()));
    }

    /** Latency of production's first call, over batches in which it did not fail. */
    public LatencyPercentiles productionLatency() {
        return LatencyHistogram.read(COUNTERS.read(bytes), LATENCY_PROD);
    }

    /** Latency of the candidate's call, over batches in which it did not fail. */
    public LatencyPercentiles candidateLatency() {
        return LatencyHistogram.read(COUNTERS.read(bytes), LATENCY_CAND);
    }

    /** Candidate's time over production's, geometric mean over batches that did not fail, unclamped; null without any. */
    public @Nullable Double ratio() {
        long n = TYPICAL.n(bytes);
        return n == 0 ? null : (Double) StrictMath.exp(meanLog(RATIO_SUM, n));
    }

    /** Production's second call against its first; empty where no batch has both. */
    public Optional<NoiseFloor> noiseFloor() {
        long n = Flat.getLong(bytes, NOISE_COUNT);
        if (n == 0) {
            return Optional.empty();
        }
        BigInteger count = BigInteger.valueOf(n);
        BigInteger sum = Flat.get128(bytes, NOISE_SUM);
        BigInteger spread = count.multiply(Flat.get128(bytes, NOISE_SQUARED)).subtract(sum.multiply(sum));
        return Optional.of(new NoiseFloor(
                n,
                StrictMath.exp(meanLog(NOISE_SUM, n)),
                Exact.rootOfRatio(spread, count.multiply(count).shiftLeft(2 * Quantised.BITS))));
    }

    private double meanLog(int sum, long n) {
        return Exact.ratio(Flat.get128(bytes, sum), BigInteger.valueOf(n).shiftLeft(Quantised.BITS));
    }
}
