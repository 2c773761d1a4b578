package dev.understudy.evidence;

import dev.understudy.domain.References;

/**
 * Where everything stands in the bytes of {@link PairEvidence}. All integers are little-endian.
 *
 * <pre>
 * header      {@link Header}, then the tasks seen (a bit each)
 * counts      64-bit counters, first and last event time
 * gates       per metric Σd² and buckets (n_k, S_k); two sections of distinct entities
 * --- the rest only with Detail.FULL ---
 * moments     of probabilities (units of 2^-32) and of regression values (units of 2^-unitBits)
 * classes     pairs of probability vectors: n, Σ total variation, Σ Jensen-Shannon divergence, units of 2^-32
 * directions  flips to the positive class, flips from it, pairs whose positive class is known
 * edges       production's deciles as raw doubles, and whether they were declared
 * directory   an int to each chunk: 0, or where the chunk starts and how wide its counters are
 * labels      how many, then each as length and UTF-16 units, sorted
 * chunks      {@link PackedCounters}
 * </pre>
 */
final class Layout {
    static final int AT_TASKS = Header.SIZE;

    /** One counter per {@link CandidateStatus}. */
    static final int STATUS = AT_TASKS + 8;

    static final int PRODUCTION_ERRORS = STATUS + 8 * CandidateStatus.values().length;
    static final int NOT_ASKED = PRODUCTION_ERRORS + 8;
    static final int MISMATCHED = NOT_ASKED + 8;
    static final int INVALID_PROD = MISMATCHED + 8;
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
    static final int VECTORS = VALUES + Moments.SIZE;
    static final int VARIATION = VECTORS + 8;
    static final int JENSEN_SHANNON = VARIATION + 16;
    static final int FLIPS_UP = JENSEN_SHANNON + 16;
    static final int FLIPS_DOWN = FLIPS_UP + 8;
    static final int DIRECTED = FLIPS_DOWN + 8;
    static final int EDGE_COUNT = DIRECTED + 8;
    static final int EDGES = EDGE_COUNT + 8;
    static final int DIRECTORY = EDGES + 8 * References.EDGES;
    static final int LABELS = DIRECTORY + 4 * Counters.CHUNKS;

    /** Bits of a quantised probability. */
    static final int PROBABILITY_BITS = 32;

    private Layout() {}
}
