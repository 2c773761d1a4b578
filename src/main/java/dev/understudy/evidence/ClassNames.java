package dev.understudy.evidence;

import java.util.List;

/**
 * Whether two texts name the same class. Outcomes often come from another system, which may write the class 1 as "1.0":
 * so plain decimal numbers (digits, at most one point, perhaps a minus) are the same when their values are. All other
 * names must be equal to the letter. No allocation: it is asked for each outcome.
 */
final class ClassNames {
    private ClassNames() {}

    static boolean same(String a, String b) {
        return a.equals(b) || (isNumber(a) && isNumber(b) && sameNumber(a, b));
    }

    /** Index of a class among others; −1 if it is not there. */
    static int indexOf(List<String> classes, String name) {
        for (int i = 0; i < classes.size(); i++) {
            if (same(classes.get(i), name)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean isNumber(String text) {
        int digits = 0;
        int points = 0;
        for (int i = firstDigit(text); i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                points++;
            } else if (c >= '0' && c <= '9') {
                digits++;
            } else {
                return false;
            }
        }
        return digits > 0 && points <= 1;
    }

    private static int firstDigit(String text) {
        return text.startsWith("-") ? 1 : 0;
    }

    private static boolean sameNumber(String a, String b) {
        int pointA = point(a);
        int pointB = point(b);
        int whole = Math.max(pointA - firstDigit(a), pointB - firstDigit(b));
        int fraction = Math.max(a.length() - pointA, b.length() - pointB);
        boolean zero = true;
        for (int i = -whole; i < fraction; i++) {
            char digit = digit(a, pointA, i);
            if (digit != digit(b, pointB, i)) {
                return false;
            }
            zero &= digit == '0';
        }
        return zero || firstDigit(a) == firstDigit(b);
    }

    private static int point(String number) {
        int point = number.indexOf('.');
        return point < 0 ? number.length() : point;
    }

    /** The digit {@code i} places from the point, the first one before it being −1 and the first after it 0. */
    private static char digit(String number, int point, int i) {
        int at = i < 0 ? point + i : point + 1 + i;
        return at < firstDigit(number) || at >= number.length() ? '0' : number.charAt(at);
    }
}
