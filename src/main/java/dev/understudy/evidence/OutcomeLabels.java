package dev.understudy.evidence;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the labels of outcomes are read. */
final class OutcomeLabels {
    private static final String POSITIVE = "1";

    private OutcomeLabels() {}

    /** The same text, or the same number written otherwise. */
    static boolean same(String a, String b) {
        return a.equals(b) || (startsAsNumber(a) && startsAsNumber(b) && sameNumber(a, b));
    }

    private static boolean startsAsNumber(String text) {
        if (text.isEmpty()) {
            return false;
        }
        char first = text.charAt(0);
        return (first >= '0' && first <= '9') || first == '-' || first == '+' || first == '.';
    }

    private static boolean sameNumber(String a, String b) {
        try {
            return Double.parseDouble(a) == Double.parseDouble(b);
        } catch (NumberFormatException e) {
            return false;
        }
    }

    /** The class that the label names; the label itself where no classes are known; null where it names none of them. */
    static @Nullable String among(List<String> classes, String label) {
        if (classes.isEmpty()) {
            return label;
        }
        for (String name : classes) {
            if (name.equals(label)) {
                return name;
            }
        }
        for (String name : classes) {
            if (same(name, label)) {
                return name;
            }
        }
        return null;
    }

    /** Whether a class is the one whose probability a binary score is. */
    static boolean isPositive(List<String> classes, String name) {
        return same(classes.size() == 2 ? classes.get(1) : POSITIVE, name);
    }
}
