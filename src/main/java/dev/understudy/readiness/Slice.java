package dev.understudy.readiness;

/**
 * One gate in one segment.
 *
 * @param observed mean of d
 * @param upperBound of that mean, valid at all times at once and for all slices together
 * @param margin m0: harm means that the mean lies below it
 * @param requests observations
 * @param entities distinct entities among them, a lower bound
 * @param flagged whether harm is proven, with few false alarms among all that are flagged
 */
public record Slice(
        String segment,
        Gate gate,
        double observed,
        double upperBound,
        double margin,
        long requests,
        long entities,
        boolean flagged) {}
