package dev.understudy.evidence;

/**
 * Where everything stands in the bytes of {@link OutcomeEvidence}. All integers are little-endian.
 *
 * <pre>
 * header       {@link Header}
 * references   bounds of regression errors and of business values as raw doubles, 0 for none
 * counts       expected, labelled, unknown labels, the four paired cells
 * accuracy     64 buckets of (n, Σk_c, Σk_p) by entity
 * gates        Brier, absolute error; distinct entities with an outcome
 * --- the rest only with Detail.FULL ---
 * probability  Σ Brier and Σ log loss of each version, 128 bits, units of 2^-32
 * calibration  per version 15 bins of (n, Σy, Σp)
 * regression   n, clamped, Σ|e| and Σe² of each version, 128 bits, units of 2^-unitBits
 * arms         business values: clamped, not finite; a gate section and distinct entities for each of two arms
 * directory, chunks   {@link PackedCounters}: score bins of each version, of negatives and of positives
 * </pre>
 */
final class OutcomeLayout {
    static final int VALUE_BOUND = Header.SIZE;
    static final int BUSINESS_BOUND = VALUE_BOUND + 8;

    static final int REQUESTS = BUSINESS_BOUND + 8;
    static final int LABELLED = REQUESTS + 8;
    static final int UNKNOWN = LABELLED + 8;
    static final int BOTH_RIGHT = UNKNOWN + 8;
    static final int PRODUCTION_RIGHT = BOTH_RIGHT + 8;
    static final int CANDIDATE_RIGHT = PRODUCTION_RIGHT + 8;
    static final int BOTH_WRONG = CANDIDATE_RIGHT + 8;

    static final int RIGHT = BOTH_WRONG + 8;
    /** Bytes of a bucket of n, Σk_c and Σk_p. */
    static final int RIGHT_STRIDE = 24;

    static final GateSection BRIER = new GateSection(RIGHT + RIGHT_STRIDE * Buckets.K, Quantised.BITS, false);
    static final GateSection ABSOLUTE_ERROR = new GateSection(BRIER.end(), Quantised.BITS, false);
    static final int ENTITIES = ABSOLUTE_ERROR.end();
    static final int GATES_SIZE = ENTITIES + DistinctCount.SIZE;

    static final int BRIER_PROD = GATES_SIZE;
    static final int BRIER_CAND = BRIER_PROD + 16;
    static final int LOG_LOSS_PROD = BRIER_CAND + 16;
    static final int LOG_LOSS_CAND = LOG_LOSS_PROD + 16;
    static final int CALIBRATION_PROD = LOG_LOSS_CAND + 16;
    static final int CALIBRATION_CAND = CALIBRATION_PROD + Calibration.SIZE;

    static final int VALUES = CALIBRATION_CAND + Calibration.SIZE;
    static final int CLAMPED_VALUES = VALUES + 8;
    static final int ABSOLUTE_PROD = CLAMPED_VALUES + 8;
    static final int ABSOLUTE_CAND = ABSOLUTE_PROD + 16;
    static final int SQUARED_PROD = ABSOLUTE_CAND + 16;
    static final int SQUARED_CAND = SQUARED_PROD + 16;

    static final int BUSINESS_CLAMPED = SQUARED_CAND + 16;
    static final int BUSINESS_INVALID = BUSINESS_CLAMPED + 8;
    static final GateSection PRODUCTION_ARM = new GateSection(BUSINESS_INVALID + 8, Quantised.BITS, false);
    static final int PRODUCTION_ENTITIES = PRODUCTION_ARM.end();
    static final GateSection CANDIDATE_ARM =
            new GateSection(PRODUCTION_ENTITIES + DistinctCount.SIZE, Quantised.BITS, false);
    static final int CANDIDATE_ENTITIES = CANDIDATE_ARM.end();

    static final int SCORES_PROD = 0;
    static final int SCORES_CAND = ScoreBins.CHUNKS;
    static final PackedCounters COUNTERS =
            new PackedCounters(CANDIDATE_ENTITIES + DistinctCount.SIZE, 2 * ScoreBins.CHUNKS);
    static final int FULL_SIZE = COUNTERS.directory() + PackedCounters.directorySize(COUNTERS.count());

    private OutcomeLayout() {}
}
