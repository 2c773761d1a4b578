package dev.understudy.kafka;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * How a pipeline stage is.
 *
 * @param state Kafka Streams' state, e.g. {@code RUNNING}; {@code CREATED} before the start
 * @param failure why it ended, for people
 * @param lag records that wait in its input; empty while unknown
 * @param restoring records of its state that it still has to read from Kafka; empty while it restores none
 * @param deadLetters records it sent to {@code dead-letters} since start
 * @param ahead how scoring ahead went, where the stage scores
 */
public record StageHealth(
        String stage,
        String state,
        Optional<String> failure,
        OptionalLong lag,
        OptionalLong restoring,
        long deadLetters,
        Optional<AheadCounts> ahead) {
    /** What Kafka Streams calls the state of one that is not started yet. */
    private static final String CREATED = "CREATED";

    /** Of a stage that is to be started. */
    public static StageHealth created(String stage) {
        return new StageHealth(
                stage, CREATED, Optional.empty(), OptionalLong.empty(), OptionalLong.empty(), 0, Optional.empty());
    }
}
