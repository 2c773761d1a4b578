package dev.understudy.flags.plan;

import java.util.ArrayList;
import java.util.List;

/** A difference of two texts as {@code patch} reads it, in one piece: from the first line that differs to the last. */
final class UnifiedDiff {
    private static final int CONTEXT = 3;

    private UnifiedDiff() {}

    static String of(String name, String before, String after) {
        List<String> old = lines(before);
        List<String> fresh = lines(after);
        int same = 0;
        while (same < Math.min(old.size(), fresh.size()) && old.get(same).equals(fresh.get(same))) {
            same++;
        }
        int tail = 0;
        while (tail < Math.min(old.size(), fresh.size()) - same
                && old.get(old.size() - 1 - tail).equals(fresh.get(fresh.size() - 1 - tail))) {
            tail++;
        }
        int from = Math.max(0, same - CONTEXT);
        int after3 = Math.min(tail, CONTEXT);
        int oldEnd = old.size() - tail + after3;
        int freshEnd = fresh.size() - tail + after3;
        StringBuilder diff = new StringBuilder("--- " + name + "\n+++ " + name + "\n");
        diff.append("@@ -")
                .append(range(from, oldEnd))
                .append(" +")
                .append(range(from, freshEnd))
                .append(" @@\n");
        append(diff, ' ', old.subList(from, same));
        append(diff, '-', old.subList(same, old.size() - tail));
        append(diff, '+', fresh.subList(same, fresh.size() - tail));
        append(diff, ' ', old.subList(old.size() - tail, oldEnd));
        return diff.toString();
    }

    /** Lines with their ends, so that a last line without one differs from the same line with one. */
    private static List<String> lines(String text) {
        List<String> lines = new ArrayList<>();
        for (int start = 0; start < text.length(); ) {
            int end = text.indexOf('\n', start) + 1;
            end = end == 0 ? text.length() : end;
            lines.add(text.substring(start, end));
            start = end;
        }
        return lines;
    }

    private static String range(int from, int end) {
        return (end == from ? from : from + 1) + "," + (end - from);
    }

    private static void append(StringBuilder diff, char sign, List<String> lines) {
        for (String line : lines) {
            diff.append(sign).append(line);
            if (!line.endsWith("\n")) {
                diff.append("\n\\ No newline at end of file\n");
            }
        }
    }
}
