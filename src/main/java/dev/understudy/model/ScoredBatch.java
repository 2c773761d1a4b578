package dev.understudy.model;

import dev.understudy.domain.RowResult;
import java.util.List;

/**
 * The answers to a batch, in the order of its rows.
 *
 * @param nanos duration of the model call in nanoseconds, also when it failed; 0 when no row could be given to it
 * @param rows rows in the model call: those that failed before it are not counted
 */
public record ScoredBatch(List<RowResult> results, long nanos, int rows) {}
