package dev.understudy.kafka;

import org.jspecify.annotations.Nullable;

/**
 * A decoded record as a pipeline stage's source hands it on.
 *
 * @param ahead the result of the record, where its batch was worked ahead; null where it has to be worked alone
 * @param polledNanos {@link System#nanoTime()} when the record was polled, or decoded where no poll was seen
 */
public record Polled<T, R>(T value, @Nullable R ahead, long polledNanos) {}
