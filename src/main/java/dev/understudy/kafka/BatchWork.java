package dev.understudy.kafka;

import java.util.List;

/**
 * What a pipeline stage does with the records of one poll, all at once. Called from several stream threads.
 *
 * @param <T> a decoded record
 * @param <R> what becomes of it
 */
@FunctionalInterface
public interface BatchWork<T, R> {
    /**
     * Works a batch. What becomes of a row must not depend on the rows beside it, since any row may be worked again
     * alone.
     *
     * @param polledNanos {@link System#nanoTime()} when the rows were polled
     * @return one result for each row, in the rows' order
     */
    List<R> apply(List<T> rows, long polledNanos);
}
