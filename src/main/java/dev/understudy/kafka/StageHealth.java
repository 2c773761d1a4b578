package dev.understudy.kafka;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a pipeline stage is.
 *
 * @param state Kafka Streams' state, e.g. {@code RUNNING}; {@code CREATED} before the start
 * @param failure why it ended, for people
 * @param lag records that wait in its input; empty while unknown
 * @param deadLetters records it sent to {@code dead-letters} since start
 * @param ahead how scoring ahead went, where the stage scores
 */
public record StageHealth(
        String stage,
        String state,
        Optional<String> failure,
        OptionalLong lag,
        long deadLetters,
        Optional<AheadCounts> ahead) {}
