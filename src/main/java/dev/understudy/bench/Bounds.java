package dev.understudy.bench;

/** What settings of benchmarks must be. */
final class Bounds {
    private Bounds() {}

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /** Numbers of requests are ints in a measurement at a fixed rate. */
    static void requireCountable(long ratePerSecond, long seconds, String options) {
        require(
                ratePerSecond <= Integer.MAX_VALUE / Math.max(1, seconds),
                options + " must stay below " + Integer.MAX_VALUE + " requests, was " + ratePerSecond + " a second for "
                        + seconds + " s");
    }
}
