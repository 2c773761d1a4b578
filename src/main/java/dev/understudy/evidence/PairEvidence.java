package dev.understudy.evidence;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What comparisons say of a pair. {@link Layout} describes the bytes.
 *
 * <p>An observation costs no allocation, except when the array must grow: at the first latency in a power of two, when a
 * counter outgrows its width, and at a new label. Not safe for concurrent use.
 */
public final class PairEvidence implements Evidence {
    private static final int BUCKET_MASK = Buckets.K - 1;
    /** Fewer say too little about the tails. */
    private static final int PAIRS_FOR_DECILES = 1000;

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
        Header.write(bytes, Header.PAIRS, detail, shape.regressionUnitBits(), shape.timeBlock());
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
        return new PairEvidence(Header.check(bytes, Header.PAIRS, Layout.GATES_SIZE, Layout.LABELS + 1));
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
        return Header.detail(bytes);
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
        Flat.addLong(bytes, Layout.MISMATCHED, seen.comparable() ? 0 : 1);
        if (!seen.production().asked()) {
            Flat.addLong(bytes, Layout.NOT_ASKED, 1);
        } else if (seen.status() != CandidateStatus.SHED) {
            addErrors(seen, bucket, fingerprint);
        }
        boolean validProd = checkProduction(seen);
        boolean validCand = checkCandidate(seen);
        if (seen.answeredTwice()) {
            if (detail() == Detail.FULL) {
                addLatency(Counters.LATENCY_PROD, seen.production().latencyNanos());
                addLatency(Counters.LATENCY_CAND, seen.candidate().latencyNanos());
            }
            if (validProd && validCand && seen.comparable()) {
                addAnswers(seen, bucket, fingerprint);
            }
        }
    }

    private void addErrors(PairObservation seen, int bucket, int fingerprint) {
        int difference = (seen.production().error() ? 1 : 0) - (seen.candidateError() ? 1 : 0);
        Flat.addLong(bytes, Layout.ERRORS_SQUARED, (long) difference * difference);
        Buckets.add(bytes, Layout.ERRORS_USERS, bucket, difference);
        Buckets.add(bytes, Layout.ERRORS_BLOCKS, Header.blockBucket(bytes, seen.eventTimeMillis()), difference);
        DistinctCount.add(bytes, Layout.ROW_ENTITIES, fingerprint);
    }

    private boolean checkProduction(PairObservation seen) {
        return seen.production().error()
                || !seen.production().asked()
                || check(seen.task(), seen.production(), Layout.ANSWERS_PROD, Layout.INVALID_PROD);
    }

    private boolean checkCandidate(PairObservation seen) {
        return seen.status() != CandidateStatus.COMPARED
                || seen.candidate().error()
                || check(seen.task(), seen.candidate(), Layout.ANSWERS_CAND, Layout.INVALID_CAND);
    }

    /** Counts an answer, and whether it is none. */
    private boolean check(@Nullable Task task, Answer answer, int answers, int invalid) {
        boolean valid = answer.isValid(task);
        Flat.addLong(bytes, answers, 1);
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
                addDirection(seen.classes(), labelProd, labelCand);
            }
        }
        if (seen.task() == Task.MULTICLASS && detail() == Detail.FULL) {
            addVectors(seen.production().probabilities(), seen.candidate().probabilities());
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
        long quantisedP = Quantised.of(p);
        long quantisedC = Quantised.of(c);
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

    /** Total variation ½Σ|c_k−p_k| and Jensen-Shannon divergence in bits of one request, over the classes of either side. */
    private void addVectors(Map<String, Double> p, Map<String, Double> c) {
        if (p.isEmpty() || c.isEmpty()) {
            return;
        }
        double variation = 0;
        double divergence = 0;
        for (Map.Entry<String, Double> entry : p.entrySet()) {
            double other = c.getOrDefault(entry.getKey(), 0.0);
            variation += Math.abs(other - entry.getValue());
            divergence += Bins.jensenShannonTerm(entry.getValue(), other);
        }
        for (Map.Entry<String, Double> entry : c.entrySet()) {
            if (!p.containsKey(entry.getKey())) {
                variation += entry.getValue();
                divergence += Bins.jensenShannonTerm(0, entry.getValue());
            }
        }
        Flat.addLong(bytes, Layout.VECTORS, 1);
        Flat.add128(bytes, Layout.VARIATION, Quantised.of(variation / 2));
        Flat.add128(bytes, Layout.JENSEN_SHANNON, Quantised.of(Math.max(0, divergence)));
    }

    private void addDirection(List<String> classes, String labelProd, String labelCand) {
        if (classes.size() != 2) {
            return;
        }
        String positive = classes.get(1);
        boolean before = positive.equals(labelProd);
        boolean after = positive.equals(labelCand);
        Flat.addLong(bytes, Layout.DIRECTED, 1);
        Flat.addLong(bytes, Layout.FLIPS_UP, !before && after ? 1 : 0);
        Flat.addLong(bytes, Layout.FLIPS_DOWN, before && !after ? 1 : 0);
    }

    private void addValues(double p, double c) {
        if (detail() != Detail.FULL) {
            return;
        }
        long quantisedP = quantiseValue(p);
        Moments.add(bytes, Layout.VALUES, quantisedP, quantiseValue(c));
        // −1 −q keeps 0 for the values from 0 up.
        int magnitude = LogHist.index(quantisedP < 0 ? -1 - quantisedP : quantisedP, LogHist.LATENCY_BITS);
        int first = quantisedP < 0 ? Counters.VALUES_BELOW : Counters.VALUES_ABOVE;
        count(first + magnitude / PackedCounters.CHUNK, magnitude % PackedCounters.CHUNK);
        if (Flat.getLong(bytes, Layout.EDGE_COUNT) > 0) {
            count(Counters.COARSE, Counters.DECILES_AT + decile(p));
            count(Counters.COARSE, Counters.DECILES_AT + Counters.DECILES + decile(c));
        }
    }

    private long quantiseValue(double value) {
        double units = Math.floor(value * (1L << Header.unitBits(bytes)) + 0.5);
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
            count(first + index / PackedCounters.CHUNK, index % PackedCounters.CHUNK);
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
            counters.insertLabels(missing);
            bytes = counters.write(bytes);
            row = Labels.find(bytes, labelProd);
            column = Labels.find(bytes, labelCand);
        }
        int cell = row * Counters.SIDE + column;
        count(Counters.CONFUSION + cell / PackedCounters.CHUNK, cell % PackedCounters.CHUNK);
    }

    private void count(int chunk, int slot) {
        if (!PackedCounters.increment(bytes, Layout.DIRECTORY, chunk, slot)) {
            Counters counters = Counters.read(bytes);
            counters.add(chunk, slot, 1);
            bytes = counters.write(bytes);
        }
    }

    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireSame(bytes, from);
        bytes[Layout.AT_TASKS] |= from[Layout.AT_TASKS];
        addLongs(from, Layout.STATUS, Layout.FIRST_EVENT);
        Flat.minLong(bytes, Layout.FIRST_EVENT, Flat.getLong(from, Layout.FIRST_EVENT));
        Flat.maxLong(bytes, Layout.LAST_EVENT, Flat.getLong(from, Layout.LAST_EVENT));
        addLongs(from, Layout.ERRORS_SQUARED, Layout.SHIFT_SQUARED);
        Flat.merge128(bytes, from, Layout.SHIFT_SQUARED);
        addLongs(from, Layout.SHIFT_USERS, Layout.ROW_ENTITIES);
        DistinctCount.merge(bytes, from, Layout.ROW_ENTITIES);
        DistinctCount.merge(bytes, from, Layout.PAIR_ENTITIES);
        if (detail() == Detail.FULL) {
            Moments.merge(bytes, from, Layout.PROBABILITIES);
            Moments.merge(bytes, from, Layout.VALUES);
            Flat.addLong(bytes, Layout.VECTORS, Flat.getLong(from, Layout.VECTORS));
            Flat.merge128(bytes, from, Layout.VARIATION);
            Flat.merge128(bytes, from, Layout.JENSEN_SHANNON);
            addLongs(from, Layout.FLIPS_UP, Layout.EDGE_COUNT);
            Counters counters = Counters.read(bytes);
            counters.merge(Counters.read(from));
            if (!sameDeciles(from)) {
                counters.clear(Counters.COARSE, Counters.DECILES_AT, 2 * Counters.DECILES);
                Arrays.fill(bytes, Layout.EDGE_COUNT, Layout.DIRECTORY, (byte) 0);
            }
            bytes = counters.write(bytes);
        }
    }

    private boolean sameDeciles(byte[] from) {
        return Arrays.equals(bytes, Layout.EDGE_COUNT, Layout.DIRECTORY, from, Layout.EDGE_COUNT, Layout.DIRECTORY);
    }

    private void addLongs(byte[] from, int first, int end) {
        for (int at = first; at < end; at += 8) {
            Flat.addLong(bytes, at, Flat.getLong(from, at));
        }
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

    /** Requests on which production could not be asked, so that its answer is neither right nor an error. */
    public long productionNotAsked() {
        return Flat.getLong(bytes, Layout.NOT_ASKED);
    }

    /** Comparisons whose answers do not speak of the same thing: tasks or classes differ. */
    public long mismatched() {
        return Flat.getLong(bytes, Layout.MISMATCHED);
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
        return LogHist.percentiles(requireFull("latency").packed(), Counters.LATENCY_PROD);
    }

    /** Latency of the candidate on the requests that both versions answered. Needs {@link Detail#FULL}. */
    public LatencyPercentiles candidateLatency() {
        return LogHist.percentiles(requireFull("latency").packed(), Counters.LATENCY_CAND);
    }

    private Counters requireFull(String what) {
        if (detail() != Detail.FULL) {
            throw new IllegalStateException(what + " needs evidence with Detail.FULL, this has Detail.GATES");
        }
        return Counters.read(bytes);
    }

    /**
     * The nine edges of the deciles of production's regression values: middles of the bins that hold the ranks, at most
     * 2^-8 of the value or a unit from the exact order statistic. Empty below {@value #PAIRS_FOR_DECILES} pairs. Needs
     * {@link Detail#FULL}.
     */
    public Optional<List<Double>> productionDeciles() {
        PackedCounters counters = requireFull("deciles").packed();
        long below = counters.total(Counters.VALUES_BELOW, Counters.VALUES_ABOVE);
        long n = below + counters.total(Counters.VALUES_ABOVE, Counters.CONFUSION);
        if (n < PAIRS_FOR_DECILES) {
            return Optional.empty();
        }
        double unit = 1L << Header.unitBits(bytes);
        List<Double> edges = new ArrayList<>();
        for (int i = 1; i <= References.EDGES; i++) {
            long rank = LogHist.rank(i / 10.0, n);
            double units = rank <= below
                    ? -1 - middle(counters, Counters.VALUES_BELOW, below + 1 - rank)
                    : middle(counters, Counters.VALUES_ABOVE, rank - below);
            edges.add(units / unit);
        }
        return Optional.of(edges);
    }

    private static double middle(PackedCounters counters, int first, long rank) {
        return LogHist.middle(counters.indexOfRank(first, first + LogHist.CHUNKS, rank), LogHist.LATENCY_BITS);
    }

    /** What inference needs of a metric; empty while nothing was observed. */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case ERRORS ->
                GateSections.read(
                        bytes,
                        Layout.ERRORS_USERS,
                        Layout.ERRORS_BLOCKS,
                        BigInteger.valueOf(Flat.getLong(bytes, Layout.ERRORS_SQUARED)),
                        BigInteger.ONE,
                        Layout.ROW_ENTITIES);
            case FLIPS ->
                GateSections.read(
                        bytes,
                        Layout.FLIPS_USERS,
                        -1,
                        Buckets.total(Buckets.sums(bytes, Layout.FLIPS_USERS)).negate(),
                        BigInteger.ONE,
                        Layout.PAIR_ENTITIES);
            case SCORE_SHIFT ->
                GateSections.read(
                        bytes,
                        Layout.SHIFT_USERS,
                        -1,
                        Flat.get128(bytes, Layout.SHIFT_SQUARED),
                        Quantised.UNIT,
                        Layout.PAIR_ENTITIES);
            case TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY, BRIER, ABSOLUTE_ERROR ->
                throw new IllegalArgumentException("comparisons have no evidence of " + metric);
        };
    }
}
