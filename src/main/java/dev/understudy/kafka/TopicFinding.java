package dev.understudy.kafka;

import java.util.List;

/**
 * What was found of one topic.
 *
 * @param partitions that it has; 0 when it is missing
 * @param replication the least of its partitions; 0 when it is missing
 * @param differences each says what is, and what would be right; empty unless the state is DIFFERS
 */
public record TopicFinding(String topic, State state, int partitions, int replication, List<String> differences) {

    /** How a topic stands. */
    public enum State {
        /** It was there and is as it is to be. */
        OK,
        /** It was not there and was created. */
        CREATED,
        /** It is not there. */
        MISSING,
        /** It is there and is not as it is to be. */
        DIFFERS
    }

    public TopicFinding {
        differences = List.copyOf(differences);
    }
}
