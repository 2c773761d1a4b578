package dev.understudy.cli;

import java.util.Locale;

/** Numbers as reports show them, the same in every country. */
final class Numbers {
    private Numbers() {}

    /** With two decimals. */
    static String decimals(double value) {
        return String.format(Locale.ROOT, "%.2f", value);
    }

    /** Whole, in groups of three digits. */
    static String whole(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    /** In groups of three digits. */
    static String whole(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
