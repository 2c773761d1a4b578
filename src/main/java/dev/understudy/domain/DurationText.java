package dev.understudy.domain;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Durations as people write them: {@code 250ms}, {@code 10s}, {@code 5m}, {@code 24h}, {@code 7d}, or ISO-8601. */
public final class DurationText {
    /** What {@link #parse} takes, for messages. */
    public static final String FORM = "a duration such as 250ms, 10s, 5m, 24h or 7d (at most 36500d)";

    /** Well within what fits into nanoseconds. */
    private static final Duration LONGEST = Duration.ofDays(36_500);

    /** Pattern of the short form; the other one is ISO-8601. */
    public static final String SHORT_FORM = "(\\d{1,12})\\s*(ms|s|m|h|d)";

    private static final Pattern SHORT = Pattern.compile(SHORT_FORM);

    private static final Pattern LATENCY = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)\\s*(ns|us|µs|ms|s)");

    private DurationText() {}

    /**
     * Parses one.
     *
     * @throws IllegalArgumentException with a message that says what would be right
     */
    public static Duration parse(String text) {
        Duration duration = duration(text.strip());
        if (duration == null || duration.abs().compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(FORM + " is expected, was '" + text + "'");
        }
        return duration;
    }

    private static @Nullable Duration duration(String text) {
        Matcher matcher = SHORT.matcher(text);
        if (matcher.matches()) {
            long amount = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "ms" -> Duration.ofMillis(amount);
                case "s" -> Duration.ofSeconds(amount);
                case "m" -> Duration.ofMinutes(amount);
                case "h" -> Duration.ofHours(amount);
                default -> Duration.ofDays(amount);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    /**
     * Parses a short time, such as a latency: {@code 250us}, {@code 1.5ms}, {@code 2s}. A number alone is refused: it would
     * mean milliseconds to some and nanoseconds to others.
     *
     * @return nanoseconds, at least 1
     * @throws IllegalArgumentException with a message that says what would be right
     */
    public static long parseNanos(String text) {
        Matcher matcher = LATENCY.matcher(text.strip());
        if (matcher.matches()) {
            double nanos = Double.parseDouble(matcher.group(1))
                    * switch (matcher.group(2)) {
                        case "us", "µs" -> 1e3;
                        case "ms" -> 1e6;
                        case "s" -> 1e9;
                        default -> 1;
                    };
            if (nanos >= 1 && nanos < 1e15) {
                return Math.round(nanos);
            }
        }
        throw new IllegalArgumentException(
                "a time with its unit, such as 250us, 1.5ms or 2s, is expected, was '" + text + "'");
    }

    /** Nanoseconds as people read them, to three digits. */
    public static String formatNanos(double nanos) {
        return nanos < 1e3
                ? String.format(Locale.ROOT, "%.0f ns", nanos)
                : nanos < 1e6
                        ? String.format(Locale.ROOT, "%.3g µs", nanos / 1e3)
                        : nanos < 1e9
                                ? String.format(Locale.ROOT, "%.3g ms", nanos / 1e6)
                                : String.format(Locale.ROOT, "%.3g s", nanos / 1e9);
    }

    /** The shortest exact form: {@code 90s}, {@code 5m}, {@code 24h}; days only from two on. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis % 1000 != 0) {
            return millis + "ms";
        }
        long seconds = millis / 1000;
        if (seconds == 0) {
            return "0s";
        }
        if (seconds % 86_400 == 0 && seconds >= 172_800) {
            return seconds / 86_400 + "d";
        }
        if (seconds % 3_600 == 0) {
            return seconds / 3_600 + "h";
        }
        return seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }
}
