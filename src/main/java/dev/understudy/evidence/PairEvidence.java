package dev.understudy.evidence;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a pair from its comparisons: a flat array of integers, updated in place and merged by addition.
 * The same observations give the same bytes, whatever their order, the parts in which they were counted and the order in
 * which the parts were merged; so evidence can be kept per partition, replayed and recomputed. {@link Layout} describes
 * the bytes.
 *
 * <p>An observation costs no allocation, except when the array must grow: at the first latency in a power of two, when a
 * counter outgrows its width, and at a new label. Not safe for concurrent use.
 */
public final class PairEvidence implements Evidence {
    private static final int BUCKET_MASK = Buckets.K - 1;
    private static final double PROBABILITY_UNIT = 0x1p32;
    private static final long LARGEST_VALUE = 1L << 47;

    private byte[] bytes;

    private PairEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing, in the standard shape. */
    public static PairEvidence create(Detail detail) {
        return create(detail, EvidenceShape.standard());
    }

    /** Evidence of nothing. */
    public static PairEvidence create(Detail detail, EvidenceShape shape) {
        byte[] bytes = new byte[detail == Detail.FULL ? Layout.LABELS + 1 : Layout.GATES_SIZE];
        bytes[Layout.AT_VERSION] = Layout.VERSION;
        bytes[Layout.AT_DETAIL] = detail.code;
        bytes[Layout.AT_UNIT_BITS] = (byte) shape.regressionUnitBits();
        Flat.putInt(bytes, Layout.AT_BLOCK_MILLIS, (int) shape.timeBlock().toMillis());
        Flat.putLong(bytes, Layout.FIRST_EVENT, Long.MAX_VALUE);
        Flat.putLong(bytes, Layout.LAST_EVENT, Long.MIN_VALUE);
        if (detail == Detail.FULL) {
            List<Double> edges = shape.references().deciles();
            Flat.putLong(bytes, Layout.EDGE_COUNT, edges.size());
            for (int i = 0; i < edges.size(); i++) {
                Flat.putLong(bytes, Layout.EDGES + 8 * i, Double.doubleToLongBits(edges.get(i)));
            }
        }
        return new PairEvidence(bytes);
    }

    /**
     * Takes over the bytes of earlier evidence without copying: {@link #add} changes them.
     *
     * @throws IllegalArgumentException if they are not evidence of this version
     */
    public static PairEvidence wrap(byte[] bytes) {
        if (bytes.length < Layout.GATES_SIZE || bytes[Layout.AT_VERSION] != Layout.VERSION) {
            throw new IllegalArgumentException("evidence must have version " + Layout.VERSION + " and at least "
                    + Layout.GATES_SIZE + " bytes, had "
                    + (bytes.length == 0 ? "none" : "version " + bytes[0] + " and " + bytes.length + " bytes"));
        }
        if (bytes[Layout.AT_DETAIL] == Detail.FULL.code && bytes.length <= Layout.LABELS) {
            throw new IllegalArgumentException(
                    "full evidence must have more than " + Layout.LABELS + " bytes, had " + bytes.length);
        }
        return new PairEvidence(bytes);
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    /** Evidence that shares nothing with this. */
    public PairEvidence copy() {
        return new PairEvidence(bytes.clone());
    }

    public Detail detail() {
        return bytes[Layout.AT_DETAIL] == Detail.FULL.code ? Detail.FULL : Detail.GATES;
    }

    /** Counts one comparison. */
    public void add(PairObservation seen) {
        Flat.addLong(bytes, Layout.STATUS + 8 * seen.status().slot, 1);
        Flat.minLong(bytes, Layout.FIRST_EVENT, seen.eventTimeMillis());
        Flat.maxLong(bytes, Layout.LAST_EVENT, seen.eventTimeMillis());
        Task task = seen.task();
        if (task != null) {
            bytes[Layout.AT_TASKS] |= bit(task);
        }
        int bucket = (int) seen.entityHash() & BUCKET_MASK;
        int fingerprint = (int) (seen.entityHash() >>> 32);
        Flat.addLong(bytes, Layout.PRODUCTION_ERRORS, seen.production().error() ? 1 : 0);
        if (seen.status() != CandidateStatus.SHED) {
            addErrors(seen, bucket, fingerprint);
        }
        boolean validProd = checkProduction(seen);
        boolean validCand = checkCandidate(seen);
        if (seen.answeredTwice()) {
            if (detail() == Detail.FULL) {
                addLatency(Counters.LATENCY_PROD, seen.production().latencyNanos());
                addLatency(Counters.LATENCY_CAND, seen.candidate().latencyNanos());
            }
            if (validProd && validCand) {
                addAnswers(seen, bucket, fingerprint);
            }
        }
    }

    private void addErrors(PairObservation seen, int bucket, int fingerprint) {
        int difference = (seen.production().error() ? 1 : 0) - (seen.candidateError() ? 1 : 0);
        Flat.addLong(bytes, Layout.ERRORS_SQUARED, (long) difference * difference);
        Buckets.add(bytes, Layout.ERRORS_USERS, bucket, difference);
        long block = Math.floorDiv(seen.eventTimeMillis(), Flat.getInt(bytes, Layout.AT_BLOCK_MILLIS));
        Buckets.add(bytes, Layout.ERRORS_BLOCKS, (int) EntityHash.mix(block) & BUCKET_MASK, difference);
        DistinctCount.add(bytes, Layout.ROW_ENTITIES, fingerprint);
    }

    private boolean checkProduction(PairObservation seen) {
        return seen.production().error()
                || check(seen.task(), seen.production(), Layout.ANSWERS_PROD, Layout.INVALID_PROD);
    }

    private boolean checkCandidate(PairObservation seen) {
        return seen.status() != CandidateStatus.COMPARED
                || seen.candidate().error()
                || check(seen.task(), seen.candidate(), Layout.ANSWERS_CAND, Layout.INVALID_CAND);
    }

    /** Counts an answer, and whether its score is none: NaN, infinite, or a probability outside 0 to 1. */
    private boolean check(@Nullable Task task, Answer answer, int answers, int invalid) {
        Flat.addLong(bytes, answers, 1);
        Double score = answer.score();
        boolean valid = score == null
                || (task == Task.BINARY ? score >= 0 && score <= 1 : task != Task.REGRESSION || Double.isFinite(score));
        Flat.addLong(bytes, invalid, valid ? 0 : 1);
        return valid;
    }

    private void addAnswers(PairObservation seen, int bucket, int fingerprint) {
        Double scoreProd = seen.production().score();
        Double scoreCand = seen.candidate().score();
        String labelProd = seen.production().label();
        String labelCand = seen.candidate().label();
        boolean scored = scoreProd != null && scoreCand != null && addScores(seen.task(), scoreProd, scoreCand, bucket);
        boolean labelled = labelProd != null && labelCand != null;
        if (labelProd != null && labelCand != null) {
            Buckets.add(bytes, Layout.FLIPS_USERS, bucket, labelProd.equals(labelCand) ? 0 : -1);
            if (detail() == Detail.FULL) {
                addLabels(labelProd, labelCand);
                if (scoreProd != null && scoreCand != null && seen.task() == Task.BINARY) {
                    addPeak(labelProd, scoreProd);
                    addPeak(labelCand, scoreCand);
                }
            }
        }
        if (scored || labelled) {
            Flat.addLong(bytes, Layout.PAIRS, 1);
            DistinctCount.add(bytes, Layout.PAIR_ENTITIES, fingerprint);
        }
    }

    private boolean addScores(@Nullable Task task, double p, double c, int bucket) {
        if (task == Task.BINARY) {
            addProbabilities(p, c, bucket);
            return true;
        }
        if (task == Task.REGRESSION) {
            addValues(p, c);
            return true;
        }
        return false;
    }

    private void addProbabilities(double p, double c, int bucket) {
        long quantisedP = quantise(p);
        long quantisedC = quantise(c);
        long distance = Math.abs(quantisedC - quantisedP);
        Flat.addProduct128(bytes, Layout.SHIFT_SQUARED, distance, distance);
        Buckets.add(bytes, Layout.SHIFT_USERS, bucket, -distance);
        if (detail() == Detail.FULL) {
            Moments.add(bytes, Layout.PROBABILITIES, quantisedP, quantisedC);
            count(Counters.SCORES_PROD, Bins.of(p, Counters.FINE_BINS));
            count(Counters.SCORES_CAND, Bins.of(c, Counters.FINE_BINS));
            count(Counters.COARSE, Bins.of(p, Counters.SCORE_BINS));
            count(Counters.COARSE, Counters.SCORE_BINS + Bins.of(c, Counters.SCORE_BINS));
        }
    }

    /** floor(x·2^32 + ½) of a probability. */
    private static long quantise(double probability) {
        return (long) (probability * PROBABILITY_UNIT + 0.5);
    }

    private void addValues(double p, double c) {
        if (detail() != Detail.FULL) {
            return;
        }
        Moments.add(bytes, Layout.VALUES, quantiseValue(p), quantiseValue(c));
        if (Flat.getLong(bytes, Layout.EDGE_COUNT) > 0) {
            count(Counters.COARSE, Counters.DECILES_AT + decile(p));
            count(Counters.COARSE, Counters.DECILES_AT + Counters.DECILES + decile(c));
        }
    }

    private long quantiseValue(double value) {
        double units = Math.floor(value * (1L << bytes[Layout.AT_UNIT_BITS]) + 0.5);
        if (Math.abs(units) > LARGEST_VALUE) {
            Flat.addLong(bytes, Layout.CLAMPED, 1);
            return units > 0 ? LARGEST_VALUE : -LARGEST_VALUE;
        }
        return (long) units;
    }

    /** How many edges are at most x. */
    private int decile(double x) {
        int decile = 0;
        while (decile < References.EDGES
                && Double.longBitsToDouble(Flat.getLong(bytes, Layout.EDGES + 8 * decile)) <= x) {
            decile++;
        }
        return decile;
    }

    private void addLatency(int first, long nanos) {
        if (nanos > 0) {
            int index = LogHist.index(nanos, LogHist.LATENCY_BITS);
            count(first + index / Counters.CHUNK, index % Counters.CHUNK);
        }
    }

    private void addLabels(String labelProd, String labelCand) {
        int row = Labels.find(bytes, labelProd);
        int column = Labels.find(bytes, labelCand);
        if (row < 0 || column < 0) {
            List<String> missing = new ArrayList<>(2);
            if (row < 0) {
                missing.add(labelProd);
            }
            if (column < 0) {
                missing.add(labelCand);
            }
            Counters counters = Counters.read(bytes);
            int[] moved = counters.insertLabels(missing);
            long[] peaks = peaks(moved, bytes, new long[Labels.MAX]);
            bytes = counters.write(bytes);
            writePeaks(peaks);
            row = Labels.find(bytes, labelProd);
            column = Labels.find(bytes, labelCand);
        }
        int cell = row * Counters.SIDE + column;
        count(Counters.CONFUSION + cell / Counters.CHUNK, cell % Counters.CHUNK);
    }

    /** Highest score seen with a label, plus 1 so that 0 means none. */
    private void addPeak(String label, double score) {
        int index = Labels.find(bytes, label);
        if (index != Labels.OTHER) {
            Flat.maxLong(bytes, Layout.PEAKS + 8 * index, quantise(score) + 1);
        }
    }

    private static long[] peaks(int[] moved, byte[] from, long[] into) {
        for (int i = 0; i < moved.length; i++) {
            if (moved[i] != Labels.OTHER) {
                into[moved[i]] = Math.max(into[moved[i]], Flat.getLong(from, Layout.PEAKS + 8 * i));
            }
        }
        return into;
    }

    private void writePeaks(long[] peaks) {
        for (int i = 0; i < Labels.MAX; i++) {
            Flat.putLong(bytes, Layout.PEAKS + 8 * i, peaks[i]);
        }
    }

    private void count(int chunk, int slot) {
        if (!Counters.increment(bytes, chunk, slot)) {
            Counters counters = Counters.read(bytes);
            counters.add(chunk, slot, 1);
            bytes = counters.write(bytes);
        }
    }

    /**
     * Adds all that other evidence has counted. Associative and commutative to the byte. Where the deciles differ, or one
     * side has none, the sum has none: partitions may learn of a declared stage at different times, and what was put in
     * different bins cannot be added.
     *
     * @throws IllegalArgumentException if detail, units or time blocks differ
     */
    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        if (!mergeable(from)) {
            throw new IllegalArgumentException("evidence must have the same detail and shape to be merged, was "
                    + describeShape(bytes) + " and " + describeShape(from));
        }
        bytes[Layout.AT_TASKS] |= from[Layout.AT_TASKS];
        addLongs(from, Layout.STATUS, Layout.FIRST_EVENT);
        Flat.minLong(bytes, Layout.FIRST_EVENT, Flat.getLong(from, Layout.FIRST_EVENT));
        Flat.maxLong(bytes, Layout.LAST_EVENT, Flat.getLong(from, Layout.LAST_EVENT));
        addLongs(from, Layout.ERRORS_SQUARED, Layout.SHIFT_SQUARED);
        Flat.add128(
                bytes,
                Layout.SHIFT_SQUARED,
                Flat.getLong(from, Layout.SHIFT_SQUARED + 8),
                Flat.getLong(from, Layout.SHIFT_SQUARED));
        addLongs(from, Layout.SHIFT_USERS, Layout.ROW_ENTITIES);
        DistinctCount.merge(bytes, from, Layout.ROW_ENTITIES);
        DistinctCount.merge(bytes, from, Layout.PAIR_ENTITIES);
        if (detail() == Detail.FULL) {
            Moments.merge(bytes, from, Layout.PROBABILITIES);
            Moments.merge(bytes, from, Layout.VALUES);
            Counters counters = Counters.read(bytes);
            int[][] moved = counters.merge(Counters.read(from));
            long[] peaks = peaks(moved[1], from, peaks(moved[0], bytes, new long[Labels.MAX]));
            if (!sameDeciles(from)) {
                counters.clear(Counters.COARSE, Counters.DECILES_AT, 2 * Counters.DECILES);
                Arrays.fill(bytes, Layout.EDGE_COUNT, Layout.PEAKS, (byte) 0);
            }
            bytes = counters.write(bytes);
            writePeaks(peaks);
        }
    }

    private boolean sameDeciles(byte[] from) {
        return Arrays.equals(bytes, Layout.EDGE_COUNT, Layout.PEAKS, from, Layout.EDGE_COUNT, Layout.PEAKS);
    }

    private void addLongs(byte[] from, int first, int end) {
        for (int at = first; at < end; at += 8) {
            Flat.addLong(bytes, at, Flat.getLong(from, at));
        }
    }

    private boolean mergeable(byte[] from) {
        return bytes[Layout.AT_DETAIL] == from[Layout.AT_DETAIL]
                && bytes[Layout.AT_UNIT_BITS] == from[Layout.AT_UNIT_BITS]
                && Flat.getInt(bytes, Layout.AT_BLOCK_MILLIS) == Flat.getInt(from, Layout.AT_BLOCK_MILLIS);
    }

    private static String describeShape(byte[] bytes) {
        boolean full = bytes[Layout.AT_DETAIL] == Detail.FULL.code;
        return (full ? Detail.FULL : Detail.GATES) + " with units of 2^-" + bytes[Layout.AT_UNIT_BITS] + ", blocks of "
                + Flat.getInt(bytes, Layout.AT_BLOCK_MILLIS) + " ms";
    }

    /** Comparisons of a status. */
    public long count(CandidateStatus status) {
        return Flat.getLong(bytes, Layout.STATUS + 8 * status.slot);
    }

    /** All comparisons, whatever their status. */
    public long total() {
        long total = 0;
        for (CandidateStatus status : CandidateStatus.values()) {
            total += count(status);
        }
        return total;
    }

    /** Requests that production failed to answer. */
    public long productionErrors() {
        return Flat.getLong(bytes, Layout.PRODUCTION_ERRORS);
    }

    /** Answers of both versions, valid or not. */
    public long answers() {
        return Flat.getLong(bytes, Layout.ANSWERS_PROD) + Flat.getLong(bytes, Layout.ANSWERS_CAND);
    }

    /** Answers of both versions whose score was NaN, infinite or a probability outside 0 to 1. */
    public long invalidAnswers() {
        return invalidProd() + invalidCand();
    }

    /** Invalid answers of production. */
    public long invalidProd() {
        return Flat.getLong(bytes, Layout.INVALID_PROD);
    }

    /** Invalid answers of the candidate. */
    public long invalidCand() {
        return Flat.getLong(bytes, Layout.INVALID_CAND);
    }

    long clamped() {
        return Flat.getLong(bytes, Layout.CLAMPED);
    }

    /** Pairs of two valid, comparable answers. */
    public long pairs() {
        return Flat.getLong(bytes, Layout.PAIRS);
    }

    /** Event time of the earliest comparison; empty without any. */
    public Optional<Instant> firstEvent() {
        return total() == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(Flat.getLong(bytes, Layout.FIRST_EVENT)));
    }

    /** Event time of the latest comparison; empty without any. */
    public Optional<Instant> lastEvent() {
        return total() == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(Flat.getLong(bytes, Layout.LAST_EVENT)));
    }

    /** What the models were seen to predict: one task, as a rule. */
    public Set<Task> tasks() {
        Set<Task> tasks = EnumSet.noneOf(Task.class);
        for (Task task : Task.values()) {
            if ((bytes[Layout.AT_TASKS] & bit(task)) != 0) {
                tasks.add(task);
            }
        }
        return tasks;
    }

    private static byte bit(Task task) {
        return switch (task) {
            case BINARY -> 1;
            case MULTICLASS -> 2;
            case REGRESSION -> 4;
        };
    }

    /** How the answers differ. Needs {@link Detail#FULL}. */
    public Divergence divergence() {
        return DivergenceFormulas.read(bytes, requireFull("divergence"), this);
    }

    /** Production's labels against the candidate's. Needs {@link Detail#FULL}. */
    public Confusion confusion() {
        Counters counters = requireFull("confusion");
        return new Confusion(counters.labels(), counters.confusion());
    }

    /** Latency of production on the requests that both versions answered. Needs {@link Detail#FULL}. */
    public LatencyPercentiles productionLatency() {
        return latency(requireFull("latency"), Counters.LATENCY_PROD);
    }

    /** Latency of the candidate on the requests that both versions answered. Needs {@link Detail#FULL}. */
    public LatencyPercentiles candidateLatency() {
        return latency(requireFull("latency"), Counters.LATENCY_CAND);
    }

    private Counters requireFull(String what) {
        if (detail() != Detail.FULL) {
            throw new IllegalStateException(what + " needs evidence with Detail.FULL, this has Detail.GATES");
        }
        return Counters.read(bytes);
    }

    private static LatencyPercentiles latency(Counters counters, int first) {
        long n = counters.latencyCount(first);
        return new LatencyPercentiles(
                n,
                percentile(counters, first, n, 0.5),
                percentile(counters, first, n, 0.9),
                percentile(counters, first, n, 0.95),
                percentile(counters, first, n, 0.99),
                percentile(counters, first, n, 0.999),
                LogHist.LATENCY_ERROR);
    }

    private static @Nullable Double percentile(Counters counters, int first, long n, double q) {
        return n == 0 ? null : LogHist.middle(counters.latencyBin(first, LogHist.rank(q, n)), LogHist.LATENCY_BITS);
    }

    /** What inference needs of a metric; empty while nothing was observed. */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case ERRORS ->
                statistics(
                        Layout.ERRORS_USERS,
                        Layout.ERRORS_BLOCKS,
                        BigInteger.valueOf(Flat.getLong(bytes, Layout.ERRORS_SQUARED)),
                        BigInteger.ONE,
                        Layout.ROW_ENTITIES);
            case FLIPS ->
                statistics(
                        Layout.FLIPS_USERS,
                        -1,
                        Buckets.total(Buckets.sums(bytes, Layout.FLIPS_USERS)).negate(),
                        BigInteger.ONE,
                        Layout.PAIR_ENTITIES);
            case SCORE_SHIFT ->
                statistics(
                        Layout.SHIFT_USERS,
                        -1,
                        Flat.get128(bytes, Layout.SHIFT_SQUARED),
                        BigInteger.ONE.shiftLeft(Layout.PROBABILITY_BITS),
                        Layout.PAIR_ENTITIES);
            case TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY, BRIER, ABSOLUTE_ERROR ->
                throw new IllegalArgumentException("comparisons have no evidence of " + metric);
        };
    }

    private Optional<GateStatistics> statistics(
            int users, int blocks, BigInteger sumOfSquares, BigInteger unit, int entities) {
        long[] counts = Buckets.counts(bytes, users);
        long[] sums = Buckets.sums(bytes, users);
        BigInteger n = Buckets.total(counts);
        if (n.signum() == 0) {
            return Optional.empty();
        }
        BigInteger sum = Buckets.total(sums);
        double s2 = Exact.ratio(
                n.multiply(sumOfSquares).subtract(sum.multiply(sum)),
                n.multiply(n).multiply(unit).multiply(unit));
        return Optional.of(new GateStatistics(
                n.longValueExact(),
                Exact.ratio(sum, n.multiply(unit)),
                s2,
                s2 / n.doubleValue(),
                Buckets.variance(counts, sums, unit),
                blocks < 0 ? 0 : Buckets.variance(Buckets.counts(bytes, blocks), Buckets.sums(bytes, blocks), unit),
                Buckets.effective(counts),
                Math.min(n.longValueExact(), DistinctCount.lowerBound(bytes, entities))));
    }
}
