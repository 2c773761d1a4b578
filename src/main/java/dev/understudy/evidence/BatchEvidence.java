package dev.understudy.evidence;

import dev.understudy.domain.References;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Latency of the like-for-like batches of a pair. Rows of one model call share one latency, so one observation is a batch,
 * and batches of the same time block may depend on each other, so the blocks of event time take the place of users.
 *
 * <pre>
 * header      {@link Header}
 * counts      batches, rows, batches in which production, in which the candidate failed
 * references  τ and the candidate's limit in nanoseconds, 0 for none
 * tail        Σd², buckets of blocks, distinct blocks
 * typical     Σd² (128 bits), buckets of blocks, distinct blocks
 * ratio       Σ ln(T_c/T_p); noise: n, Σ and Σ² of ln(T_p'/T_p); all in units of 2^-32, 128 bits
 * directory   of the chunks
 * chunks      histograms of production's and the candidate's batch times
 * </pre>
 */
public final class BatchEvidence implements Evidence {
    private static final int BATCHES = Header.SIZE;
    private static final int ROWS = BATCHES + 8;
    private static final int FAILED_PROD = ROWS + 8;
    private static final int FAILED_CAND = FAILED_PROD + 8;
    private static final int TAIL_NANOS = FAILED_CAND + 8;
    private static final int TAIL_LIMIT = TAIL_NANOS + 8;
    private static final int TAIL_SQUARED = TAIL_LIMIT + 8;
    private static final int TAIL_BUCKETS = TAIL_SQUARED + 8;
    private static final int TAIL_BLOCKS = TAIL_BUCKETS + Buckets.SIZE;
    private static final int TYPICAL_SQUARED = TAIL_BLOCKS + DistinctCount.SIZE;
    private static final int TYPICAL_BUCKETS = TYPICAL_SQUARED + 16;
    private static final int TYPICAL_BLOCKS = TYPICAL_BUCKETS + Buckets.SIZE;
    private static final int RATIO = TYPICAL_BLOCKS + DistinctCount.SIZE;
    private static final int NOISE = RATIO + 16;
    private static final int NOISE_SUM = NOISE + 8;
    private static final int NOISE_SQUARED = NOISE_SUM + 16;
    private static final int DIRECTORY = NOISE_SQUARED + 16;
    private static final int CHUNKS = 2 * LogHist.CHUNKS;
    private static final int HEAD = DIRECTORY + 4 * CHUNKS;

    private static final int PRODUCTION = 0;
    private static final int CANDIDATE = LogHist.CHUNKS;

    private static final double LN_10 = StrictMath.log(10);
    /** No call takes a million times as long as another. */
    private static final double LARGEST_LOG_RATIO = 6 * LN_10;

    private byte[] bytes;

    private BatchEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing. */
    public static BatchEvidence create(EvidenceShape shape) {
        byte[] bytes = new byte[HEAD];
        Header.write(bytes, Header.BATCHES, Detail.FULL, shape.regressionUnitBits(), shape.timeBlock());
        References references = shape.references();
        if (references.tailNanos().isPresent()) {
            long tail = references.tailNanos().getAsLong();
            Flat.putLong(bytes, TAIL_NANOS, tail);
            Flat.putLong(bytes, TAIL_LIMIT, (long) Math.floor(tail * (1 + references.tailTolerance())));
        }
        return new BatchEvidence(bytes);
    }

    /**
     * Takes over the bytes of earlier evidence without copying.
     *
     * @throws IllegalArgumentException if they are not evidence of batches of this version
     */
    public static BatchEvidence wrap(byte[] bytes) {
        return new BatchEvidence(Header.check(bytes, Header.BATCHES, HEAD, HEAD));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Counts one batch. */
    public void add(BatchObservation batch) {
        long hash = Header.blockHash(bytes, batch.eventTimeMillis());
        add(batch, (int) hash & (Buckets.K - 1), (int) (hash >>> 32));
    }

    void add(BatchObservation batch, int bucket, int fingerprint) {
        boolean failedProd = batch.productionFailed();
        boolean failedCand = batch.candidateFailed();
        Flat.addLong(bytes, BATCHES, 1);
        Flat.addLong(bytes, ROWS, batch.rows());
        Flat.addLong(bytes, FAILED_PROD, failedProd ? 1 : 0);
        Flat.addLong(bytes, FAILED_CAND, failedCand ? 1 : 0);
        if (Flat.getLong(bytes, TAIL_NANOS) > 0) {
            boolean slowProd = failedProd || batch.productionNanos() > Flat.getLong(bytes, TAIL_NANOS);
            boolean slowCand = failedCand || batch.candidateNanos() > Flat.getLong(bytes, TAIL_LIMIT);
            int difference = (slowProd ? 1 : 0) - (slowCand ? 1 : 0);
            Flat.addLong(bytes, TAIL_SQUARED, (long) difference * difference);
            Buckets.add(bytes, TAIL_BUCKETS, bucket, difference);
            DistinctCount.add(bytes, TAIL_BLOCKS, fingerprint);
        }
        boolean timedProd = !failedProd && batch.productionNanos() > 0;
        boolean timedCand = !failedCand && batch.candidateNanos() > 0;
        if (timedProd) {
            count(PRODUCTION, batch.productionNanos());
        }
        if (timedCand) {
            count(CANDIDATE, batch.candidateNanos());
        }
        if (timedProd && timedCand) {
            addRatio(batch, bucket, fingerprint);
        }
        if (timedProd && batch.productionAgainNanos() > 0) {
            long log = logRatio(batch.productionAgainNanos(), batch.productionNanos());
            Flat.addLong(bytes, NOISE, 1);
            Flat.add128(bytes, NOISE_SUM, log);
            Flat.addProduct128(bytes, NOISE_SQUARED, log, log);
        }
    }

    private void addRatio(BatchObservation batch, int bucket, int fingerprint) {
        double faster = StrictMath.log((double) batch.productionNanos() / batch.candidateNanos()) / LN_10;
        long difference = Quantised.of(Math.max(-1, Math.min(1, faster)));
        Flat.addProduct128(bytes, TYPICAL_SQUARED, difference, difference);
        Buckets.add(bytes, TYPICAL_BUCKETS, bucket, difference);
        DistinctCount.add(bytes, TYPICAL_BLOCKS, fingerprint);
        Flat.add128(bytes, RATIO, logRatio(batch.candidateNanos(), batch.productionNanos()));
    }

    private static long logRatio(long nanos, long others) {
        double log = StrictMath.log((double) nanos / others);
        return Quantised.of(Math.max(-LARGEST_LOG_RATIO, Math.min(LARGEST_LOG_RATIO, log)));
    }

    private void count(int first, long nanos) {
        int index = LogHist.index(nanos, LogHist.LATENCY_BITS);
        bytes = PackedCounters.increment(
                bytes, HEAD, DIRECTORY, CHUNKS, first + index / PackedCounters.CHUNK, index % PackedCounters.CHUNK);
    }

    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireSame(bytes, from);
        for (int at = BATCHES; at < TAIL_NANOS; at += 8) {
            Flat.addLong(bytes, at, Flat.getLong(from, at));
        }
        if (Arrays.equals(bytes, TAIL_NANOS, TAIL_SQUARED, from, TAIL_NANOS, TAIL_SQUARED)) {
            Flat.addLong(bytes, TAIL_SQUARED, Flat.getLong(from, TAIL_SQUARED));
            Buckets.merge(bytes, from, TAIL_BUCKETS);
            DistinctCount.merge(bytes, from, TAIL_BLOCKS);
        } else {
            Arrays.fill(bytes, TAIL_NANOS, TYPICAL_SQUARED, (byte) 0);
        }
        Flat.merge128(bytes, from, TYPICAL_SQUARED);
        Buckets.merge(bytes, from, TYPICAL_BUCKETS);
        DistinctCount.merge(bytes, from, TYPICAL_BLOCKS);
        Flat.merge128(bytes, from, RATIO);
        Flat.addLong(bytes, NOISE, Flat.getLong(from, NOISE));
        Flat.merge128(bytes, from, NOISE_SUM);
        Flat.merge128(bytes, from, NOISE_SQUARED);
        PackedCounters counters = PackedCounters.read(bytes, DIRECTORY, CHUNKS);
        counters.add(PackedCounters.read(from, DIRECTORY, CHUNKS), 0, CHUNKS);
        bytes = counters.write(Arrays.copyOf(bytes, HEAD), DIRECTORY);
    }

    /** Batches counted, failed ones included. */
    public long batches() {
        return Flat.getLong(bytes, BATCHES);
    }

    /** Rows in them. */
    public long rows() {
        return Flat.getLong(bytes, ROWS);
    }

    /** Batches in which the candidate's call failed. */
    public long candidateFailures() {
        return Flat.getLong(bytes, FAILED_CAND);
    }

    /** The reference of the tail; empty where none was declared, or where merged parts had different ones. */
    public OptionalLong tailNanos() {
        long tail = Flat.getLong(bytes, TAIL_NANOS);
        return tail == 0 ? OptionalLong.empty() : OptionalLong.of(tail);
    }

    /**
     * What inference needs of {@link GateMetric#TAIL_LATENCY} (empty without a reference) or
     * {@link GateMetric#TYPICAL_LATENCY}; {@code users} are distinct time blocks, and the buckets are of time blocks.
     */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case TAIL_LATENCY ->
                GateSections.read(
                        bytes,
                        TAIL_BUCKETS,
                        -1,
                        BigInteger.valueOf(Flat.getLong(bytes, TAIL_SQUARED)),
                        BigInteger.ONE,
                        TAIL_BLOCKS);
            case TYPICAL_LATENCY ->
                GateSections.read(
                        bytes,
                        TYPICAL_BUCKETS,
                        -1,
                        Flat.get128(bytes, TYPICAL_SQUARED),
                        Quantised.UNIT,
                        TYPICAL_BLOCKS);
            case ERRORS, FLIPS, SCORE_SHIFT, ACCURACY, BRIER, ABSOLUTE_ERROR ->
                throw new IllegalArgumentException("batches have no evidence of " + metric);
        };
    }

    /** Times of production's first call, failed ones left out. */
    public LatencyPercentiles productionLatency() {
        return LogHist.percentiles(PackedCounters.read(bytes, DIRECTORY, CHUNKS), PRODUCTION);
    }

    /** Times of the candidate's call, failed ones left out. */
    public LatencyPercentiles candidateLatency() {
        return LogHist.percentiles(PackedCounters.read(bytes, DIRECTORY, CHUNKS), CANDIDATE);
    }

    /** Candidate's time over production's, geometric mean over batches in which neither failed; null without any. */
    public @Nullable Double ratio() {
        long n = Bins.total(Buckets.counts(bytes, TYPICAL_BUCKETS));
        return n == 0 ? null : (Double) StrictMath.exp(Quantised.mean(Flat.get128(bytes, RATIO), n));
    }

    /** Production against itself; empty without a batch in which both of its calls were timed. */
    public Optional<NoiseFloor> noiseFloor() {
        long n = Flat.getLong(bytes, NOISE);
        if (n == 0) {
            return Optional.empty();
        }
        BigInteger count = BigInteger.valueOf(n);
        BigInteger sum = Flat.get128(bytes, NOISE_SUM);
        BigInteger spread = count.multiply(Flat.get128(bytes, NOISE_SQUARED)).subtract(sum.multiply(sum));
        return Optional.of(new NoiseFloor(
                n,
                StrictMath.exp(Quantised.mean(sum, n)),
                Exact.rootOfRatio(
                        spread, count.multiply(count).multiply(Quantised.UNIT).multiply(Quantised.UNIT))));
    }
}
