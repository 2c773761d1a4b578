package dev.understudy.readiness;

import java.util.Locale;

/**
 * What "better accuracy by 5 %" is to mean, if it is asked for at all.
 *
 * @param by share by which the candidate must be better, above 0 and below 1; without effect when the reading is OFF
 */
public record Better(Reading reading, double by) {
    /** The readings of "better by a share". */
    public enum Reading {
        /** Nobody asks. */
        OFF,
        /** Of a hundred requests, {@code 100·by} more are right: k_c − k_p above {@code by}. */
        POINTS,
        /** Accuracy is {@code 1 + by} times production's: k_c − (1 + by)·k_p above 0. */
        RELATIVE
    }

    public Better {
        if (!(by > 0 && by < 1)) {
            throw new IllegalArgumentException("readiness.better.by must be above 0 and below 1, was " + by);
        }
    }

    /** The candidate need not be better. */
    public static Better off() {
        return new Better(Reading.OFF, 0.05);
    }

    public static Better points(double by) {
        return new Better(Reading.POINTS, by);
    }

    public static Better relative(double by) {
        return new Better(Reading.RELATIVE, by);
    }

    /** The same in every process, as it is part of the published hash of the settings. */
    @Override
    public String toString() {
        return reading == Reading.OFF ? "off" : reading.name().toLowerCase(Locale.ROOT) + " " + by;
    }
}
