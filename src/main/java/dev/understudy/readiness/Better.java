package dev.understudy.readiness;

/**
 * Whether the candidate must be more accurate, and what "5 % better" means.
 *
 * @param by how much better: 0.05 for five points or five percent
 */
public record Better(Reading reading, double by) {
    /** The readings. */
    public enum Reading {
        /** Not being worse is enough. */
        OFF,
        /** The share of right labels is higher by so much: from 80 % to 85 %. */
        POINTS,
        /** The share of right labels is higher by this share of itself: from 80 % to 84 %. */
        RELATIVE
    }

    public Better {
        if (!(by > 0 && by <= 1)) {
            throw new IllegalArgumentException("readiness.better.by must be above 0 and at most 1, was " + by);
        }
    }

    /** Not being worse is enough. */
    public static Better off() {
        return new Better(Reading.OFF, 0.05);
    }
}
