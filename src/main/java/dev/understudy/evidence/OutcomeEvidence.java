package dev.understudy.evidence;

import static dev.understudy.evidence.OutcomeLayout.ABSOLUTE_ERROR;
import static dev.understudy.evidence.OutcomeLayout.BRIER;
import static dev.understudy.evidence.OutcomeLayout.COUNTERS;
import static dev.understudy.evidence.OutcomeLayout.ENTITIES;
import static dev.understudy.evidence.OutcomeLayout.FULL_SIZE;
import static dev.understudy.evidence.OutcomeLayout.GATES_SIZE;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What outcomes say of a pair: accuracy and calibration of both versions, and business values of the served arms. The
 * same outcomes give the same bytes, whatever their order and the parts in which they were counted;
 * {@link OutcomeLayout} describes them.
 *
 * <p>A label is right when it names the class that the outcome names, where plain numbers are compared by value: "1" and
 * "1.0" are the same class. A binary outcome is positive when it names the second class; where classes are not known,
 * "1" is positive, "0" negative, and any other outcome says nothing of probabilities.
 *
 * <p>Not safe for concurrent use.
 */
public final class OutcomeEvidence implements Evidence {
    /** The log loss of a probability of 0 for what happened would be infinite. */
    private static final double LEAST_PROBABILITY = 1e-15;

    private static final int UNKNOWN_CLASS = -1;

    private byte[] bytes;

    private OutcomeEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing. */
    public static OutcomeEvidence create(Detail detail, EvidenceShape shape) {
        byte[] bytes = Header.create(
                detail == Detail.FULL ? FULL_SIZE : GATES_SIZE,
                Header.OUTCOMES,
                detail,
                shape.regressionUnitBits(),
                shape.timeBlock().toMillis());
        References references = shape.references();
        putBound(bytes, OutcomeLayout.VALUE_BOUND, references.valueBound());
        putBound(bytes, OutcomeLayout.BUSINESS_BOUND, references.businessBound());
        return new OutcomeEvidence(bytes);
    }

    private static void putBound(byte[] bytes, int at, OptionalDouble bound) {
        if (bound.isPresent()) {
            Flat.putLong(bytes, at, Double.doubleToLongBits(bound.getAsDouble()));
        }
    }

    /**
     * Takes over the bytes of earlier evidence without copying: {@link #add} changes them.
     *
     * @throws IllegalArgumentException if they are not evidence of outcomes of this version
     */
    public static OutcomeEvidence wrap(byte[] bytes) {
        return new OutcomeEvidence(Header.require(bytes, Header.OUTCOMES, GATES_SIZE, FULL_SIZE));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    private Detail detail() {
        return Header.detail(bytes);
    }

    /** Counts a pair of which an outcome is expected, whether or not it comes. */
    public void expect() {
        Flat.addLong(bytes, OutcomeLayout.REQUESTS, 1);
    }

    /** Counts an outcome that was joined with its comparison. */
    public void add(OutcomeObservation outcome) {
        int bucket = GateSection.bucket(outcome.entityHash());
        int fingerprint = GateSection.fingerprint(outcome.entityHash());
        Double business = outcome.truth().businessValue();
        if (business != null && detail() == Detail.FULL) {
            addBusiness(outcome.served(), business, bucket, fingerprint);
        }
        if (outcome.pair()
                && (outcome.task() == Task.REGRESSION ? addValue(outcome, bucket) : addClass(outcome, bucket))) {
            Flat.addLong(bytes, OutcomeLayout.LABELLED, 1);
            DistinctCount.add(bytes, ENTITIES, fingerprint);
        }
    }

    /** Whether the outcome named a class. */
    private boolean addClass(OutcomeObservation seen, int bucket) {
        String truth = seen.truth().label();
        if (truth == null) {
            return false;
        }
        int index = ClassNames.indexOf(seen.classes(), truth);
        if (index < 0 && !seen.classes().isEmpty()) {
            Flat.addLong(bytes, OutcomeLayout.UNKNOWN, 1);
            return false;
        }
        addLabels(seen.production().label(), seen.candidate().label(), truth, bucket);
        if (seen.task() == Task.BINARY) {
            addProbabilities(seen, truth, index, bucket);
        } else if (seen.task() == Task.MULTICLASS) {
            addDistributions(seen, index < 0 ? truth : seen.classes().get(index), bucket);
        }
        return true;
    }

    private void addLabels(@Nullable String labelProd, @Nullable String labelCand, String truth, int bucket) {
        if (labelProd == null || labelCand == null) {
            return;
        }
        boolean production = ClassNames.same(labelProd, truth);
        boolean candidate = ClassNames.same(labelCand, truth);
        int cell = production
                ? candidate ? OutcomeLayout.BOTH_RIGHT : OutcomeLayout.PRODUCTION_RIGHT
                : candidate ? OutcomeLayout.CANDIDATE_RIGHT : OutcomeLayout.BOTH_WRONG;
        Flat.addLong(bytes, cell, 1);
        int at = OutcomeLayout.RIGHT + OutcomeLayout.RIGHT_STRIDE * bucket;
        Flat.addLong(bytes, at, 1);
        Flat.addLong(bytes, at + 8, candidate ? 1 : 0);
        Flat.addLong(bytes, at + 16, production ? 1 : 0);
    }

    private void addProbabilities(OutcomeObservation seen, String truth, int index, int bucket) {
        int positive = positive(seen.classes(), truth, index);
        Double p = seen.production().score();
        Double c = seen.candidate().score();
        if (positive == UNKNOWN_CLASS || p == null || c == null || !isProbability(p) || !isProbability(c)) {
            return;
        }
        double brierProd = (p - positive) * (p - positive);
        double brierCand = (c - positive) * (c - positive);
        BRIER.add(bytes, bucket, Quantised.of(brierProd - brierCand));
        if (detail() == Detail.FULL) {
            Flat.add128(bytes, OutcomeLayout.BRIER_PROD, Quantised.of(brierProd));
            Flat.add128(bytes, OutcomeLayout.BRIER_CAND, Quantised.of(brierCand));
            addLogLoss(positive == 1 ? p : 1 - p, positive == 1 ? c : 1 - c);
            Calibration.add(bytes, OutcomeLayout.CALIBRATION_PROD, p, positive == 1);
            Calibration.add(bytes, OutcomeLayout.CALIBRATION_CAND, c, positive == 1);
            count(OutcomeLayout.SCORES_PROD, positive * ScoreBins.COUNT + ScoreBins.of(p));
            count(OutcomeLayout.SCORES_CAND, positive * ScoreBins.COUNT + ScoreBins.of(c));
        }
    }

    /** 1 for the positive class, 0 for the negative one. */
    private static int positive(List<String> classes, String truth, int index) {
        if (classes.isEmpty()) {
            return ClassNames.same(truth, "1") ? 1 : ClassNames.same(truth, "0") ? 0 : UNKNOWN_CLASS;
        }
        return classes.size() == 2 ? index : UNKNOWN_CLASS;
    }

    private static boolean isProbability(double x) {
        return x >= 0 && x <= 1;
    }

    private void addDistributions(OutcomeObservation seen, String truth, int bucket) {
        Map<String, Double> p = seen.production().probabilities();
        Map<String, Double> c = seen.candidate().probabilities();
        if (p.isEmpty() || c.isEmpty() || !Distributions.valid(p) || !Distributions.valid(c)) {
            return;
        }
        long errorProd = Distributions.squaredError(p, truth);
        long errorCand = Distributions.squaredError(c, truth);
        // Probabilities that do not add up to 1 could give more than the bound of the metric.
        long limit = 1L << Quantised.BITS;
        BRIER.add(bytes, bucket, Math.max(-limit, Math.min(limit, Distributions.half(errorProd - errorCand))));
        if (detail() == Detail.FULL) {
            Flat.add128(bytes, OutcomeLayout.BRIER_PROD, Distributions.half(errorProd));
            Flat.add128(bytes, OutcomeLayout.BRIER_CAND, Distributions.half(errorCand));
            addLogLoss(p.getOrDefault(truth, 0.0), c.getOrDefault(truth, 0.0));
        }
    }

    /** −ln max(1e-15, probability of what happened). */
    private void addLogLoss(double p, double c) {
        Flat.add128(bytes, OutcomeLayout.LOG_LOSS_PROD, Quantised.of(-StrictMath.log(Math.max(LEAST_PROBABILITY, p))));
        Flat.add128(bytes, OutcomeLayout.LOG_LOSS_CAND, Quantised.of(-StrictMath.log(Math.max(LEAST_PROBABILITY, c))));
    }

    /** Whether the outcome was a number. */
    private boolean addValue(OutcomeObservation seen, int bucket) {
        Double truth = seen.truth().value();
        if (truth == null) {
            return false;
        }
        if (!Double.isFinite(truth)) {
            Flat.addLong(bytes, OutcomeLayout.UNKNOWN, 1);
            return false;
        }
        Double p = seen.production().score();
        Double c = seen.candidate().score();
        if (p == null || c == null || !Double.isFinite(p) || !Double.isFinite(c)) {
            return true;
        }
        OptionalDouble bound = bound(OutcomeLayout.VALUE_BOUND);
        if (bound.isPresent()) {
            double difference = (Math.abs(p - truth) - Math.abs(c - truth)) / bound.getAsDouble();
            ABSOLUTE_ERROR.add(bytes, bucket, unitInterval(difference));
        }
        if (detail() == Detail.FULL) {
            long y = quantiseValue(truth);
            Flat.addLong(bytes, OutcomeLayout.VALUES, 1);
            addError(OutcomeLayout.ABSOLUTE_PROD, OutcomeLayout.SQUARED_PROD, quantiseValue(p) - y);
            addError(OutcomeLayout.ABSOLUTE_CAND, OutcomeLayout.SQUARED_CAND, quantiseValue(c) - y);
        }
        return true;
    }

    private void addError(int absolute, int squared, long error) {
        Flat.add128(bytes, absolute, Math.abs(error));
        Flat.addProduct128(bytes, squared, error, error);
    }

    private long quantiseValue(double value) {
        double units = Quantised.units(value, Header.unitBits(bytes));
        if (Math.abs(units) > Quantised.LARGEST_VALUE) {
            Flat.addLong(bytes, OutcomeLayout.CLAMPED_VALUES, 1);
        }
        return Quantised.clamped(units);
    }

    /** A difference clamped to [−1, 1] and quantised; 0 where two infinite errors have no difference. */
    private static long unitInterval(double difference) {
        return Quantised.of(Math.max(-1, Math.min(1, Double.isNaN(difference) ? 0 : difference)));
    }

    private void addBusiness(Arm arm, double value, int bucket, int fingerprint) {
        OptionalDouble bound = businessBound();
        if (bound.isEmpty() || arm == Arm.OTHER) {
            return;
        }
        if (Double.isNaN(value)) {
            Flat.addLong(bytes, OutcomeLayout.BUSINESS_INVALID, 1);
            return;
        }
        double share = value / bound.getAsDouble();
        Flat.addLong(bytes, OutcomeLayout.BUSINESS_CLAMPED, Math.abs(share) > 1 ? 1 : 0);
        section(arm).add(bytes, bucket, unitInterval(share));
        DistinctCount.add(bytes, entities(arm), fingerprint);
    }

    private static GateSection section(Arm arm) {
        return arm == Arm.CANDIDATE ? OutcomeLayout.CANDIDATE_ARM : OutcomeLayout.PRODUCTION_ARM;
    }

    private static int entities(Arm arm) {
        return arm == Arm.CANDIDATE ? OutcomeLayout.CANDIDATE_ENTITIES : OutcomeLayout.PRODUCTION_ENTITIES;
    }

    private void count(int first, int index) {
        if (!COUNTERS.increment(bytes, first, index)) {
            bytes = COUNTERS.grow(bytes, FULL_SIZE, first, index);
        }
    }

    /**
     * Adds all that other evidence has counted. Where a bound differs, or one side has none, the sum has none and nothing
     * of what is measured against it.
     *
     * @throws IllegalArgumentException if kind, detail, units or time blocks differ
     */
    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireMergeable(bytes, from);
        boolean sameValueBound = sameBound(from, OutcomeLayout.VALUE_BOUND);
        boolean sameBusinessBound = sameBound(from, OutcomeLayout.BUSINESS_BOUND);
        Flat.addLongs(bytes, from, OutcomeLayout.REQUESTS, BRIER.at());
        BRIER.merge(bytes, from);
        if (sameValueBound) {
            ABSOLUTE_ERROR.merge(bytes, from);
        } else {
            Flat.putLong(bytes, OutcomeLayout.VALUE_BOUND, 0);
            Arrays.fill(bytes, ABSOLUTE_ERROR.at(), ABSOLUTE_ERROR.end(), (byte) 0);
        }
        DistinctCount.merge(bytes, from, ENTITIES);
        if (!sameBusinessBound) {
            Flat.putLong(bytes, OutcomeLayout.BUSINESS_BOUND, 0);
        }
        if (detail() == Detail.FULL) {
            mergeFull(from, sameBusinessBound);
        }
    }

    private void mergeFull(byte[] from, boolean sameBusinessBound) {
        merge128(from, OutcomeLayout.BRIER_PROD, OutcomeLayout.CALIBRATION_PROD);
        Flat.addLongs(bytes, from, OutcomeLayout.CALIBRATION_PROD, OutcomeLayout.ABSOLUTE_PROD);
        merge128(from, OutcomeLayout.ABSOLUTE_PROD, OutcomeLayout.BUSINESS_CLAMPED);
        if (sameBusinessBound) {
            Flat.addLongs(bytes, from, OutcomeLayout.BUSINESS_CLAMPED, OutcomeLayout.PRODUCTION_ARM.at());
            OutcomeLayout.PRODUCTION_ARM.merge(bytes, from);
            DistinctCount.merge(bytes, from, OutcomeLayout.PRODUCTION_ENTITIES);
            OutcomeLayout.CANDIDATE_ARM.merge(bytes, from);
            DistinctCount.merge(bytes, from, OutcomeLayout.CANDIDATE_ENTITIES);
        } else {
            Arrays.fill(bytes, OutcomeLayout.BUSINESS_CLAMPED, COUNTERS.directory(), (byte) 0);
        }
        bytes = COUNTERS.merge(bytes, from, FULL_SIZE);
    }

    private void merge128(byte[] from, int first, int end) {
        for (int at = first; at < end; at += 16) {
            Flat.merge128(bytes, from, at);
        }
    }

    private boolean sameBound(byte[] from, int at) {
        return Flat.getLong(bytes, at) == Flat.getLong(from, at);
    }

    /** Accuracy and calibration; what needs {@link Detail#FULL} is null without it. */
    public Accuracy accuracy() {
        return AccuracyFormulas.read(bytes);
    }

    /** ACCURACY, BRIER or ABSOLUTE_ERROR (empty without a bound). */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case ACCURACY -> relativeAccuracy(1);
            case BRIER -> BRIER.read(bytes, ENTITIES);
            case ABSOLUTE_ERROR -> ABSOLUTE_ERROR.read(bytes, ENTITIES);
            case ERRORS, FLIPS, SCORE_SHIFT, TAIL_LATENCY, TYPICAL_LATENCY ->
                throw new IllegalArgumentException("outcomes have no evidence of " + metric);
        };
    }

    /**
     * (k_c − factor·k_p)/factor, factor >= 1: whether accuracy is better by a share. The factor is taken in units of 2^-32.
     */
    public Optional<GateStatistics> relativeAccuracy(double factor) {
        if (!(factor >= 1 && factor <= 100)) {
            throw new IllegalArgumentException("factor must be 1 to 100, was " + factor);
        }
        BigInteger one = BigInteger.ONE.shiftLeft(Quantised.BITS);
        BigInteger scaled = BigInteger.valueOf(Quantised.of(factor));
        long[] counts = Buckets.column(bytes, OutcomeLayout.RIGHT, OutcomeLayout.RIGHT_STRIDE);
        long[] candidate = Buckets.column(bytes, OutcomeLayout.RIGHT + 8, OutcomeLayout.RIGHT_STRIDE);
        long[] production = Buckets.column(bytes, OutcomeLayout.RIGHT + 16, OutcomeLayout.RIGHT_STRIDE);
        BigInteger[] sums = new BigInteger[Buckets.K];
        for (int k = 0; k < Buckets.K; k++) {
            sums[k] = BigInteger.valueOf(candidate[k])
                    .multiply(one)
                    .subtract(BigInteger.valueOf(production[k]).multiply(scaled));
        }
        BigInteger squares = square(one)
                .multiply(cell(OutcomeLayout.CANDIDATE_RIGHT))
                .add(square(scaled).multiply(cell(OutcomeLayout.PRODUCTION_RIGHT)))
                .add(square(one.subtract(scaled)).multiply(cell(OutcomeLayout.BOTH_RIGHT)));
        return GateSection.statistics(counts, sums, squares, scaled, DistinctCount.lowerBound(bytes, ENTITIES));
    }

    private BigInteger cell(int at) {
        return BigInteger.valueOf(Flat.getLong(bytes, at));
    }

    private static BigInteger square(BigInteger x) {
        return x.multiply(x);
    }

    /** Business values of an arm in units of the declared bound, clamped to [−1, 1]; empty without a bound or values. Needs FULL. */
    public Optional<GateStatistics> arm(Arm arm) {
        requireFull("business values");
        return arm == Arm.OTHER ? Optional.empty() : section(arm).read(bytes, entities(arm));
    }

    /** Business values of both arms beyond the declared bound. Needs FULL. */
    public long businessClamped() {
        requireFull("business values");
        return Flat.getLong(bytes, OutcomeLayout.BUSINESS_CLAMPED);
    }

    /** Business values that were no numbers, left out. Needs FULL. */
    public long businessInvalid() {
        requireFull("business values");
        return Flat.getLong(bytes, OutcomeLayout.BUSINESS_INVALID);
    }

    private void requireFull(String what) {
        if (detail() != Detail.FULL) {
            throw new IllegalStateException(what + " need evidence with Detail.FULL, this has Detail.GATES");
        }
    }

    /** The declared bound of business values; empty where none was, or where merged parts had different ones. */
    public OptionalDouble businessBound() {
        return bound(OutcomeLayout.BUSINESS_BOUND);
    }

    /** The declared bound of regression errors; empty where none was, or where merged parts had different ones. */
    public OptionalDouble valueBound() {
        return bound(OutcomeLayout.VALUE_BOUND);
    }

    private OptionalDouble bound(int at) {
        long bits = Flat.getLong(bytes, at);
        return bits == 0 ? OptionalDouble.empty() : OptionalDouble.of(Double.longBitsToDouble(bits));
    }
}
