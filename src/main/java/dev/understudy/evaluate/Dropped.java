package dev.understudy.evaluate;

/**
 * Counts of what was left out, and of what was put elsewhere.
 *
 * @param replays comparisons whose origin had been counted for the pair before
 * @param late comparisons that came after the grace of their window; cumulative evidence has them
 * @param undeclaredValues values of segment attributes that are not configured, put under {@code other}
 */
record Dropped(long replays, long late, long undeclaredValues) {
    static final Dropped NONE = new Dropped(0, 0, 0);

    Dropped plus(Dropped other) {
        return new Dropped(replays + other.replays, late + other.late, undeclaredValues + other.undeclaredValues);
    }
}
