package dev.understudy.kafka.avro;

/**
 * How the schema of a topic's values stands in the registry.
 *
 * @param what names subject and schema and, where something is wrong, what would be right
 */
public record SchemaFinding(String subject, State state, String what) {
    /** How it stands. */
    public enum State {
        /** It is there. */
        REGISTERED,
        /** The subject is not there yet: the first record registers it. */
        NEW,
        /** Another version is there that fits: the first record registers this one. */
        CHANGED,
        /** It is not there, and nobody registers it by itself. */
        MISSING,
        /** Another version is there whose records and these cannot be read by each other's readers. */
        INCOMPATIBLE
    }
}
