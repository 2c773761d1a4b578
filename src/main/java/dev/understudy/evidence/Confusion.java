package dev.understudy.evidence;

import java.util.List;

/**
 * Production's labels (rows) against the candidate's (columns).
 *
 * @param labels at most 16, sorted; the last row and column of {@code counts} stand for all others
 */
public record Confusion(List<String> labels, long[][] counts) {
    public Confusion {
        labels = List.copyOf(labels);
    }
}
