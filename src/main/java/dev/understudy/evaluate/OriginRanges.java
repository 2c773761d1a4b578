package dev.understudy.evaluate;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The origins that evidence covers, as one range for each partition of the requests. */
record OriginRanges(List<Range> ranges) {
    static final OriginRanges NONE = new OriginRanges(List.of());

    private static final Pattern RANGE = Pattern.compile("(\\d+)@(\\d+)\\.\\.(\\d+) \\((\\d+)\\)");

    /**
     * @param first lowest offset counted
     * @param last highest offset counted
     * @param count how many were counted; less than the width of the range, for others are elsewhere
     */
    record Range(int originPartition, long first, long last, long count) {}

    OriginRanges {
        ranges = List.copyOf(ranges);
    }

    /** For people and for a recomputation: {@code 0@12..9931 (4711)}, partitions separated by commas. */
    String text() {
        StringBuilder text = new StringBuilder();
        for (Range range : ranges) {
            if (!text.isEmpty()) {
                text.append(", ");
            }
            text.append(range.originPartition())
                    .append('@')
                    .append(range.first())
                    .append("..")
                    .append(range.last())
                    .append(" (")
                    .append(range.count())
                    .append(')');
        }
        return text.toString();
    }

    /** Reads {@link #text} back. */
    static OriginRanges parse(String text) {
        List<Range> ranges = new ArrayList<>();
        Matcher range = RANGE.matcher(text);
        while (range.find()) {
            ranges.add(new Range(
                    Integer.parseInt(range.group(1)),
                    Long.parseLong(range.group(2)),
                    Long.parseLong(range.group(3)),
                    Long.parseLong(range.group(4))));
        }
        return new OriginRanges(ranges);
    }
}
