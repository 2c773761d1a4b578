package dev.understudy.evidence;

/**
 * Where everything stands in the bytes of {@link OutcomeEvidence}. All integers are little-endian.
 *
 * <pre>
 * header      {@link Header}
 * counts      pairs expected, labelled, unknown labels, clamped values
 * cells       labelled pairs: both right, only production, only the candidate, neither
 * accuracy    64 buckets of (n, Σk_c, Σk_p), distinct entities
 * errors      bound of regression errors as a raw double, 0 for none
 * brier       Σd² (128 bits), buckets; absolute error likewise; distinct entities of either
 * --- the rest only with Detail.FULL ---
 * scores      n, Σ(p−y)² and Σ(c−y)² of probabilities; n, Σ−ln p_y and Σ−ln c_y; units of 2^-32, 128 bits
 * calibration per side 15 bins of (n, Σ score, Σ positives), 8, 16 and 8 bytes
 * values      n, Σ|p−y|, Σ|c−y|, Σ(p−y)², Σ(c−y)² of regression in squared units
 * arms        bound of business values as a raw double, clamped values; per arm Σv² (128 bits), buckets, distinct entities
 * directory   of the chunks
 * chunks      832 score bins per side, those of positives before those of negatives
 * </pre>
 */
final class OutcomeLayout {
    static final int REQUESTS = Header.SIZE;
    static final int LABELLED = REQUESTS + 8;
    static final int UNKNOWN = LABELLED + 8;
    static final int CLAMPED = UNKNOWN + 8;
    static final int CELLS = CLAMPED + 8;
    static final int ACCURACY = CELLS + 4 * 8;
    static final int ACCURACY_ENTRY = 24;
    static final int LABEL_ENTITIES = ACCURACY + Buckets.K * ACCURACY_ENTRY;
    static final int VALUE_BOUND = LABEL_ENTITIES + DistinctCount.SIZE;
    static final int BRIER_SQUARED = VALUE_BOUND + 8;
    static final int BRIER_BUCKETS = BRIER_SQUARED + 16;
    static final int ERROR_SQUARED = BRIER_BUCKETS + Buckets.SIZE;
    static final int ERROR_BUCKETS = ERROR_SQUARED + 16;
    static final int SCORE_ENTITIES = ERROR_BUCKETS + Buckets.SIZE;
    static final int GATES_SIZE = SCORE_ENTITIES + DistinctCount.SIZE;

    static final int BRIER_N = GATES_SIZE;
    static final int BRIER_PROD = BRIER_N + 8;
    static final int BRIER_CAND = BRIER_PROD + 16;
    static final int LOG_LOSS_N = BRIER_CAND + 16;
    static final int LOG_LOSS_PROD = LOG_LOSS_N + 8;
    static final int LOG_LOSS_CAND = LOG_LOSS_PROD + 16;
    static final int CALIBRATION_BINS = 15;
    static final int CALIBRATION_ENTRY = 32;
    static final int CALIBRATION_PROD = LOG_LOSS_CAND + 16;
    static final int CALIBRATION_CAND = CALIBRATION_PROD + CALIBRATION_BINS * CALIBRATION_ENTRY;
    static final int VALUES = CALIBRATION_CAND + CALIBRATION_BINS * CALIBRATION_ENTRY;
    static final int ABS_PROD = VALUES + 8;
    static final int ABS_CAND = ABS_PROD + 16;
    static final int SQUARES_PROD = ABS_CAND + 16;
    static final int SQUARES_CAND = SQUARES_PROD + 16;
    static final int BUSINESS_BOUND = SQUARES_CAND + 16;
    static final int BUSINESS_CLAMPED = BUSINESS_BOUND + 8;
    static final int ARMS = BUSINESS_CLAMPED + 8;
    static final int ARM_BUCKETS = 16;
    static final int ARM_ENTITIES = ARM_BUCKETS + Buckets.SIZE;
    static final int ARM_SIZE = ARM_ENTITIES + DistinctCount.SIZE;
    static final int DIRECTORY = ARMS + 2 * ARM_SIZE;

    /** Chunks of the score bins of one side and one outcome. */
    static final int SCORE_CHUNKS = (ScoreBins.COUNT + PackedCounters.CHUNK - 1) / PackedCounters.CHUNK;

    static final int PROD_POSITIVE = 0;
    static final int PROD_NEGATIVE = PROD_POSITIVE + SCORE_CHUNKS;
    static final int CAND_POSITIVE = PROD_NEGATIVE + SCORE_CHUNKS;
    static final int CAND_NEGATIVE = CAND_POSITIVE + SCORE_CHUNKS;
    static final int CHUNKS = CAND_NEGATIVE + SCORE_CHUNKS;
    static final int FULL_SIZE = DIRECTORY + 4 * CHUNKS;

    private OutcomeLayout() {}
}
