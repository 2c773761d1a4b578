package dev.understudy.evidence;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
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
 * All that is known of a pair from its comparisons: a flat array of integers, updated in place and merged by addition.
 * The same observations give the same bytes, whatever their order, the parts in which they were counted and the order in
 * which the parts were merged; so evidence can be kept per partition, replayed and recomputed. {@link PairLayout}
 * describes
 * the bytes.
 *
 * <p>An observation costs no allocation, except when the array must grow: at the first latency in a power of two, when a
 * counter outgrows its width, and at a new label. Not safe for concurrent use.
 */
public final class PairEvidence implements Evidence {
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
        byte[] bytes = Header.create(
                detail == Detail.FULL ? PairLayout.LABELS + 1 : PairLayout.GATES_SIZE,
                Header.PAIRS,
                detail,
                shape.regressionUnitBits(),
                shape.timeBlock().toMillis());
        Flat.putLong(bytes, PairLayout.FIRST_EVENT, Long.MAX_VALUE);
        Flat.putLong(bytes, PairLayout.LAST_EVENT, Long.MIN_VALUE);
        if (detail == Detail.FULL) {
            List<Double> edges = shape.references().deciles();
            Flat.putLong(bytes, PairLayout.EDGE_COUNT, edges.size());
            for (int i = 0; i < edges.size(); i++) {
                Flat.putLong(bytes, PairLayout.EDGES + 8 * i, Double.doubleToLongBits(edges.get(i)));
            }
        }
        return new PairEvidence(bytes);
    }

    /**
     * Takes over the bytes of earlier evidence without copying: {@link #add} changes them.
     *
     * @throws IllegalArgumentException if they are not evidence of pairs of this version
     */
    public static PairEvidence wrap(byte[] bytes) {
        return new PairEvidence(Header.require(bytes, Header.PAIRS, PairLayout.GATES_SIZE, PairLayout.LABELS + 1));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    private Detail detail() {
        return Header.detail(bytes);
    }

    /** Counts one comparison. */
    public void add(PairObservation seen) {
        Flat.addLong(bytes, PairLayout.STATUS + 8 * seen.status().slot, 1);
        Flat.minLong(bytes, PairLayout.FIRST_EVENT, seen.eventTimeMillis());
        Flat.maxLong(bytes, PairLayout.LAST_EVENT, seen.eventTimeMillis());
        Task task = seen.task();
        if (task != null) {
            bytes[PairLayout.TASKS] |= bit(task);
        }
        int bucket = GateSection.bucket(seen.entityHash());
        int fingerprint = GateSection.fingerprint(seen.entityHash());
        if (!seen.production().asked()) {
            Flat.addLong(bytes, PairLayout.PRODUCTION_NOT_ASKED, 1);
        } else {
            Flat.addLong(bytes, PairLayout.PRODUCTION_ERRORS, seen.production().error() ? 1 : 0);
            if (seen.status() != CandidateStatus.SHED) {
                addErrors(seen, bucket, fingerprint);
            }
        }
        boolean twice = seen.answeredTwice();
        if (twice && detail() == Detail.FULL) {
            addLatency(Counters.LATENCY_PROD, seen.production().latencyNanos());
            addLatency(Counters.LATENCY_CAND, seen.candidate().latencyNanos());
        }
        if (!seen.comparable()) {
            // Whose task and classes the observation names is not known here, so not even validity can be judged.
            Flat.addLong(bytes, PairLayout.MISMATCHED, 1);
            return;
        }
        boolean validProd = checkProduction(seen);
        boolean validCand = checkCandidate(seen);
        if (twice && validProd && validCand) {
            addAnswers(seen, bucket, fingerprint);
        }
    }

    private void addErrors(PairObservation seen, int bucket, int fingerprint) {
        int difference = (seen.production().error() ? 1 : 0) - (seen.candidateError() ? 1 : 0);
        int block = GateSection.bucket(Header.blockHash(bytes, seen.eventTimeMillis()));
        PairLayout.ERRORS.add(bytes, bucket, block, difference);
        DistinctCount.add(bytes, PairLayout.ROW_ENTITIES, fingerprint);
    }

    private boolean checkProduction(PairObservation seen) {
        return seen.production().error()
                || !seen.production().asked()
                || check(seen.task(), seen.production(), PairLayout.ANSWERS_PROD, PairLayout.INVALID_PROD);
    }

    private boolean checkCandidate(PairObservation seen) {
        return seen.status() != CandidateStatus.COMPARED
                || seen.candidate().error()
                || !seen.candidate().asked()
                || check(seen.task(), seen.candidate(), PairLayout.ANSWERS_CAND, PairLayout.INVALID_CAND);
    }

    /** Counts an answer, and whether it is none: a score that is NaN or infinite, or a probability outside 0 to 1. */
    private boolean check(@Nullable Task task, Answer answer, int answers, int invalid) {
        Flat.addLong(bytes, answers, 1);
        boolean valid = valid(task, answer);
        Flat.addLong(bytes, invalid, valid ? 0 : 1);
        return valid;
    }

    /** Whether no number of the answer is NaN, infinite, or a probability outside 0 to 1. */
    static boolean valid(@Nullable Task task, Answer answer) {
        Double score = answer.score();
        if (task == Task.MULTICLASS) {
            return Distributions.valid(answer.probabilities());
        }
        return score == null
                || (task == Task.BINARY ? score >= 0 && score <= 1 : task != Task.REGRESSION || Double.isFinite(score));
    }

    private void addAnswers(PairObservation seen, int bucket, int fingerprint) {
        boolean scored = addScores(seen, bucket);
        String labelProd = seen.production().label();
        String labelCand = seen.candidate().label();
        boolean labelled = labelProd != null && labelCand != null;
        if (labelProd != null && labelCand != null) {
            addLabels(seen.classes(), labelProd, labelCand, bucket);
        }
        if (scored || labelled) {
            Flat.addLong(bytes, PairLayout.PAIRS, 1);
            DistinctCount.add(bytes, PairLayout.PAIR_ENTITIES, fingerprint);
        }
    }

    private void addLabels(List<String> classes, String labelProd, String labelCand, int bucket) {
        boolean flip = !labelProd.equals(labelCand);
        PairLayout.FLIPS.add(bytes, bucket, flip ? -1 : 0);
        if (classes.size() == 2) {
            String positive = classes.get(1);
            Flat.addLong(bytes, PairLayout.DIRECTED, 1);
            Flat.addLong(bytes, PairLayout.FLIPS_UP, flip && labelCand.equals(positive) ? 1 : 0);
            Flat.addLong(bytes, PairLayout.FLIPS_DOWN, flip && labelProd.equals(positive) ? 1 : 0);
        }
        if (detail() == Detail.FULL) {
            addConfusion(labelProd, labelCand);
        }
    }

    private boolean addScores(PairObservation seen, int bucket) {
        if (seen.task() == Task.MULTICLASS) {
            Map<String, Double> p = seen.production().probabilities();
            Map<String, Double> c = seen.candidate().probabilities();
            boolean distributions = !p.isEmpty() && !c.isEmpty();
            if (distributions && detail() == Detail.FULL) {
                Flat.addLong(bytes, PairLayout.DISTRIBUTIONS, 1);
                Flat.add128(bytes, PairLayout.DISTANCES, Distributions.distance(p, c));
                Flat.add128(bytes, PairLayout.JENSEN_SHANNON, Distributions.jensenShannon(p, c));
            }
            return distributions;
        }
        Double p = seen.production().score();
        Double c = seen.candidate().score();
        if (p == null || c == null) {
            return false;
        }
        if (seen.task() == Task.BINARY) {
            addProbabilities(p, c, bucket);
            return true;
        }
        if (seen.task() == Task.REGRESSION) {
            addValues(p, c);
            return true;
        }
        return false;
    }

    private void addProbabilities(double p, double c, int bucket) {
        long quantisedP = Quantised.of(p);
        long quantisedC = Quantised.of(c);
        PairLayout.SHIFT.add(bytes, bucket, -Math.abs(quantisedC - quantisedP));
        if (detail() == Detail.FULL) {
            Moments.add(bytes, PairLayout.PROBABILITIES, quantisedP, quantisedC);
            count(Counters.SCORES_PROD, Bins.of(p, Counters.FINE_BINS));
            count(Counters.SCORES_CAND, Bins.of(c, Counters.FINE_BINS));
            count(Counters.COARSE, Bins.of(p, Counters.SCORE_BINS));
            count(Counters.COARSE, Counters.SCORE_BINS + Bins.of(c, Counters.SCORE_BINS));
        }
    }

    private void addValues(double p, double c) {
        if (detail() != Detail.FULL) {
            return;
        }
        long quantisedP = quantiseValue(p);
        Moments.add(bytes, PairLayout.VALUES, quantisedP, quantiseValue(c));
        count(ValueHistogram.first(quantisedP), ValueHistogram.index(quantisedP));
        if (Flat.getLong(bytes, PairLayout.EDGE_COUNT) > 0) {
            count(Counters.COARSE, Counters.DECILES_AT + decile(p));
            count(Counters.COARSE, Counters.DECILES_AT + Counters.DECILES + decile(c));
        }
    }

    private long quantiseValue(double value) {
        double units = Quantised.units(value, Header.unitBits(bytes));
        if (Math.abs(units) > Quantised.LARGEST_VALUE) {
            Flat.addLong(bytes, PairLayout.CLAMPED, 1);
        }
        return Quantised.clamped(units);
    }

    /** How many edges are at most x. */
    private int decile(double x) {
        int decile = 0;
        while (decile < References.EDGES
                && Double.longBitsToDouble(Flat.getLong(bytes, PairLayout.EDGES + 8 * decile)) <= x) {
            decile++;
        }
        return decile;
    }

    private void addLatency(int first, long nanos) {
        if (nanos > 0) {
            count(first, LatencyHistogram.index(nanos));
        }
    }

    private void addConfusion(String labelProd, String labelCand) {
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
        count(Counters.CONFUSION, row * Counters.SIDE + column);
    }

    private void count(int first, int index) {
        if (!PairLayout.COUNTERS.increment(bytes, first, index)) {
            bytes = PairLayout.COUNTERS.grow(bytes, PairLayout.LABELS + Labels.size(bytes), first, index);
        }
    }

    /**
     * Adds all that other evidence has counted. Associative and commutative to the byte. Where the deciles differ, or one
     * side has none, the sum has none: partitions may learn of a declared stage at different times, and what was put in
     * different bins cannot be added.
     *
     * @throws IllegalArgumentException if kind, detail, units or time blocks differ
     */
    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireMergeable(bytes, from);
        bytes[PairLayout.TASKS] |= from[PairLayout.TASKS];
        Flat.addLongs(bytes, from, PairLayout.STATUS, PairLayout.FIRST_EVENT);
        Flat.minLong(bytes, PairLayout.FIRST_EVENT, Flat.getLong(from, PairLayout.FIRST_EVENT));
        Flat.maxLong(bytes, PairLayout.LAST_EVENT, Flat.getLong(from, PairLayout.LAST_EVENT));
        PairLayout.ERRORS.merge(bytes, from);
        PairLayout.FLIPS.merge(bytes, from);
        PairLayout.SHIFT.merge(bytes, from);
        DistinctCount.merge(bytes, from, PairLayout.ROW_ENTITIES);
        DistinctCount.merge(bytes, from, PairLayout.PAIR_ENTITIES);
        if (detail() == Detail.FULL) {
            mergeFull(from);
        }
    }

    private void mergeFull(byte[] from) {
        Moments.merge(bytes, from, PairLayout.PROBABILITIES);
        Moments.merge(bytes, from, PairLayout.VALUES);
        Flat.addLongs(bytes, from, PairLayout.DISTRIBUTIONS, PairLayout.DISTANCES);
        Flat.merge128(bytes, from, PairLayout.DISTANCES);
        Flat.merge128(bytes, from, PairLayout.JENSEN_SHANNON);
        Counters counters = Counters.read(bytes);
        counters.merge(Counters.read(from));
        if (!sameDeciles(from)) {
            counters.chunks().clear(Counters.COARSE, Counters.DECILES_AT, 2 * Counters.DECILES);
            Arrays.fill(bytes, PairLayout.EDGE_COUNT, PairLayout.EDGES_END, (byte) 0);
        }
        bytes = counters.write(bytes);
    }

    private boolean sameDeciles(byte[] from) {
        return Arrays.equals(
                bytes, PairLayout.EDGE_COUNT, PairLayout.EDGES_END, from, PairLayout.EDGE_COUNT, PairLayout.EDGES_END);
    }

    /** Comparisons of a status. */
    public long count(CandidateStatus status) {
        return Flat.getLong(bytes, PairLayout.STATUS + 8 * status.slot);
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
        return Flat.getLong(bytes, PairLayout.PRODUCTION_ERRORS);
    }

    /** Comparisons in which production could not be asked; left out of errors, latency and differences. */
    public long productionNotAsked() {
        return Flat.getLong(bytes, PairLayout.PRODUCTION_NOT_ASKED);
    }

    /** Comparisons of answers that do not speak of the same thing; left out of all that is said of answers. */
    public long mismatched() {
        return Flat.getLong(bytes, PairLayout.MISMATCHED);
    }

    /** Answers of both versions, valid or not, without mismatched ones. */
    public long answers() {
        return Flat.getLong(bytes, PairLayout.ANSWERS_PROD) + Flat.getLong(bytes, PairLayout.ANSWERS_CAND);
    }

    /** Answers of both versions whose score was NaN, infinite or a probability outside 0 to 1. */
    public long invalidAnswers() {
        return invalidProd() + invalidCand();
    }

    /** Invalid answers of production. */
    public long invalidProd() {
        return Flat.getLong(bytes, PairLayout.INVALID_PROD);
    }

    /** Invalid answers of the candidate. */
    public long invalidCand() {
        return Flat.getLong(bytes, PairLayout.INVALID_CAND);
    }

    long clamped() {
        return Flat.getLong(bytes, PairLayout.CLAMPED);
    }

    /** Pairs of two valid, comparable answers. */
    public long pairs() {
        return Flat.getLong(bytes, PairLayout.PAIRS);
    }

    /** Event time of the earliest comparison; empty without any. */
    public Optional<Instant> firstEvent() {
        return total() == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(Flat.getLong(bytes, PairLayout.FIRST_EVENT)));
    }

    /** Event time of the latest comparison; empty without any. */
    public Optional<Instant> lastEvent() {
        return total() == 0
                ? Optional.empty()
                : Optional.of(Instant.ofEpochMilli(Flat.getLong(bytes, PairLayout.LAST_EVENT)));
    }

    /** What the models were seen to predict: one task, as a rule. */
    public Set<Task> tasks() {
        Set<Task> tasks = EnumSet.noneOf(Task.class);
        for (Task task : Task.values()) {
            if ((bytes[PairLayout.TASKS] & bit(task)) != 0) {
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
        return LatencyHistogram.read(requireFull("latency").chunks(), Counters.LATENCY_PROD);
    }

    /** Latency of the candidate on the requests that both versions answered. Needs {@link Detail#FULL}. */
    public LatencyPercentiles candidateLatency() {
        return LatencyHistogram.read(requireFull("latency").chunks(), Counters.LATENCY_CAND);
    }

    private Counters requireFull(String what) {
        if (detail() != Detail.FULL) {
            throw new IllegalStateException(what + " needs evidence with Detail.FULL, this has Detail.GATES");
        }
        return Counters.read(bytes);
    }

    /**
     * The nine edges of production's deciles, ascending, for regression: what a stage may declare as its reference. Each is
     * the middle of its bin, at most 2^-8 of itself from the exact order statistic; empty below 1000 values. Needs
     * {@link Detail#FULL}.
     */
    public Optional<List<Double>> productionDeciles() {
        return ValueHistogram.deciles(requireFull("deciles").chunks(), Header.unitBits(bytes));
    }

    /** What inference needs of a metric; empty while nothing was observed. */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case ERRORS -> PairLayout.ERRORS.read(bytes, PairLayout.ROW_ENTITIES);
            case FLIPS -> PairLayout.FLIPS.read(bytes, PairLayout.PAIR_ENTITIES);
            case SCORE_SHIFT -> PairLayout.SHIFT.read(bytes, PairLayout.PAIR_ENTITIES);
            case TAIL_LATENCY, TYPICAL_LATENCY, ACCURACY, BRIER, ABSOLUTE_ERROR ->
                throw new IllegalArgumentException("comparisons have no evidence of " + metric);
        };
    }
}
