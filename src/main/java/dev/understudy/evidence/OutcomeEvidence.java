package dev.understudy.evidence;

import dev.understudy.domain.References;
import dev.understudy.domain.Task;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What outcomes say of a pair: accuracy and calibration of both versions, and business values by the version that served.
 * {@link OutcomeLayout} describes the bytes.
 *
 * <p>A label is right when it is the text of the outcome, or the same number written otherwise ("1" and "1.0"). Where the
 * model's classes are known, an outcome that names none of them is counted as unknown and left out. A binary probability
 * is that of the second class; where classes are not known, of "1".
 */
public final class OutcomeEvidence implements Evidence {
    /** Log loss of a probability of 0 would be infinite. */
    private static final double LEAST_PROBABILITY = 1e-15;

    private static final double LARGEST_VALUE = 0x1p47;

    private byte[] bytes;

    private OutcomeEvidence(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Evidence of nothing. */
    public static OutcomeEvidence create(Detail detail, EvidenceShape shape) {
        byte[] bytes = new byte[detail == Detail.FULL ? OutcomeLayout.FULL_SIZE : OutcomeLayout.GATES_SIZE];
        Header.write(bytes, Header.OUTCOMES, detail, shape.regressionUnitBits(), shape.timeBlock());
        References references = shape.references();
        putBound(bytes, OutcomeLayout.VALUE_BOUND, references.valueBound());
        if (detail == Detail.FULL) {
            putBound(bytes, OutcomeLayout.BUSINESS_BOUND, references.businessBound());
        }
        return new OutcomeEvidence(bytes);
    }

    private static void putBound(byte[] bytes, int at, OptionalDouble bound) {
        Flat.putLong(bytes, at, bound.isPresent() ? Double.doubleToLongBits(bound.getAsDouble()) : 0);
    }

    /**
     * Takes over the bytes of earlier evidence without copying.
     *
     * @throws IllegalArgumentException if they are not evidence of outcomes of this version
     */
    public static OutcomeEvidence wrap(byte[] bytes) {
        return new OutcomeEvidence(
                Header.check(bytes, Header.OUTCOMES, OutcomeLayout.GATES_SIZE, OutcomeLayout.FULL_SIZE));
    }

    @Override
    public byte[] bytes() {
        return bytes;
    }

    private boolean isFull() {
        return Header.detail(bytes) == Detail.FULL;
    }

    /** Counts a pair of which an outcome is expected, whether or not it comes. */
    public void expect() {
        Flat.addLong(bytes, OutcomeLayout.REQUESTS, 1);
    }

    /** Counts an outcome that was joined with its comparison. */
    public void add(OutcomeObservation outcome) {
        if (outcome.pair()) {
            addPair(outcome);
        }
        Double business = outcome.truth().businessValue();
        if (business != null && Double.isFinite(business) && isFull() && outcome.served() != Arm.OTHER) {
            addBusiness(outcome, business);
        }
    }

    private void addPair(OutcomeObservation outcome) {
        String label = outcome.truth().label();
        Double value = outcome.truth().value();
        if (outcome.task() == Task.REGRESSION) {
            Double p = outcome.production().score();
            Double c = outcome.candidate().score();
            if (value != null && Double.isFinite(value) && p != null && c != null) {
                Flat.addLong(bytes, OutcomeLayout.LABELLED, 1);
                addValues(outcome.entityHash(), p, c, value);
            }
        } else if (label != null) {
            String known = OutcomeLabels.among(outcome.classes(), label);
            if (known == null) {
                Flat.addLong(bytes, OutcomeLayout.UNKNOWN, 1);
            } else {
                Flat.addLong(bytes, OutcomeLayout.LABELLED, 1);
                addLabels(outcome, known);
                addProbabilities(outcome, known);
            }
        }
    }

    private void addLabels(OutcomeObservation outcome, String truth) {
        String p = outcome.production().label();
        String c = outcome.candidate().label();
        if (p == null || c == null) {
            return;
        }
        boolean rightP = OutcomeLabels.same(p, truth);
        boolean rightC = OutcomeLabels.same(c, truth);
        Flat.addLong(bytes, OutcomeLayout.CELLS + 8 * (rightP ? rightC ? 0 : 1 : rightC ? 2 : 3), 1);
        int bucket =
                OutcomeLayout.ACCURACY + OutcomeLayout.ACCURACY_ENTRY * ((int) outcome.entityHash() & (Buckets.K - 1));
        Flat.addLong(bytes, bucket, 1);
        Flat.addLong(bytes, bucket + 8, rightC ? 1 : 0);
        Flat.addLong(bytes, bucket + 16, rightP ? 1 : 0);
        DistinctCount.add(bytes, OutcomeLayout.LABEL_ENTITIES, fingerprint(outcome.entityHash()));
    }

    private static int fingerprint(long entityHash) {
        return (int) (entityHash >>> 32);
    }

    private void addProbabilities(OutcomeObservation outcome, String truth) {
        Double p = outcome.production().score();
        Double c = outcome.candidate().score();
        if (outcome.task() == Task.BINARY && p != null && c != null) {
            double y = OutcomeLabels.isPositive(outcome.classes(), truth) ? 1 : 0;
            addScores(
                    outcome.entityHash(), (p - y) * (p - y), (c - y) * (c - y), y == 1 ? p : 1 - p, y == 1 ? c : 1 - c);
            if (isFull()) {
                calibrate(OutcomeLayout.CALIBRATION_PROD, p, y);
                calibrate(OutcomeLayout.CALIBRATION_CAND, c, y);
                countScore(y == 1 ? OutcomeLayout.PROD_POSITIVE : OutcomeLayout.PROD_NEGATIVE, p);
                countScore(y == 1 ? OutcomeLayout.CAND_POSITIVE : OutcomeLayout.CAND_NEGATIVE, c);
            }
        } else if (outcome.task() == Task.MULTICLASS) {
            Map<String, Double> vectorP = outcome.production().probabilities();
            Map<String, Double> vectorC = outcome.candidate().probabilities();
            if (!vectorP.isEmpty() && !vectorC.isEmpty()) {
                addScores(
                        outcome.entityHash(),
                        halfSquares(vectorP, truth),
                        halfSquares(vectorC, truth),
                        probability(vectorP, truth),
                        probability(vectorC, truth));
            }
        }
    }

    /** ½Σ(p_k − 1{y=k})². */
    private static double halfSquares(Map<String, Double> vector, String truth) {
        double sum = 0;
        boolean met = false;
        for (Map.Entry<String, Double> entry : vector.entrySet()) {
            boolean right = OutcomeLabels.same(entry.getKey(), truth);
            met |= right;
            double distance = entry.getValue() - (right ? 1 : 0);
            sum += distance * distance;
        }
        return (met ? sum : sum + 1) / 2;
    }

    private static double probability(Map<String, Double> vector, String truth) {
        Double exact = vector.get(truth);
        if (exact != null) {
            return exact;
        }
        for (Map.Entry<String, Double> entry : vector.entrySet()) {
            if (OutcomeLabels.same(entry.getKey(), truth)) {
                return entry.getValue();
            }
        }
        return 0;
    }

    private void addScores(long entityHash, double brierP, double brierC, double trueP, double trueC) {
        long quantisedP = Quantised.of(brierP);
        long quantisedC = Quantised.of(brierC);
        long difference = quantisedP - quantisedC;
        Flat.addProduct128(bytes, OutcomeLayout.BRIER_SQUARED, difference, difference);
        Buckets.add(bytes, OutcomeLayout.BRIER_BUCKETS, (int) entityHash & (Buckets.K - 1), difference);
        DistinctCount.add(bytes, OutcomeLayout.SCORE_ENTITIES, fingerprint(entityHash));
        if (isFull()) {
            Flat.addLong(bytes, OutcomeLayout.BRIER_N, 1);
            Flat.add128(bytes, OutcomeLayout.BRIER_PROD, quantisedP);
            Flat.add128(bytes, OutcomeLayout.BRIER_CAND, quantisedC);
            Flat.addLong(bytes, OutcomeLayout.LOG_LOSS_N, 1);
            Flat.add128(bytes, OutcomeLayout.LOG_LOSS_PROD, logLoss(trueP));
            Flat.add128(bytes, OutcomeLayout.LOG_LOSS_CAND, logLoss(trueC));
        }
    }

    private static long logLoss(double probability) {
        return Quantised.of(-StrictMath.log(Math.max(LEAST_PROBABILITY, probability)));
    }

    private void calibrate(int side, double score, double y) {
        int at = side + OutcomeLayout.CALIBRATION_ENTRY * Bins.of(score, OutcomeLayout.CALIBRATION_BINS);
        Flat.addLong(bytes, at, 1);
        Flat.add128(bytes, at + 8, Quantised.of(score));
        Flat.addLong(bytes, at + 24, (long) y);
    }

    private void countScore(int first, double score) {
        int bin = ScoreBins.of(score);
        bytes = PackedCounters.increment(
                bytes,
                OutcomeLayout.FULL_SIZE,
                OutcomeLayout.DIRECTORY,
                OutcomeLayout.CHUNKS,
                first + bin / PackedCounters.CHUNK,
                bin % PackedCounters.CHUNK);
    }

    private void addValues(long entityHash, double p, double c, double y) {
        long units = quantiseValue(y);
        long errorP = Math.abs(quantiseValue(p) - units);
        long errorC = Math.abs(quantiseValue(c) - units);
        OptionalDouble bound = valueBound();
        if (bound.isPresent()) {
            double unit = 1L << Header.unitBits(bytes);
            double better = (errorP - errorC) / unit / bound.getAsDouble();
            long difference = Quantised.of(Math.max(-1, Math.min(1, better)));
            Flat.addProduct128(bytes, OutcomeLayout.ERROR_SQUARED, difference, difference);
            Buckets.add(bytes, OutcomeLayout.ERROR_BUCKETS, (int) entityHash & (Buckets.K - 1), difference);
            DistinctCount.add(bytes, OutcomeLayout.SCORE_ENTITIES, fingerprint(entityHash));
        }
        if (isFull()) {
            Flat.addLong(bytes, OutcomeLayout.VALUES, 1);
            Flat.add128(bytes, OutcomeLayout.ABS_PROD, errorP);
            Flat.add128(bytes, OutcomeLayout.ABS_CAND, errorC);
            Flat.addProduct128(bytes, OutcomeLayout.SQUARES_PROD, errorP, errorP);
            Flat.addProduct128(bytes, OutcomeLayout.SQUARES_CAND, errorC, errorC);
        }
    }

    private long quantiseValue(double value) {
        double units = Math.floor(value * (1L << Header.unitBits(bytes)) + 0.5);
        if (Math.abs(units) > LARGEST_VALUE) {
            Flat.addLong(bytes, OutcomeLayout.CLAMPED, 1);
            return (long) Math.copySign(LARGEST_VALUE, units);
        }
        return (long) units;
    }

    private void addBusiness(OutcomeObservation outcome, double value) {
        OptionalDouble bound = businessBound();
        if (bound.isEmpty()) {
            return;
        }
        double share = value / bound.getAsDouble();
        if (Math.abs(share) > 1) {
            Flat.addLong(bytes, OutcomeLayout.BUSINESS_CLAMPED, 1);
        }
        long quantised = Quantised.of(Math.max(-1, Math.min(1, share)));
        int arm = armAt(outcome.served());
        Flat.addProduct128(bytes, arm, quantised, quantised);
        Buckets.add(bytes, arm + OutcomeLayout.ARM_BUCKETS, (int) outcome.entityHash() & (Buckets.K - 1), quantised);
        DistinctCount.add(bytes, arm + OutcomeLayout.ARM_ENTITIES, fingerprint(outcome.entityHash()));
    }

    private static int armAt(Arm arm) {
        return OutcomeLayout.ARMS + (arm == Arm.PRODUCTION ? 0 : OutcomeLayout.ARM_SIZE);
    }

    @Override
    public void merge(Evidence other) {
        byte[] from = other.bytes();
        Header.requireSame(bytes, from);
        addLongs(from, OutcomeLayout.REQUESTS, OutcomeLayout.LABEL_ENTITIES);
        DistinctCount.merge(bytes, from, OutcomeLayout.LABEL_ENTITIES);
        Flat.merge128(bytes, from, OutcomeLayout.BRIER_SQUARED);
        Buckets.merge(bytes, from, OutcomeLayout.BRIER_BUCKETS);
        if (Flat.getLong(bytes, OutcomeLayout.VALUE_BOUND) == Flat.getLong(from, OutcomeLayout.VALUE_BOUND)) {
            Flat.merge128(bytes, from, OutcomeLayout.ERROR_SQUARED);
            Buckets.merge(bytes, from, OutcomeLayout.ERROR_BUCKETS);
        } else {
            Flat.putLong(bytes, OutcomeLayout.VALUE_BOUND, 0);
            Arrays.fill(bytes, OutcomeLayout.ERROR_SQUARED, OutcomeLayout.SCORE_ENTITIES, (byte) 0);
        }
        DistinctCount.merge(bytes, from, OutcomeLayout.SCORE_ENTITIES);
        if (isFull()) {
            mergeFull(from);
        }
    }

    private void mergeFull(byte[] from) {
        addLongs(from, OutcomeLayout.BRIER_N, OutcomeLayout.BRIER_PROD);
        Flat.merge128(bytes, from, OutcomeLayout.BRIER_PROD);
        Flat.merge128(bytes, from, OutcomeLayout.BRIER_CAND);
        addLongs(from, OutcomeLayout.LOG_LOSS_N, OutcomeLayout.LOG_LOSS_PROD);
        Flat.merge128(bytes, from, OutcomeLayout.LOG_LOSS_PROD);
        Flat.merge128(bytes, from, OutcomeLayout.LOG_LOSS_CAND);
        for (int at = OutcomeLayout.CALIBRATION_PROD;
                at < OutcomeLayout.VALUES;
                at += OutcomeLayout.CALIBRATION_ENTRY) {
            addLongs(from, at, at + 8);
            Flat.merge128(bytes, from, at + 8);
            addLongs(from, at + 24, at + OutcomeLayout.CALIBRATION_ENTRY);
        }
        addLongs(from, OutcomeLayout.VALUES, OutcomeLayout.ABS_PROD);
        for (int at = OutcomeLayout.ABS_PROD; at < OutcomeLayout.BUSINESS_BOUND; at += 16) {
            Flat.merge128(bytes, from, at);
        }
        mergeArms(from);
        PackedCounters counters = PackedCounters.read(bytes, OutcomeLayout.DIRECTORY, OutcomeLayout.CHUNKS);
        counters.add(PackedCounters.read(from, OutcomeLayout.DIRECTORY, OutcomeLayout.CHUNKS), 0, OutcomeLayout.CHUNKS);
        bytes = counters.write(Arrays.copyOf(bytes, OutcomeLayout.FULL_SIZE), OutcomeLayout.DIRECTORY);
    }

    private void mergeArms(byte[] from) {
        if (Flat.getLong(bytes, OutcomeLayout.BUSINESS_BOUND) != Flat.getLong(from, OutcomeLayout.BUSINESS_BOUND)) {
            Arrays.fill(bytes, OutcomeLayout.BUSINESS_BOUND, OutcomeLayout.DIRECTORY, (byte) 0);
            return;
        }
        addLongs(from, OutcomeLayout.BUSINESS_CLAMPED, OutcomeLayout.ARMS);
        for (Arm arm : List.of(Arm.PRODUCTION, Arm.CANDIDATE)) {
            Flat.merge128(bytes, from, armAt(arm));
            Buckets.merge(bytes, from, armAt(arm) + OutcomeLayout.ARM_BUCKETS);
            DistinctCount.merge(bytes, from, armAt(arm) + OutcomeLayout.ARM_ENTITIES);
        }
    }

    private void addLongs(byte[] from, int first, int end) {
        for (int at = first; at < end; at += 8) {
            Flat.addLong(bytes, at, Flat.getLong(from, at));
        }
    }

    /** Accuracy and calibration; what needs {@link Detail#FULL} is null without it. */
    public Accuracy accuracy() {
        return OutcomeFormulas.read(bytes);
    }

    /**
     * What inference needs of {@link GateMetric#ACCURACY}, {@link GateMetric#BRIER} or {@link GateMetric#ABSOLUTE_ERROR}
     * (empty without a bound).
     */
    public Optional<GateStatistics> statistics(GateMetric metric) {
        return switch (metric) {
            case ACCURACY -> relativeAccuracy(1);
            case BRIER ->
                GateSections.read(
                        bytes,
                        OutcomeLayout.BRIER_BUCKETS,
                        -1,
                        Flat.get128(bytes, OutcomeLayout.BRIER_SQUARED),
                        Quantised.UNIT,
                        OutcomeLayout.SCORE_ENTITIES);
            case ABSOLUTE_ERROR ->
                GateSections.read(
                        bytes,
                        OutcomeLayout.ERROR_BUCKETS,
                        -1,
                        Flat.get128(bytes, OutcomeLayout.ERROR_SQUARED),
                        Quantised.UNIT,
                        OutcomeLayout.SCORE_ENTITIES);
            case ERRORS, FLIPS, SCORE_SHIFT, TAIL_LATENCY, TYPICAL_LATENCY ->
                throw new IllegalArgumentException("outcomes have no evidence of " + metric);
        };
    }

    /**
     * (k_c − factor·k_p)/factor: with a factor above 1, whether the candidate is more accurate by a share.
     *
     * @param factor at least 1; rounded to a millionth, so that sums stay integers
     */
    public Optional<GateStatistics> relativeAccuracy(double factor) {
        long unit = 1_000_000;
        long scaled = Math.round(factor * unit);
        if (scaled < unit) {
            throw new IllegalArgumentException("factor must be at least 1, was " + factor);
        }
        long[] counts = Buckets.column(bytes, OutcomeLayout.ACCURACY, OutcomeLayout.ACCURACY_ENTRY);
        long[] rightC = Buckets.column(bytes, OutcomeLayout.ACCURACY + 8, OutcomeLayout.ACCURACY_ENTRY);
        long[] rightP = Buckets.column(bytes, OutcomeLayout.ACCURACY + 16, OutcomeLayout.ACCURACY_ENTRY);
        long[] sums = new long[Buckets.K];
        for (int k = 0; k < Buckets.K; k++) {
            sums[k] = unit * rightC[k] - scaled * rightP[k];
        }
        // d in units of 1/scaled: both right gives unit − scaled, only production −scaled, only the candidate unit.
        BigInteger squares = squares(0, unit - scaled).add(squares(1, -scaled)).add(squares(2, unit));
        return GateSections.of(
                counts,
                sums,
                0,
                squares,
                BigInteger.valueOf(scaled),
                DistinctCount.lowerBound(bytes, OutcomeLayout.LABEL_ENTITIES));
    }

    private BigInteger squares(int cell, long value) {
        return BigInteger.valueOf(Flat.getLong(bytes, OutcomeLayout.CELLS + 8 * cell))
                .multiply(BigInteger.valueOf(value).pow(2));
    }

    /**
     * Business values of an arm in units of the declared bound, clamped to [−1, 1]; empty without a bound or values. Needs
     * {@link Detail#FULL}.
     */
    public Optional<GateStatistics> arm(Arm arm) {
        if (!isFull()) {
            throw new IllegalStateException("arms need evidence with Detail.FULL, this has Detail.GATES");
        }
        if (arm == Arm.OTHER || businessBound().isEmpty()) {
            return Optional.empty();
        }
        return GateSections.read(
                bytes,
                armAt(arm) + OutcomeLayout.ARM_BUCKETS,
                -1,
                Flat.get128(bytes, armAt(arm)),
                Quantised.UNIT,
                armAt(arm) + OutcomeLayout.ARM_ENTITIES);
    }

    /** The declared bound of regression errors; empty where none was, or where merged parts had different ones. */
    public OptionalDouble valueBound() {
        return bound(OutcomeLayout.VALUE_BOUND);
    }

    /** The declared bound of business values; empty where none was, or where merged parts had different ones. */
    public OptionalDouble businessBound() {
        return isFull() ? bound(OutcomeLayout.BUSINESS_BOUND) : OptionalDouble.empty();
    }

    private OptionalDouble bound(int at) {
        long bits = Flat.getLong(bytes, at);
        return bits == 0 ? OptionalDouble.empty() : OptionalDouble.of(Double.longBitsToDouble(bits));
    }
}
