package dev.understudy.domain;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * What evidence is measured against, frozen with the rollout stage: evidence with other references is other evidence.
 *
 * @param tailNanos production's p99 batch time in nanoseconds; without it there is no tail-latency evidence
 * @param tailTolerance how much above {@code tailNanos} the candidate may be, as a share, 0 or more
 * @param deciles the nine edges of production's deciles (regression), ascending; empty where none were given
 * @param valueBound regression: largest absolute error that counts, in the unit of the values
 * @param businessBound largest absolute business value that counts
 */
public record References(
        OptionalLong tailNanos,
        double tailTolerance,
        List<Double> deciles,
        OptionalDouble valueBound,
        OptionalDouble businessBound) {
    /** How many edges deciles have. */
    public static final int EDGES = 9;

    /** Where nothing was said. */
    public static final double DEFAULT_TAIL_TOLERANCE = 0.1;

    public References {
        if (tailNanos.isPresent() && tailNanos.getAsLong() <= 0) {
            throw new IllegalArgumentException("tailNanos must be positive, was " + tailNanos.getAsLong());
        }
        if (!(tailTolerance >= 0 && tailTolerance <= 100)) {
            throw new IllegalArgumentException("tailTolerance must be 0 to 100, was " + tailTolerance);
        }
        deciles = List.copyOf(deciles);
        if (!deciles.isEmpty() && deciles.size() != EDGES) {
            throw new IllegalArgumentException(
                    "deciles must be nine ascending values or none, were " + deciles.size() + " values");
        }
        for (int i = 0; i < deciles.size(); i++) {
            if (!Double.isFinite(deciles.get(i)) || (i > 0 && deciles.get(i) < deciles.get(i - 1))) {
                throw new IllegalArgumentException("deciles must be finite and ascending, were " + deciles);
            }
        }
        requirePositive("valueBound", valueBound);
        requirePositive("businessBound", businessBound);
    }

    /** No references at all. */
    public static References none() {
        return new References(
                OptionalLong.empty(),
                DEFAULT_TAIL_TOLERANCE,
                List.of(),
                OptionalDouble.empty(),
                OptionalDouble.empty());
    }

    /** The same with production's p99 batch time. */
    public References withTailNanos(long nanos) {
        return new References(OptionalLong.of(nanos), tailTolerance, deciles, valueBound, businessBound);
    }

    /** The same with production's deciles. */
    public References withDeciles(List<Double> edges) {
        return new References(tailNanos, tailTolerance, edges, valueBound, businessBound);
    }

    /** The same with bounds of regression errors and of business values. */
    public References withBounds(OptionalDouble value, OptionalDouble business) {
        return new References(tailNanos, tailTolerance, deciles, value, business);
    }

    private static void requirePositive(String name, OptionalDouble bound) {
        if (bound.isPresent() && !(bound.getAsDouble() > 0 && Double.isFinite(bound.getAsDouble()))) {
            throw new IllegalArgumentException(name + " must be positive, was " + bound.getAsDouble());
        }
    }
}
