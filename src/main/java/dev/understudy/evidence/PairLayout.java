package dev.understudy.evidence;

import dev.understudy.domain.References;

/**
 * Where everything stands in the bytes of {@link PairEvidence}. All integers are little-endian.
 *
 * <pre>
 * header         {@link Header}
 * tasks          seen, a bit each
 * counts         64-bit counters, first and last event time
 * gates          a {@link GateSection} per metric; two sections of distinct entities
 * --- the rest only with Detail.FULL ---
 * moments        of probabilities (units of 2^-32) and of regression values (units of 2^-unitBits)
 * distributions  n, Σ of twice the total variation, Σ of the Jensen-Shannon divergence
 * edges          production's deciles as raw doubles, and whether they were declared
 * directory      of {@link PackedCounters}
 * labels         how many, then each as length and UTF-16 units, sorted
 * chunks         of {@link PackedCounters}
 * </pre>
 *
 * The last two vary in size, with the observations alone.
 */
final class PairLayout {
    static final int TASKS = Header.SIZE;
    /** One counter per {@link CandidateStatus}. */
    static final int STATUS = TASKS + 8;

    static final int PRODUCTION_ERRORS = STATUS + 8 * CandidateStatus.values().length;
    static final int PRODUCTION_NOT_ASKED = PRODUCTION_ERRORS + 8;
    static final int MISMATCHED = PRODUCTION_NOT_ASKED + 8;
    static final int INVALID_PROD = MISMATCHED + 8;
    static final int INVALID_CAND = INVALID_PROD + 8;
    static final int ANSWERS_PROD = INVALID_CAND + 8;
    static final int ANSWERS_CAND = ANSWERS_PROD + 8;
    static final int PAIRS = ANSWERS_CAND + 8;
    static final int CLAMPED = PAIRS + 8;
    /** Labelled pairs of which the positive class is known; of them, flips to it and from it. */
    static final int DIRECTED = CLAMPED + 8;

    static final int FLIPS_UP = DIRECTED + 8;
    static final int FLIPS_DOWN = FLIPS_UP + 8;
    static final int FIRST_EVENT = FLIPS_DOWN + 8;
    static final int LAST_EVENT = FIRST_EVENT + 8;

    static final GateSection ERRORS = new GateSection(LAST_EVENT + 8, 0, true);
    static final GateSection FLIPS = new GateSection(ERRORS.end(), 0, false);
    static final GateSection SHIFT = new GateSection(FLIPS.end(), Quantised.BITS, false);
    static final int ROW_ENTITIES = SHIFT.end();
    static final int PAIR_ENTITIES = ROW_ENTITIES + DistinctCount.SIZE;
    static final int GATES_SIZE = PAIR_ENTITIES + DistinctCount.SIZE;

    static final int PROBABILITIES = GATES_SIZE;
    static final int VALUES = PROBABILITIES + Moments.SIZE;
    static final int DISTRIBUTIONS = VALUES + Moments.SIZE;
    static final int DISTANCES = DISTRIBUTIONS + 8;
    static final int JENSEN_SHANNON = DISTANCES + 16;
    static final int EDGE_COUNT = JENSEN_SHANNON + 16;
    static final int EDGES = EDGE_COUNT + 8;
    static final int EDGES_END = EDGES + 8 * References.EDGES;
    static final PackedCounters COUNTERS = new PackedCounters(EDGES_END, Counters.CHUNKS);
    static final int LABELS = EDGES_END + PackedCounters.directorySize(Counters.CHUNKS);

    private PairLayout() {}
}
