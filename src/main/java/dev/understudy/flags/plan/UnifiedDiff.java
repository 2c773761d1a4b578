package dev.understudy.flags.plan;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.List;

/** The least difference of two texts, as {@code patch} reads it. */
final class UnifiedDiff {
    private static final int CONTEXT = 3;
    private static final int HEADERS = 2;

    private UnifiedDiff() {}

    static String of(String name, String before, String after) {
        List<String> old = lines(before);
        List<String> difference =
                UnifiedDiffUtils.generateUnifiedDiff(name, name, old, DiffUtils.diff(old, lines(after)), CONTEXT);
        StringBuilder diff = new StringBuilder();
        for (int i = 0; i < difference.size(); i++) {
            String line = difference.get(i);
            diff.append(line);
            if (i < HEADERS || line.startsWith("@@")) {
                diff.append('\n');
            } else if (!line.endsWith("\n")) {
                diff.append("\n\\ No newline at end of file\n");
            }
        }
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
}
