package dev.understudy.evidence;

import dev.understudy.domain.References;

/**
 * Where everything stands in the bytes of {@link PairEvidence}. All integers are little-endian.
 *
 * <pre>
 * header      version, detail, regression unit bits, tasks seen (a bit each), time block in ms
 * counts      64-bit counters, first and last event time
 * gates       per metric Σd² and buckets (n_k, S_k); two sections of distinct entities
 * --- the rest only with Detail.FULL ---
 * moments     of probabilities (units of 2^-32) and of regression values (units of 2^-unitBits)
 * edges       production's deciles as raw doubles, and whether they were declared
 * peaks       per label the highest score that came with it
 * directory   120 entries: 0, or where the chunk starts and how wide its counters are
 * labels      how many, then each as length and UTF-16 units, sorted
 * chunks      128 counters each, in the order of the directory
 * </pre>
 *
 * The last two vary in size. A chunk exists once one of its counters is not 0, and its counters are 1, 2, 4 or 8 bytes
 * wide, as its largest needs: both depend on the counters alone, so equal evidence has equal bytes.
 */
final class Layout {
    static final byte VERSION = 1;

    static final int AT_VERSION = 0;
    static final int AT_DETAIL = 1;
    static final int AT_UNIT_BITS = 2;
    static final int AT_TASKS = 3;
    static final int AT_BLOCK_MILLIS = 4;

    /** One counter per {@link CandidateStatus}. */
    static final int STATUS = 8;

    static final int PRODUCTION_ERRORS = STATUS + 8 * CandidateStatus.values().length;
    static final int INVALID_PROD = PRODUCTION_ERRORS + 8;
    static final int INVALID_CAND = INVALID_PROD + 8;
    static final int ANSWERS_PROD = INVALID_CAND + 8;
    static final int ANSWERS_CAND = ANSWERS_PROD + 8;
    static final int PAIRS = ANSWERS_CAND + 8;
    static final int CLAMPED = PAIRS + 8;
    static final int FIRST_EVENT = CLAMPED + 8;
    static final int LAST_EVENT = FIRST_EVENT + 8;

    static final int ERRORS_SQUARED = LAST_EVENT + 8;
    static final int ERRORS_USERS = ERRORS_SQUARED + 8;
    static final int ERRORS_BLOCKS = ERRORS_USERS + Buckets.SIZE;
    static final int FLIPS_USERS = ERRORS_BLOCKS + Buckets.SIZE;
    static final int SHIFT_SQUARED = FLIPS_USERS + Buckets.SIZE;
    static final int SHIFT_USERS = SHIFT_SQUARED + 16;
    static final int ROW_ENTITIES = SHIFT_USERS + Buckets.SIZE;
    static final int PAIR_ENTITIES = ROW_ENTITIES + DistinctCount.SIZE;
    static final int GATES_SIZE = PAIR_ENTITIES + DistinctCount.SIZE;

    static final int PROBABILITIES = GATES_SIZE;
    static final int VALUES = PROBABILITIES + Moments.SIZE;
    static final int EDGE_COUNT = VALUES + Moments.SIZE;
    static final int EDGES = EDGE_COUNT + 8;
    static final int PEAKS = EDGES + 8 * References.EDGES;
    static final int DIRECTORY = PEAKS + 8 * Labels.MAX;
    static final int LABELS = DIRECTORY + 4 * Counters.CHUNKS;

    /** Bits of a quantised probability. */
    static final int PROBABILITY_BITS = 32;

    private Layout() {}
}
