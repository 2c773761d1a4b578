package dev.understudy.domain;

/** Numbers of things in messages. */
public final class Counted {
    private Counted() {}

    /** {@code 1 line}, {@code 2 lines}. */
    public static String of(long count, String thing) {
        return count + " " + thing + (count == 1 ? "" : "s");
    }
}
