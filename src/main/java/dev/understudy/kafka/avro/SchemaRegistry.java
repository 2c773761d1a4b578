package dev.understudy.kafka.avro;

import org.apache.avro.Schema;

/**
 * Knows schemas by number. Implementations are safe to use from several threads and remember what they were told, so
 * that asking again is cheap.
 */
public interface SchemaRegistry extends AutoCloseable {

    /** A schema as it stands in the registry. */
    record Registered(int id, Schema schema) {}

    /** The number of the schema under the subject; registers it if it is new there. */
    int register(String subject, Schema schema);

    /**
     * The number of exactly this schema under the subject.
     *
     * @throws NotRegisteredException if the schema is not registered there
     */
    int idOf(String subject, Schema schema);

    /**
     * The latest version of the subject; never remembered, since it changes.
     *
     * @throws NotRegisteredException if the subject has no version
     */
    Registered latest(String subject);

    /**
     * The schema of that number.
     *
     * @throws UnreadableRecordException if the registry answers that it has none of that number, or none of Avro
     */
    Schema byId(int id);

    @Override
    void close();
}
